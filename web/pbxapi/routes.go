// Package pbxapi has the operations on calls, meetings, numbers, lines and desk phones.
package pbxapi

import (
	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/voicemail"
	"frontdesk/sip"
	"frontdesk/web/api"
	"frontdesk/web/live"
)

// New makes the operations; phones is nil when SIP is switched off.
func New(dir *directory.Directory, exchange *pbx.Exchange, core *crmcore.Core, desk *live.Server,
	phones *sip.Server, said *prompts.Prompts, left *voicemail.Messages) *Operations {
	return &Operations{directory: dir, exchange: exchange, core: core, live: desk, sip: phones, prompts: said,
		voicemail: left}
}

// Routes registers the operations.
func (o *Operations) Routes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "GET /calls", Summary: "History of calls, newest first"}, o.listCalls)
	api.Add(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "GET /calls/active", Summary: "Calls that run now on this node"}, o.activeCalls)
	api.Add(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "GET /calls/waiting", Summary: "Calls that one may take now: parked ones, and those that ring colleagues of one's groups"}, o.waiting)
	api.Add(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "GET /calls/{id}", Summary: "One call"}, o.getCall)
	api.Add(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "GET /calls/{id}/card", Summary: "Whom a call is with, as it is known now"}, o.callCard)
	api.Do(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "POST /calls/{id}/hangup", Summary: "End a running call one takes part in", Calls: true}, o.hangupCall)

	api.Add(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "GET /numbers", Summary: "Our numbers and where their calls go"}, o.listNumbers)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /numbers/{e164}", Summary: "Add or change a number"}, o.putNumber)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "DELETE /numbers/{e164}", Summary: "Give a number up"}, o.deleteNumber)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /trunks", Summary: "Lines to the outside"}, o.listTrunks)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "POST /trunks", Summary: "Add a trunk", Status: 201}, o.createTrunk)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /trunks/{id}", Summary: "One trunk"}, o.getTrunk)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PATCH /trunks/{id}", Summary: "Change a trunk"}, o.updateTrunk)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "DELETE /trunks/{id}", Summary: "Remove a trunk"}, o.deleteTrunk)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /trunks/status", Summary: "How each active trunk does"}, o.trunkStatuses)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /trunks/{id}/status", Summary: "Is it registered, does it answer"}, o.trunkStatus)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "POST /trunks/{id}/test", Summary: "Ask the peer now (SIP OPTIONS, and REGISTER where it is used)"}, o.testTrunk)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /schedules", Summary: "Working hours, by name"}, o.listSchedules)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "POST /schedules", Summary: "Add working hours", Status: 201}, o.createSchedule)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /schedules/{id}", Summary: "Change working hours"}, o.putSchedule)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "DELETE /schedules/{id}",
		Summary: "Remove working hours; refused while numbers or extensions have them"}, o.deleteSchedule)
	api.Add(f, api.Route{Tag: "Queues", Access: api.Users, Pattern: "GET /queues", Summary: "Queues, by name"}, o.listQueues)
	api.Add(f, api.Route{Tag: "Queues", Access: api.Admins, Pattern: "POST /queues", Summary: "Add a queue", Status: 201}, o.createQueue)
	api.Add(f, api.Route{Tag: "Queues", Access: api.Admins, Pattern: "PUT /queues/{id}", Summary: "Change a queue"}, o.putQueue)
	api.Do(f, api.Route{Tag: "Queues", Access: api.Admins, Pattern: "DELETE /queues/{id}",
		Summary: "Remove a queue; refused while something leads there"}, o.deleteQueue)
	api.Add(f, api.Route{Tag: "Queues", Access: api.Users, Pattern: "GET /queues/live",
		Summary: "Who waits in the queues of which one is an agent, and what their agents do; all queues for administrators"}, o.liveQueues)
	api.Do(f, api.Route{Tag: "Queues", Access: api.Users, Pattern: "PUT /agents/{id}",
		Summary: "Log oneself in or out of one's queues, or pause; administrators do it for others"}, o.putAgent)

	api.Add(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "GET /hunt-groups", Summary: "Hunt groups, by name"}, o.listHuntGroups)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "POST /hunt-groups", Summary: "Add a hunt group", Status: 201}, o.createHuntGroup)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /hunt-groups/{id}", Summary: "Change a hunt group"}, o.putHuntGroup)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "DELETE /hunt-groups/{id}",
		Summary: "Remove a hunt group; refused while something leads there"}, o.deleteHuntGroup)
	o.machineRoutes(f)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "GET /extensions", Summary: "Internal numbers"}, o.listExtensions)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /extensions/{number}", Summary: "Add or change an extension"}, o.putExtension)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "DELETE /extensions/{number}", Summary: "Remove an extension"}, o.deleteExtension)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /devices", Summary: "Accounts of desk phones, and where they are registered"}, o.listDevices)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "POST /devices", Summary: "Make an account for a desk phone; its password is shown only now. An API token does not", Status: 201}, o.createDevice)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PATCH /devices/{id}", Summary: "Change a desk phone's account"}, o.updateDevice)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "POST /devices/{id}/password",
		Summary: "Give a desk phone's account another password, shown only now; its registrations end, its calls go on"}, o.renewDevice)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "DELETE /devices/{id}", Summary: "Remove a desk phone's account"}, o.deleteDevice)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "GET /me/call-handling", Summary: "How one wants to be called"}, o.ownHandling)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "PUT /me/call-handling",
		Summary: "Say how one wants to be called: do not disturb, forwarding, own hours"}, o.putOwnHandling)
	api.Do(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "PUT /me/do-not-disturb", Summary: "Switch do not disturb on or off"}, o.putDisturb)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /users/{id}/call-handling", Summary: "How a user wants to be called"}, o.handling)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /users/{id}/call-handling", Summary: "Say for a user how he wants to be called"}, o.putHandling)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Users, Pattern: "GET /telephony/codes", Summary: "What is dialled for which feature; empty: none"}, o.getCodes)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /telephony/codes", Summary: "Change feature codes; those left out stay"}, o.putCodes)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /outbound", Summary: "What may be called outside"}, o.getOutbound)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /outbound", Summary: "Change what may be called outside"}, o.putOutbound)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /outbound/routes", Summary: "Over which trunks calls go out, in order"}, o.listOutboundRoutes)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "PUT /outbound/routes", Summary: "Change over which trunks calls go out"}, o.putOutboundRoutes)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /outbound/trial", Summary: "What would become of a call outside"}, o.tryOut)
	api.Add(f, api.Route{Tag: "Telephony", Access: api.Admins, Pattern: "GET /telephony/route", Summary: "Who would answer a call to one of our numbers: a dry run"}, o.tryCall)

	api.Add(f, api.Route{Tag: "Meetings", Access: api.Users, Pattern: "GET /meetings", Summary: "Meeting rooms that one made or is invited to, the newest first"}, o.listMeetings)
	api.Add(f, api.Route{Tag: "Meetings", Access: api.Users, Pattern: "POST /meetings", Summary: "Make a meeting room", Status: 201}, o.createMeeting)
	api.Add(f, api.Route{Tag: "Meetings", Access: api.Users, Pattern: "GET /meetings/{id}", Summary: "One meeting room"}, o.getMeeting)
	api.Add(f, api.Route{Tag: "Meetings", Access: api.Users, Pattern: "PATCH /meetings/{id}", Summary: "Change the title of a meeting room of one's own, what it is about, or who is invited"}, o.updateMeeting)
	api.Do(f, api.Route{Tag: "Meetings", Access: api.Users, Pattern: "DELETE /meetings/{id}", Summary: "Remove a meeting room of one's own"}, o.deleteMeeting)
}
