// Package pbxapi has the operations on calls, meetings, numbers, lines and desk phones.
package pbxapi

import (
	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/report"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
	"frontdesk/pbx/words"
	"frontdesk/sip"
	"frontdesk/web/api"
	"frontdesk/web/live"
)

// New makes the operations; phones is nil when SIP is switched off.
func New(dir *directory.Directory, exchange *pbx.Exchange, core *crmcore.Core, desk *live.Server,
	phones *sip.Server, said *prompts.Prompts, left *voicemail.Messages, tolls *toll.Tolls,
	sums *report.Reports, taken *recording.Recordings,
	overheard *supervision.Book, written *words.Words) *Operations {
	return &Operations{directory: dir, exchange: exchange, core: core, live: desk, sip: phones, prompts: said,
		voicemail: left, tolls: tolls, reports: sums, recordings: taken, supervision: overheard, words: written}
}

// Routes registers the operations.
func (o *Operations) Routes(f *api.Frame) {
	o.callRoutes(f)
	o.reportRoutes(f)
	o.recordingRoutes(f)
	o.wordRoutes(f)
	o.supervisionRoutes(f)
	o.numberRoutes(f)
	o.machineRoutes(f)
	o.voicemailRoutes(f)
	o.trunkRoutes(f)
	o.queueRoutes(f)
	o.deviceRoutes(f)
	o.handlingRoutes(f)
	o.outboundRoutes(f)
	o.meetingRoutes(f)
}

// callRoutes registers what calls are, were and wait for.
func (o *Operations) callRoutes(f *api.Frame) {
	api.Add(f, users("Calls", "GET /calls", "History of calls, newest first"), o.listCalls)
	api.Add(f, users("Calls", "GET /calls/active", "Calls that run now on this node"), o.activeCalls)
	api.Add(f, users("Calls", "GET /calls/waiting",
		"Calls that one may take now: parked ones, and those that ring colleagues of one's groups"), o.waiting)
	api.Add(f, users("Calls", "GET /calls/{id}", "One call"), o.getCall)
	api.Add(f, users("Calls", "GET /calls/{id}/card", "Whom a call is with, as it is known now"), o.callCard)
	hangUp := users("Calls", "POST /calls/{id}/hangup", "End a running call one takes part in")
	hangUp.Calls = true
	api.Do(f, hangUp, o.hangupCall)
}

// numberRoutes registers numbers, extensions, hunt groups and hours: what is dialled, and where it leads.
func (o *Operations) numberRoutes(f *api.Frame) {
	api.Add(f, users("Telephony", "GET /numbers", "Our numbers and where their calls go"), o.listNumbers)
	api.Add(f, admins("Telephony", "PUT /numbers/{e164}", "Add or change a number"), o.putNumber)
	api.Do(f, admins("Telephony", "DELETE /numbers/{e164}", "Give a number up"), o.deleteNumber)
	api.Add(f, admins("Telephony", "GET /schedules", "Working hours, by name"), o.listSchedules)
	api.Add(f, created(admins("Telephony", "POST /schedules", "Add working hours")), o.createSchedule)
	api.Add(f, admins("Telephony", "PUT /schedules/{id}", "Change working hours"), o.putSchedule)
	api.Do(f, admins("Telephony", "DELETE /schedules/{id}",
		"Remove working hours; refused while numbers or extensions have them"), o.deleteSchedule)
	api.Add(f, users("Telephony", "GET /hunt-groups", "Hunt groups, by name"), o.listHuntGroups)
	api.Add(f, created(admins("Telephony", "POST /hunt-groups", "Add a hunt group")), o.createHuntGroup)
	api.Add(f, admins("Telephony", "PUT /hunt-groups/{id}", "Change a hunt group"), o.putHuntGroup)
	api.Do(f, admins("Telephony", "DELETE /hunt-groups/{id}",
		"Remove a hunt group; refused while something leads there"), o.deleteHuntGroup)
	api.Add(f, users("Telephony", "GET /extensions", "Internal numbers"), o.listExtensions)
	api.Add(f, admins("Telephony", "PUT /extensions/{number}", "Add or change an extension"), o.putExtension)
	api.Do(f, admins("Telephony", "DELETE /extensions/{number}", "Remove an extension"), o.deleteExtension)
	api.Add(f, admins("Telephony", "GET /telephony/route", "Who would answer a call to one of our numbers: a dry run"),
		o.tryCall)
}

// trunkRoutes registers the ways to the outside.
func (o *Operations) trunkRoutes(f *api.Frame) {
	api.Add(f, admins("Telephony", "GET /trunks", "Lines to the outside"), o.listTrunks)
	api.Add(f, created(admins("Telephony", "POST /trunks", "Add a trunk")), o.createTrunk)
	api.Add(f, admins("Telephony", "GET /trunks/{id}", "One trunk"), o.getTrunk)
	api.Add(f, admins("Telephony", "PATCH /trunks/{id}", "Change a trunk"), o.updateTrunk)
	api.Do(f, admins("Telephony", "DELETE /trunks/{id}", "Remove a trunk"), o.deleteTrunk)
	api.Add(f, admins("Telephony", "GET /trunks/status", "How each active trunk does"), o.trunkStatuses)
	api.Add(f, admins("Telephony", "GET /trunks/{id}/status", "Is it registered, does it answer"), o.trunkStatus)
	api.Add(f, admins("Telephony", "POST /trunks/{id}/test",
		"Ask the peer now (SIP OPTIONS, and REGISTER where it is used)"), o.testTrunk)
	api.Add(f, admins("Telephony", "POST /trunks/{id}/call",
		"Call a number through the trunk, listen whether sound comes, and hang up"), o.testCall)
}

// queueRoutes registers queues and their agents.
func (o *Operations) queueRoutes(f *api.Frame) {
	api.Add(f, users("Queues", "GET /queues", "Queues, by name"), o.listQueues)
	api.Add(f, created(admins("Queues", "POST /queues", "Add a queue")), o.createQueue)
	api.Add(f, admins("Queues", "PUT /queues/{id}", "Change a queue"), o.putQueue)
	api.Do(f, admins("Queues", "DELETE /queues/{id}", "Remove a queue; refused while something leads there"),
		o.deleteQueue)
	api.Add(f, users("Queues", "GET /queues/live",
		"Who waits in the queues of which one is an agent, and what their agents do; all queues for administrators"),
		o.liveQueues)
	api.Do(f, users("Queues", "DELETE /queues/{id}/callbacks/{call}",
		"Have a caller not called back who asked for it; for agents of the queue and administrators"), o.cancelCallback)
	api.Do(f, users("Queues", "PUT /agents/{id}",
		"Log oneself in or out of one's queues, or pause; administrators do it for others"), o.putAgent)
}

// deviceRoutes registers desk phones.
func (o *Operations) deviceRoutes(f *api.Frame) {
	api.Add(f, admins("Telephony", "GET /devices", "Accounts of desk phones, and where they are registered"),
		o.listDevices)
	api.Add(f, created(admins("Telephony", "POST /devices",
		"Make an account for a desk phone; its password is shown only now. An API token does not")),
		o.createDevice)
	api.Add(f, admins("Telephony", "PATCH /devices/{id}", "Change a desk phone's account"), o.updateDevice)
	api.Add(f, admins("Telephony", "POST /devices/{id}/password",
		"Give a desk phone's account another password, shown only now; its registrations end, its calls go on"),
		o.renewDevice)
	api.Do(f, admins("Telephony", "DELETE /devices/{id}", "Remove a desk phone's account"), o.deleteDevice)
}

// handlingRoutes registers how people want to be called, and the codes they dial for it.
func (o *Operations) handlingRoutes(f *api.Frame) {
	api.Add(f, users("Telephony", "GET /me/call-handling", "How one wants to be called"), o.ownHandling)
	api.Add(f, users("Telephony", "PUT /me/call-handling",
		"Say how one wants to be called: do not disturb, forwarding, own hours"), o.putOwnHandling)
	api.Do(f, users("Telephony", "PUT /me/do-not-disturb", "Switch do not disturb on or off"), o.putDisturb)
	api.Add(f, admins("Telephony", "GET /users/{id}/call-handling", "How a user wants to be called"), o.handling)
	api.Add(f, admins("Telephony", "PUT /users/{id}/call-handling", "Say for a user how he wants to be called"),
		o.putHandling)
	api.Add(f, users("Telephony", "GET /telephony/codes", "What is dialled for which feature; empty: none"), o.getCodes)
	api.Add(f, admins("Telephony", "PUT /telephony/codes", "Change feature codes; those left out stay"), o.putCodes)
	api.Add(f, admins("Telephony", "GET /telephony/hold-music", "What who waits hears"), o.getMusic)
	api.Add(f, admins("Telephony", "PUT /telephony/hold-music",
		"Choose what who waits hears; queues may have their own"), o.putMusic)
}

// outboundRoutes registers what may be called outside, and which way.
func (o *Operations) outboundRoutes(f *api.Frame) {
	api.Add(f, admins("Telephony", "GET /outbound", "What may be called outside"), o.getOutbound)
	api.Add(f, admins("Telephony", "PUT /outbound", "Change what may be called outside"), o.putOutbound)
	api.Add(f, admins("Telephony", "GET /outbound/routes", "Over which trunks calls go out, in order"),
		o.listOutboundRoutes)
	api.Add(f, admins("Telephony", "PUT /outbound/routes", "Change over which trunks calls go out"),
		o.putOutboundRoutes)
	api.Add(f, admins("Telephony", "GET /outbound/limits", "What calls outside may come to"), o.getLimits)
	api.Add(f, admins("Telephony", "PUT /outbound/limits", "Change what calls outside may come to"), o.putLimits)
	api.Add(f, admins("Telephony", "GET /outbound/stops",
		"Whose calls outside are stopped, for there were unusually many"), o.listStops)
	api.Do(f, admins("Telephony", "DELETE /outbound/stops/{id}", "Let somebody call outside again"), o.allow)
	api.Add(f, admins("Telephony", "GET /outbound/trial", "What would become of a call outside"), o.tryOut)
}

// meetingRoutes registers meeting rooms.
func (o *Operations) meetingRoutes(f *api.Frame) {
	api.Add(f, users("Meetings", "GET /meetings", "Meeting rooms that one made or is invited to, the newest first"),
		o.listMeetings)
	api.Add(f, created(users("Meetings", "POST /meetings", "Make a meeting room")), o.createMeeting)
	api.Add(f, users("Meetings", "GET /meetings/{id}", "One meeting room"), o.getMeeting)
	api.Add(f, users("Meetings", "PATCH /meetings/{id}",
		"Change the title of a meeting room of one's own, what it is about, or who is invited"), o.updateMeeting)
	api.Do(f, users("Meetings", "DELETE /meetings/{id}", "Remove a meeting room of one's own"), o.deleteMeeting)
}
