// Package mailapi has the operations on mail, mailboxes and mail domains.
package mailapi

import (
	"frontdesk/guard"
	"frontdesk/web/api"
)

// New makes the operations; a mail has at most maxMail bytes.
func New(d Deps, maxMail int64) *Operations {
	return &Operations{box: d.Box, queue: d.Queue, domains: d.Domains, passwords: d.Passwords, desk: d.Desk,
		team: d.Team, hosts: d.Hosts, limits: d.Limits, dead: d.Dead,
		greylist: d.Greylist, carbon: d.Carbon, exclusions: d.Exclusions,
		reports: d.Reports, telling: d.Telling, stopped: d.Quarantine, scanner: d.Scanner,
		kit: d.Kit, rules: d.Rules, remote: d.Elsewhere, core: d.Core, offers: d.Offers, ends: d.Ends,
		demo: d.Demo, maxMail: maxMail,
		parcels: guard.NewCounter[string](maxParcels, maxUserParcels)}
}

// Routes registers the operations.
func (o *Operations) Routes(f *api.Frame) {
	o.routesElsewhere(f)
	o.routesDomains(f)
	o.routesPasswords(f)
	o.routesQueue(f)
	o.routesDead(f)
	o.routesQuarantine(f)
	o.routesFiling(f)
	o.routesMailboxes(f)
	o.routesMail(f)
	o.offerRoutes(f)
}

func (o *Operations) routesMailboxes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "POST /mail/mailboxes",
		Summary: "Create a mailbox", Status: 201}, o.createMailbox)
	api.Do(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "DELETE /mail/mailboxes/{id}",
		Summary: "Remove a mailbox with all its mail"}, o.deleteMailbox)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "PATCH /mail/mailboxes/{id}",
		Summary: "Change a mailbox's name, users or quota"}, o.updateMailbox)

	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes",
		Summary: "Mailboxes of the user; ?all=true: all, for an admin"}, o.listMailboxes)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes/{id}/folders",
		Summary: "Folders with their counts"}, o.listFolders)
	api.Raw(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes/{id}/profile",
		Summary: "A configuration profile that sets the mailbox up on Apple's phones and computers",
		Streams: "application/x-apple-aspen-config"}, o.profile)
}

func (o *Operations) routesMail(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/messages",
		Summary: "Messages of a folder, newest first"}, o.listMessages)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PATCH /mail/messages",
		Summary: "Mark or move several messages"}, o.updateMessages)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/messages/{id}",
		Summary: "Move a message to Trash; one in Trash is removed for good"}, o.deleteMessage)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/threads",
		Summary: "Conversations of a folder, the newest first"}, o.listThreads)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/threads/{id}",
		Summary: "Messages of a thread, oldest first"}, o.mailThread)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/messages/{id}",
		Summary: "A message as a person reads it; ?remote=true: with its remote images"}, o.getMessage)
	api.Raw(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/messages/{id}/raw",
		Summary: "The message as it came (RFC 5322)", Streams: "message/rfc822"}, o.rawMessage)
	api.Raw(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/messages/{id}/files/{part}",
		Summary: "An attachment", Streams: "application/octet-stream"}, o.attachment)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PATCH /mail/messages/{id}",
		Summary: "Mark or move a message"}, o.updateMessage)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/send",
		Summary: "Send a mail; with reply, an answer", Status: 202}, o.sendMail)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/send/files",
		Summary: "Send a mail with files: first the mail, then each file", Status: 202}, o.sendParcel)
	f.DocumentForm("/mail/send/files", parcelForm())
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/drafts",
		Summary: "Save a draft: a new one, or another version of one"}, o.saveDraft)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/drafts/files",
		Summary: "Save a draft with more files: first the draft, then each file"}, o.saveDraftFiles)
	f.DocumentForm("/mail/drafts/files", draftForm())
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/drafts/{id}",
		Summary: "A draft, to go on with it"}, o.getDraft)
	o.deskRoutes(f)
	o.teamRoutes(f)
	o.dealRoutes(f)
	o.laterRoutes(f)
	o.composeRoutes(f)
	o.ruleRoutes(f)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/limits",
		Summary: "How big a mail may be"},
		o.mailLimits)
}
