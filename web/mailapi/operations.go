package mailapi

import (
	"frontdesk/crmcore"
	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/desk"
	"frontdesk/mail/queue"
	"frontdesk/mail/remote"
)

// Operations are the operations on mail, mailboxes and mail domains.
type Operations struct {
	box     *mail.Box
	queue   *queue.Queue
	desk    *desk.Desk
	remote  *remote.Accounts
	core    *crmcore.Core
	maxMail int64                  // bytes of a mail
	host    string                 // name our MX records point to; default "mail." and the domain
	parcels *guard.Counter[string] // mails with files on their way in
}
