package pbxapi

import (
	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
	"frontdesk/sip"
	"frontdesk/web/live"
)

// Operations are the operations on calls, meetings, numbers, lines and desk phones.
type Operations struct {
	directory *directory.Directory
	exchange  *pbx.Exchange
	core      *crmcore.Core
	live      *live.Server
	sip       *sip.Server // nil when SIP is switched off
	prompts   *prompts.Prompts
	voicemail *voicemail.Messages
	tolls     *toll.Tolls
}
