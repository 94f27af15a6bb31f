package web

import "frontdesk/crmcore"

// routes registers every operation of the API, on one page.
func (s *Server) routes() {
	s.routeLogin()
	s.routeCRM()
	s.routePeople()
	s.routeTelephony()
	s.routeMail()
	s.routeSystem()
}

func (s *Server) routeLogin() {
	raw(s, route{tag: "Log-in", access: anyone, pattern: "POST /login", summary: "Log in and get a session cookie", body: 8 << 10}, s.login)
	raw(s, route{tag: "Log-in", access: users, pattern: "POST /logout", summary: "End the session"}, s.logout)
	add(s, route{tag: "Log-in", access: users, pattern: "GET /me", summary: "Who is logged in, and what is theirs"}, s.me)
	do(s, route{tag: "Log-in", access: users, pattern: "POST /me/password", summary: "Change one's password; other sessions and API tokens end", person: true}, s.changePassword)
	add(s, route{tag: "Log-in", access: users, pattern: "GET /me/sessions", summary: "Where one is logged in", person: true}, s.listOwnSessions)
	do(s, route{tag: "Log-in", access: users, pattern: "DELETE /me/sessions", summary: "Log out everywhere but here; API tokens end", person: true}, s.endOtherSessions)
	do(s, route{tag: "Log-in", access: users, pattern: "DELETE /me/sessions/{id}", summary: "Log one of one's browsers out", person: true}, s.endOwnSession)
	add(s, route{tag: "Log-in", access: users, pattern: "GET /tokens", summary: "API tokens of one's own"}, s.listTokens)
	add(s, route{tag: "Log-in", access: users, pattern: "POST /tokens", summary: "Make an API token; it is shown only now", status: 201, person: true}, s.createToken)
	do(s, route{tag: "Log-in", access: users, pattern: "DELETE /tokens/{id}", summary: "Revoke an API token", person: true}, s.deleteToken)
	raw(s, route{tag: "Log-in", access: users, pattern: "POST /logout/everywhere", summary: "End all sessions and API tokens of one's own", person: true}, s.logoutEverywhere)
}

func (s *Server) routeCRM() {
	add(s, route{tag: "Contacts", access: users, pattern: "GET /contacts", summary: "List or search contacts"}, s.listContacts)
	add(s, route{tag: "Contacts", access: users, pattern: "POST /contacts", summary: "Create a contact", status: 201}, s.createContact)
	add(s, route{tag: "Contacts", access: users, pattern: "GET /contacts/{id}", summary: "One contact"}, s.getContact)
	add(s, route{tag: "Contacts", access: users, pattern: "PATCH /contacts/{id}", summary: "Change a contact"}, s.updateContact)
	do(s, route{tag: "Contacts", access: users, pattern: "DELETE /contacts/{id}", summary: "Delete a contact"}, s.delete(crmcore.KindContact))

	add(s, route{tag: "Companies", access: users, pattern: "GET /companies", summary: "List or search companies"}, s.listCompanies)
	add(s, route{tag: "Companies", access: users, pattern: "POST /companies", summary: "Create a company", status: 201}, s.createCompany)
	add(s, route{tag: "Companies", access: users, pattern: "GET /companies/{id}", summary: "One company"}, s.getCompany)
	add(s, route{tag: "Companies", access: users, pattern: "PATCH /companies/{id}", summary: "Change a company"}, s.updateCompany)
	do(s, route{tag: "Companies", access: users, pattern: "DELETE /companies/{id}", summary: "Delete a company"}, s.delete(crmcore.KindCompany))

	add(s, route{tag: "Leads", access: users, pattern: "GET /leads", summary: "List or search leads"}, s.listLeads)
	add(s, route{tag: "Leads", access: users, pattern: "POST /leads", summary: "Create a lead", status: 201}, s.createLead)
	add(s, route{tag: "Leads", access: users, pattern: "GET /leads/{id}", summary: "One lead"}, s.getLead)
	add(s, route{tag: "Leads", access: users, pattern: "PATCH /leads/{id}", summary: "Change a lead"}, s.updateLead)
	do(s, route{tag: "Leads", access: users, pattern: "DELETE /leads/{id}", summary: "Delete a lead"}, s.delete(crmcore.KindLead))
	add(s, route{tag: "Leads", access: users, pattern: "POST /leads/{id}/convert", summary: "Make a contact, and a deal when asked for, of a lead"}, s.convertLead)

	add(s, route{tag: "Deals", access: users, pattern: "GET /deals", summary: "List or search deals"}, s.listDeals)
	add(s, route{tag: "Deals", access: users, pattern: "POST /deals", summary: "Create a deal", status: 201}, s.createDeal)
	add(s, route{tag: "Deals", access: users, pattern: "GET /deals/{id}", summary: "One deal"}, s.getDeal)
	add(s, route{tag: "Deals", access: users, pattern: "PATCH /deals/{id}", summary: "Change a deal"}, s.updateDeal)
	do(s, route{tag: "Deals", access: users, pattern: "DELETE /deals/{id}", summary: "Delete a deal"}, s.delete(crmcore.KindDeal))
	add(s, route{tag: "Deals", access: users, pattern: "POST /deals/{id}/move", summary: "Move a deal to a stage"}, s.moveDeal)
	add(s, route{tag: "Deals", access: users, pattern: "GET /pipelines", summary: "Pipelines with their stages"}, s.listPipelines)
	add(s, route{tag: "Deals", access: admins, pattern: "POST /pipelines", summary: "Create a pipeline", status: 201}, s.createPipeline)
	add(s, route{tag: "Deals", access: admins, pattern: "PUT /pipelines/{id}", summary: "Replace a pipeline's name and stages"}, s.updatePipeline)
	do(s, route{tag: "Deals", access: admins, pattern: "DELETE /pipelines/{id}", summary: "Remove an empty pipeline"}, s.deletePipeline)
	add(s, route{tag: "Deals", access: users, pattern: "GET /pipelines/{id}/sums", summary: "Number and sum of the deals of each stage, of those the list of deals shows"}, s.pipelineSums)

	s.routeTimeline("contacts", "Contacts", crmcore.KindContact)
	s.routeTimeline("companies", "Companies", crmcore.KindCompany)
	s.routeTimeline("leads", "Leads", crmcore.KindLead)
	s.routeTimeline("deals", "Deals", crmcore.KindDeal)
	add(s, route{tag: "Timeline", access: users, pattern: "POST /activities/{id}/link", summary: "Tell which record a call or mail belongs to"}, s.linkActivity)
	add(s, route{tag: "Timeline", access: users, pattern: "POST /notes", summary: "Write a note", status: 201}, s.createNote)
	add(s, route{tag: "Timeline", access: users, pattern: "GET /activities/{id}", summary: "One entry of a timeline"}, s.getActivity)
	add(s, route{tag: "Timeline", access: users, pattern: "POST /tasks", summary: "Create a task", status: 201}, s.createTask)
	add(s, route{tag: "Timeline", access: users, pattern: "PATCH /tasks/{id}", summary: "Close a task, or open it again"}, s.updateTask)
	add(s, route{tag: "Timeline", access: users, pattern: "GET /search", summary: "Find any kind of record"}, s.search)
	add(s, route{tag: "Timeline", access: users, pattern: "GET /known", summary: "Who has a number or mailbox already: asked while one types it"}, s.known)
	add(s, route{tag: "Timeline", access: users, pattern: "GET /my-day", summary: "What waits for the user"}, s.myDay)
	add(s, route{tag: "Rules", access: admins, pattern: "GET /rules", summary: "The rules that route unknown callers and senders, in order"}, s.listRules)
	add(s, route{tag: "Rules", access: admins, pattern: "POST /rules", summary: "Add a rule", status: 201}, s.createRule)
	add(s, route{tag: "Rules", access: admins, pattern: "PUT /rules/{id}", summary: "Replace a rule"}, s.updateRule)
	do(s, route{tag: "Rules", access: admins, pattern: "DELETE /rules/{id}", summary: "Remove a rule"}, s.deleteRule)
	add(s, route{tag: "Rules", access: admins, pattern: "POST /rules/order", summary: "Set the order of the rules"}, s.orderRules)
	add(s, route{tag: "Rules", access: admins, pattern: "POST /rules/dry-run", summary: "Which rule would win, and why"}, s.dryRun)
}

func (s *Server) routeTimeline(path, tag string, kind crmcore.EntityKind) {
	add(s, route{tag: tag, access: users, pattern: "GET /" + path + "/{id}/timeline", summary: "Calls, mails, meetings, notes and tasks, newest first"}, s.timeline(kind))
	add(s, route{tag: tag, access: users, pattern: "GET /" + path + "/{id}/card", summary: "All that a card shows, in one piece"}, s.card(kind))
}

func (s *Server) routePeople() {
	add(s, route{tag: "People", access: users, pattern: "GET /users", summary: "All users"}, s.listUsers)
	add(s, route{tag: "People", access: admins, pattern: "POST /users", summary: "Create a user", status: 201}, s.createUser)
	add(s, route{tag: "People", access: users, pattern: "GET /users/{id}", summary: "One user"}, s.getUser)
	add(s, route{tag: "People", access: admins, pattern: "PATCH /users/{id}", summary: "Change a user; one who is made inactive is logged out"}, s.updateUser)
	add(s, route{tag: "People", access: admins, pattern: "GET /users/{id}/holdings", summary: "What a user holds, and would have to be handed over"}, s.holdings)
	add(s, route{tag: "People", access: admins, pattern: "POST /users/{id}/dismiss", summary: "End a user's work: all he holds is handed over, all his log-ins end"}, s.dismiss)
	add(s, route{tag: "People", access: admins, pattern: "POST /users/{id}/reinstate", summary: "Let a user back in; he gets back what his successors have still of clients, deals and tasks"}, s.reinstate)
	do(s, route{tag: "People", access: admins, pattern: "POST /users/{id}/password", summary: "Set a user's password; the sessions and API tokens end", person: true}, s.setPassword)
	add(s, route{tag: "People", access: users, pattern: "GET /departments", summary: "All departments"}, s.listDepartments)
	add(s, route{tag: "People", access: admins, pattern: "POST /departments", summary: "Create a department", status: 201}, s.createDepartment)
	add(s, route{tag: "People", access: admins, pattern: "PATCH /departments/{id}", summary: "Rename or move a department"}, s.updateDepartment)
	do(s, route{tag: "People", access: admins, pattern: "DELETE /departments/{id}", summary: "Delete an empty department"}, s.deleteDepartment)
}

func (s *Server) routeTelephony() {
	add(s, route{tag: "Calls", access: users, pattern: "GET /calls", summary: "History of calls, newest first"}, s.listCalls)
	add(s, route{tag: "Calls", access: users, pattern: "GET /calls/active", summary: "Calls that run now on this node"}, s.activeCalls)
	add(s, route{tag: "Calls", access: users, pattern: "GET /calls/{id}", summary: "One call"}, s.getCall)
	add(s, route{tag: "Calls", access: users, pattern: "GET /calls/{id}/card", summary: "Whom a call is with, as it is known now"}, s.callCard)
	do(s, route{tag: "Calls", access: users, pattern: "POST /calls/{id}/hangup", summary: "End a running call one takes part in", calls: true}, s.hangupCall)

	add(s, route{tag: "Telephony", access: users, pattern: "GET /numbers", summary: "Our numbers and where their calls go"}, s.listNumbers)
	add(s, route{tag: "Telephony", access: admins, pattern: "PUT /numbers/{e164}", summary: "Add or change a number"}, s.putNumber)
	do(s, route{tag: "Telephony", access: admins, pattern: "DELETE /numbers/{e164}", summary: "Give a number up"}, s.deleteNumber)
	add(s, route{tag: "Telephony", access: admins, pattern: "GET /trunks", summary: "Lines to the outside"}, s.listTrunks)
	add(s, route{tag: "Telephony", access: admins, pattern: "POST /trunks", summary: "Add a trunk", status: 201}, s.createTrunk)
	add(s, route{tag: "Telephony", access: admins, pattern: "GET /trunks/{id}", summary: "One trunk"}, s.getTrunk)
	add(s, route{tag: "Telephony", access: admins, pattern: "PATCH /trunks/{id}", summary: "Change a trunk"}, s.updateTrunk)
	do(s, route{tag: "Telephony", access: admins, pattern: "DELETE /trunks/{id}", summary: "Remove a trunk"}, s.deleteTrunk)
	add(s, route{tag: "Telephony", access: admins, pattern: "GET /trunks/status", summary: "How each active trunk does"}, s.trunkStatuses)
	add(s, route{tag: "Telephony", access: admins, pattern: "GET /trunks/{id}/status", summary: "Is it registered, does it answer"}, s.trunkStatus)
	add(s, route{tag: "Telephony", access: admins, pattern: "POST /trunks/{id}/test", summary: "Ask the peer now (SIP OPTIONS, and REGISTER where it is used)"}, s.testTrunk)
	add(s, route{tag: "Telephony", access: users, pattern: "GET /extensions", summary: "Internal numbers"}, s.listExtensions)
	add(s, route{tag: "Telephony", access: admins, pattern: "PUT /extensions/{number}", summary: "Add or change an extension"}, s.putExtension)
	do(s, route{tag: "Telephony", access: admins, pattern: "DELETE /extensions/{number}", summary: "Remove an extension"}, s.deleteExtension)
	add(s, route{tag: "Telephony", access: admins, pattern: "GET /devices", summary: "Accounts of desk phones, and where they are registered"}, s.listDevices)
	add(s, route{tag: "Telephony", access: admins, pattern: "POST /devices", summary: "Make an account for a desk phone; its password is shown only now", status: 201}, s.createDevice)
	do(s, route{tag: "Telephony", access: admins, pattern: "DELETE /devices/{id}", summary: "Remove a desk phone's account"}, s.deleteDevice)
	add(s, route{tag: "Telephony", access: admins, pattern: "GET /outbound", summary: "What may be called outside"}, s.getOutbound)
	add(s, route{tag: "Telephony", access: admins, pattern: "PUT /outbound", summary: "Change what may be called outside"}, s.putOutbound)

	add(s, route{tag: "Meetings", access: users, pattern: "GET /meetings", summary: "Meeting rooms that one made or is invited to, the newest first"}, s.listMeetings)
	add(s, route{tag: "Meetings", access: users, pattern: "POST /meetings", summary: "Make a meeting room", status: 201}, s.createMeeting)
	add(s, route{tag: "Meetings", access: users, pattern: "GET /meetings/{id}", summary: "One meeting room"}, s.getMeeting)
	add(s, route{tag: "Meetings", access: users, pattern: "PATCH /meetings/{id}", summary: "Change the title of a meeting room of one's own, what it is about, or who is invited"}, s.updateMeeting)
	do(s, route{tag: "Meetings", access: users, pattern: "DELETE /meetings/{id}", summary: "Remove a meeting room of one's own"}, s.deleteMeeting)
}

func (s *Server) routeMail() {
	add(s, route{tag: "Mail settings", access: admins, pattern: "GET /mail/domains", summary: "Mail domains"}, s.listDomains)
	add(s, route{tag: "Mail settings", access: admins, pattern: "POST /mail/domains", summary: "Add a mail domain and make its DKIM key", status: 201}, s.createDomain)
	add(s, route{tag: "Mail settings", access: admins, pattern: "GET /mail/domains/{name}/records", summary: "The DNS records to publish"}, s.domainRecords)
	add(s, route{tag: "Mail settings", access: admins, pattern: "GET /mail/queue", summary: "Mail that waits to be sent"}, s.listQueue)
	do(s, route{tag: "Mail settings", access: admins, pattern: "POST /mail/queue/{id}/retry", summary: "Try to send now"}, s.retryQueued)
	do(s, route{tag: "Mail settings", access: admins, pattern: "DELETE /mail/queue/{id}", summary: "Give up sending, without a notice"}, s.dropQueued)
	add(s, route{tag: "Mail settings", access: admins, pattern: "POST /mail/mailboxes", summary: "Create a mailbox", status: 201}, s.createMailbox)
	do(s, route{tag: "Mail settings", access: admins, pattern: "DELETE /mail/domains/{name}", summary: "Give a mail domain up; it must have no mailboxes"}, s.deleteDomain)
	do(s, route{tag: "Mail settings", access: admins, pattern: "DELETE /mail/mailboxes/{id}", summary: "Remove a mailbox with all its mail"}, s.deleteMailbox)
	add(s, route{tag: "Mail settings", access: admins, pattern: "PATCH /mail/mailboxes/{id}", summary: "Change a mailbox's name, users or quota"}, s.updateMailbox)

	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/mailboxes", summary: "Mailboxes of the user; ?all=true: all, for an admin"}, s.listMailboxes)
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/mailboxes/{id}/folders", summary: "Folders with their counts"}, s.listFolders)
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/messages", summary: "Messages of a folder, newest first"}, s.listMessages)
	do(s, route{tag: "Mail", access: users, pattern: "PATCH /mail/messages", summary: "Mark or move several messages"}, s.updateMessages)
	do(s, route{tag: "Mail", access: users, pattern: "DELETE /mail/messages/{id}", summary: "Move a message to Trash; one in Trash is removed for good"}, s.deleteMessage)
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/threads", summary: "Conversations of a folder, the newest first"}, s.listThreads)
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/threads/{id}", summary: "Messages of a thread, oldest first"}, s.mailThread)
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/messages/{id}", summary: "A message as a person reads it; ?remote=true: with its remote images"}, s.getMessage)
	raw(s, route{tag: "Mail", access: users, pattern: "GET /mail/messages/{id}/raw", summary: "The message as it came (RFC 5322)", streams: "message/rfc822"}, s.rawMessage)
	raw(s, route{tag: "Mail", access: users, pattern: "GET /mail/messages/{id}/files/{part}", summary: "An attachment", streams: "application/octet-stream"}, s.attachment)
	do(s, route{tag: "Mail", access: users, pattern: "PATCH /mail/messages/{id}", summary: "Mark or move a message"}, s.updateMessage)
	add(s, route{tag: "Mail", access: users, pattern: "POST /mail/send", summary: "Send a mail; with reply, an answer", status: 202}, s.sendMail)
	add(s, route{tag: "Mail", access: users, pattern: "POST /mail/send/files", summary: "Send a mail with files: first the mail, then each file", status: 202}, s.sendParcel)
	s.documentForm("/mail/send/files", parcelForm())
	add(s, route{tag: "Mail", access: users, pattern: "POST /mail/drafts", summary: "Save a draft: a new one, or another version of one"}, s.saveDraft)
	add(s, route{tag: "Mail", access: users, pattern: "POST /mail/drafts/files", summary: "Save a draft with more files: first the draft, then each file"}, s.saveDraftFiles)
	s.documentForm("/mail/drafts/files", draftForm())
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/drafts/{id}", summary: "A draft, to go on with it"}, s.getDraft)
	add(s, route{tag: "Mail", access: users, pattern: "POST /mail/drafts/{id}/send", summary: "Send a draft as it is stored", status: 202}, s.sendDraft)
	add(s, route{tag: "Mail", access: users, pattern: "GET /mail/limits", summary: "How big a mail may be"}, s.mailLimits)
}

func (s *Server) routeSystem() {
	raw(s, route{tag: "Events", access: users, pattern: "GET /events", summary: "Server-Sent Events, replayed from Last-Event-ID", streams: "text/event-stream"}, s.streamEvents)
	add(s, route{tag: "System", access: users, pattern: "GET /settings", summary: "Settings of the installation"}, s.getSettings)
	add(s, route{tag: "System", access: admins, pattern: "PUT /settings", summary: "Change settings"}, s.putSettings)
	add(s, route{tag: "System", access: admins, pattern: "GET /system", summary: "Version, database, bus and listeners"}, s.system)
	add(s, route{tag: "Demo", access: anyone, pattern: "GET /demo", summary: "Log-ins and numbers of the demo company"}, s.demo)
	do(s, route{tag: "Demo", access: users, pattern: "POST /demo/call", summary: "Have a client call"}, s.demoCall)
	do(s, route{tag: "Demo", access: users, pattern: "POST /demo/mail", summary: "Have a client write"}, s.demoMail)
}
