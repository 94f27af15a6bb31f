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

// Operations are the operations on calls, meetings, numbers, lines and desk phones.
type Operations struct {
	directory   *directory.Directory
	exchange    *pbx.Exchange
	core        *crmcore.Core
	live        *live.Server
	sip         *sip.Server // nil when SIP is switched off
	prompts     *prompts.Prompts
	voicemail   *voicemail.Messages
	tolls       *toll.Tolls
	reports     *report.Reports
	recordings  *recording.Recordings
	supervision *supervision.Book
	words       *words.Words
}

// users is an operation that everybody may ask for who is logged in.
func users(tag, pattern, summary string) api.Route {
	return api.Route{Tag: tag, Access: api.Users, Pattern: pattern, Summary: summary}
}

// admins is one for administrators alone.
func admins(tag, pattern, summary string) api.Route {
	return api.Route{Tag: tag, Access: api.Admins, Pattern: pattern, Summary: summary}
}

// created is an operation that makes something.
func created(r api.Route) api.Route {
	r.Status = 201
	return r
}
