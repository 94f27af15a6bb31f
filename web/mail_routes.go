package web

import (
	"frontdesk/crmcore"
	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/queue"
)

// newMailOps makes the operations; host is the name our MX records point to, "" for "mail." and the domain.
func newMailOps(box *mail.Box, out *queue.Queue, core *crmcore.Core, maxMail int64, host string) *mailOps {
	return &mailOps{box: box, queue: out, core: core, maxMail: maxMail, host: host, parcels: guard.NewCounter[string](maxParcels, maxUserParcels)}
}

// routes registers the operations.
func (o *mailOps) routes(f *frame) {
	add(f, route{tag: "Mail settings", access: admins, pattern: "GET /mail/domains", summary: "Mail domains"}, o.listDomains)
	add(f, route{tag: "Mail settings", access: admins, pattern: "POST /mail/domains", summary: "Add a mail domain and make its DKIM key", status: 201}, o.createDomain)
	add(f, route{tag: "Mail settings", access: admins, pattern: "GET /mail/domains/{name}/records", summary: "The DNS records to publish"}, o.domainRecords)
	add(f, route{tag: "Mail settings", access: admins, pattern: "GET /mail/queue", summary: "Mail that waits to be sent"}, o.listQueue)
	do(f, route{tag: "Mail settings", access: admins, pattern: "POST /mail/queue/{id}/retry", summary: "Try to send now"}, o.retryQueued)
	do(f, route{tag: "Mail settings", access: admins, pattern: "DELETE /mail/queue/{id}", summary: "Give up sending, without a notice"}, o.dropQueued)
	add(f, route{tag: "Mail settings", access: admins, pattern: "POST /mail/mailboxes", summary: "Create a mailbox", status: 201}, o.createMailbox)
	do(f, route{tag: "Mail settings", access: admins, pattern: "DELETE /mail/domains/{name}", summary: "Give a mail domain up; it must have no mailboxes"}, o.deleteDomain)
	do(f, route{tag: "Mail settings", access: admins, pattern: "DELETE /mail/mailboxes/{id}", summary: "Remove a mailbox with all its mail"}, o.deleteMailbox)
	add(f, route{tag: "Mail settings", access: admins, pattern: "PATCH /mail/mailboxes/{id}", summary: "Change a mailbox's name, users or quota"}, o.updateMailbox)

	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/mailboxes", summary: "Mailboxes of the user; ?all=true: all, for an admin"}, o.listMailboxes)
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/mailboxes/{id}/folders", summary: "Folders with their counts"}, o.listFolders)
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/messages", summary: "Messages of a folder, newest first"}, o.listMessages)
	do(f, route{tag: "Mail", access: users, pattern: "PATCH /mail/messages", summary: "Mark or move several messages"}, o.updateMessages)
	do(f, route{tag: "Mail", access: users, pattern: "DELETE /mail/messages/{id}", summary: "Move a message to Trash; one in Trash is removed for good"}, o.deleteMessage)
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/threads", summary: "Conversations of a folder, the newest first"}, o.listThreads)
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/threads/{id}", summary: "Messages of a thread, oldest first"}, o.mailThread)
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/messages/{id}", summary: "A message as a person reads it; ?remote=true: with its remote images"}, o.getMessage)
	raw(f, route{tag: "Mail", access: users, pattern: "GET /mail/messages/{id}/raw", summary: "The message as it came (RFC 5322)", streams: "message/rfc822"}, o.rawMessage)
	raw(f, route{tag: "Mail", access: users, pattern: "GET /mail/messages/{id}/files/{part}", summary: "An attachment", streams: "application/octet-stream"}, o.attachment)
	do(f, route{tag: "Mail", access: users, pattern: "PATCH /mail/messages/{id}", summary: "Mark or move a message"}, o.updateMessage)
	add(f, route{tag: "Mail", access: users, pattern: "POST /mail/send", summary: "Send a mail; with reply, an answer", status: 202}, o.sendMail)
	add(f, route{tag: "Mail", access: users, pattern: "POST /mail/send/files", summary: "Send a mail with files: first the mail, then each file", status: 202}, o.sendParcel)
	f.documentForm("/mail/send/files", parcelForm())
	add(f, route{tag: "Mail", access: users, pattern: "POST /mail/drafts", summary: "Save a draft: a new one, or another version of one"}, o.saveDraft)
	add(f, route{tag: "Mail", access: users, pattern: "POST /mail/drafts/files", summary: "Save a draft with more files: first the draft, then each file"}, o.saveDraftFiles)
	f.documentForm("/mail/drafts/files", draftForm())
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/drafts/{id}", summary: "A draft, to go on with it"}, o.getDraft)
	add(f, route{tag: "Mail", access: users, pattern: "POST /mail/drafts/{id}/send", summary: "Send a draft as it is stored", status: 202}, o.sendDraft)
	add(f, route{tag: "Mail", access: users, pattern: "GET /mail/limits", summary: "How big a mail may be"}, o.mailLimits)
}
