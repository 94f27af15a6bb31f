package web

import (
	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip"
)

// newPhoneOps makes the operations; phones is nil when SIP is switched off.
func newPhoneOps(dir *directory.Directory, exchange *pbx.Exchange, core *crmcore.Core, desk *liveServer, phones *sip.Server) *phoneOps {
	return &phoneOps{directory: dir, exchange: exchange, core: core, live: desk, sip: phones}
}

// routes registers the operations.
func (o *phoneOps) routes(f *frame) {
	add(f, route{tag: "Calls", access: users, pattern: "GET /calls", summary: "History of calls, newest first"}, o.listCalls)
	add(f, route{tag: "Calls", access: users, pattern: "GET /calls/active", summary: "Calls that run now on this node"}, o.activeCalls)
	add(f, route{tag: "Calls", access: users, pattern: "GET /calls/{id}", summary: "One call"}, o.getCall)
	add(f, route{tag: "Calls", access: users, pattern: "GET /calls/{id}/card", summary: "Whom a call is with, as it is known now"}, o.callCard)
	do(f, route{tag: "Calls", access: users, pattern: "POST /calls/{id}/hangup", summary: "End a running call one takes part in", calls: true}, o.hangupCall)

	add(f, route{tag: "Telephony", access: users, pattern: "GET /numbers", summary: "Our numbers and where their calls go"}, o.listNumbers)
	add(f, route{tag: "Telephony", access: admins, pattern: "PUT /numbers/{e164}", summary: "Add or change a number"}, o.putNumber)
	do(f, route{tag: "Telephony", access: admins, pattern: "DELETE /numbers/{e164}", summary: "Give a number up"}, o.deleteNumber)
	add(f, route{tag: "Telephony", access: admins, pattern: "GET /trunks", summary: "Lines to the outside"}, o.listTrunks)
	add(f, route{tag: "Telephony", access: admins, pattern: "POST /trunks", summary: "Add a trunk", status: 201}, o.createTrunk)
	add(f, route{tag: "Telephony", access: admins, pattern: "GET /trunks/{id}", summary: "One trunk"}, o.getTrunk)
	add(f, route{tag: "Telephony", access: admins, pattern: "PATCH /trunks/{id}", summary: "Change a trunk"}, o.updateTrunk)
	do(f, route{tag: "Telephony", access: admins, pattern: "DELETE /trunks/{id}", summary: "Remove a trunk"}, o.deleteTrunk)
	add(f, route{tag: "Telephony", access: admins, pattern: "GET /trunks/status", summary: "How each active trunk does"}, o.trunkStatuses)
	add(f, route{tag: "Telephony", access: admins, pattern: "GET /trunks/{id}/status", summary: "Is it registered, does it answer"}, o.trunkStatus)
	add(f, route{tag: "Telephony", access: admins, pattern: "POST /trunks/{id}/test", summary: "Ask the peer now (SIP OPTIONS, and REGISTER where it is used)"}, o.testTrunk)
	add(f, route{tag: "Telephony", access: users, pattern: "GET /extensions", summary: "Internal numbers"}, o.listExtensions)
	add(f, route{tag: "Telephony", access: admins, pattern: "PUT /extensions/{number}", summary: "Add or change an extension"}, o.putExtension)
	do(f, route{tag: "Telephony", access: admins, pattern: "DELETE /extensions/{number}", summary: "Remove an extension"}, o.deleteExtension)
	add(f, route{tag: "Telephony", access: admins, pattern: "GET /devices", summary: "Accounts of desk phones, and where they are registered"}, o.listDevices)
	add(f, route{tag: "Telephony", access: admins, pattern: "POST /devices", summary: "Make an account for a desk phone; its password is shown only now", status: 201}, o.createDevice)
	do(f, route{tag: "Telephony", access: admins, pattern: "DELETE /devices/{id}", summary: "Remove a desk phone's account"}, o.deleteDevice)
	add(f, route{tag: "Telephony", access: admins, pattern: "GET /outbound", summary: "What may be called outside"}, o.getOutbound)
	add(f, route{tag: "Telephony", access: admins, pattern: "PUT /outbound", summary: "Change what may be called outside"}, o.putOutbound)

	add(f, route{tag: "Meetings", access: users, pattern: "GET /meetings", summary: "Meeting rooms that one made or is invited to, the newest first"}, o.listMeetings)
	add(f, route{tag: "Meetings", access: users, pattern: "POST /meetings", summary: "Make a meeting room", status: 201}, o.createMeeting)
	add(f, route{tag: "Meetings", access: users, pattern: "GET /meetings/{id}", summary: "One meeting room"}, o.getMeeting)
	add(f, route{tag: "Meetings", access: users, pattern: "PATCH /meetings/{id}", summary: "Change the title of a meeting room of one's own, what it is about, or who is invited"}, o.updateMeeting)
	do(f, route{tag: "Meetings", access: users, pattern: "DELETE /meetings/{id}", summary: "Remove a meeting room of one's own"}, o.deleteMeeting)
}
