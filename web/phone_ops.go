package web

import (
	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip"
)

// phoneOps are the operations on calls, meetings, numbers, lines and desk phones.
type phoneOps struct {
	directory *directory.Directory
	exchange  *pbx.Exchange
	core      *crmcore.Core
	live      *liveServer
	sip       *sip.Server // nil when SIP is switched off
}
