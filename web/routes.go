package web

import "frontdesk/web/api"

// routes registers the operations that are of no other room.
func (s *Server) routes(f *api.Frame) {
	s.routeLogin(f)
	s.routeSecurity(f)
	s.routePeople(f)
	s.routeSystem(f)
	s.routeCertificates(f)
	s.routeWebhooks(f)
}

func (s *Server) routeLogin(f *api.Frame) {
	api.Raw(f, api.Route{Tag: "Log-in", Access: api.Anyone, Pattern: "POST /login",
		Summary: "Log in and get a session cookie", Body: 8 << 10}, s.login)
	api.Raw(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "POST /logout",
		Summary: "End the session", Audit: api.AuditLogin, Enrols: true},
		s.logout)
	api.Add(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "GET /me",
		Summary: "Who is logged in, and what is theirs", Enrols: true}, s.me)
	api.Do(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "POST /me/password",
		Summary: "Change one's password; other sessions and API tokens end", Person: true,
		Audit: api.AuditAccount}, s.changePassword)
	api.Add(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "GET /me/sessions",
		Summary: "Where one is logged in", Person: true}, s.listOwnSessions)
	api.Do(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "DELETE /me/sessions",
		Summary: "Log out everywhere but here; API tokens end", Person: true, Audit: api.AuditLogin},
		s.endOtherSessions)
	api.Do(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "DELETE /me/sessions/{id}",
		Summary: "Log one of one's browsers out", Person: true, Audit: api.AuditLogin}, s.endOwnSession)
	api.Add(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "GET /tokens", Summary: "API tokens of one's own"},
		s.listTokens)
	api.Add(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "POST /tokens",
		Summary: "Make an API token; it is shown only now", Status: 201, Person: true,
		Audit: api.AuditAccount}, s.createToken)
	api.Do(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "DELETE /tokens/{id}",
		Summary: "Revoke an API token", Person: true, Audit: api.AuditAccount}, s.deleteToken)
	api.Raw(f, api.Route{Tag: "Log-in", Access: api.Users, Pattern: "POST /logout/everywhere",
		Summary: "End all sessions and API tokens of one's own", Person: true, Audit: api.AuditLogin,
		Enrols: true}, s.logoutEverywhere)
}

func (s *Server) routePeople(f *api.Frame) {
	api.Add(f, api.Route{Tag: "People", Access: api.Users, Pattern: "GET /users", Summary: "All users"}, s.listUsers)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "POST /users",
		Summary: "Create a user; an API token does not", Status: 201}, s.createUser)
	api.Add(f, api.Route{Tag: "People", Access: api.Users, Pattern: "GET /users/{id}", Summary: "One user"}, s.getUser)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "PATCH /users/{id}",
		Summary: "Change a user; one who is made inactive is logged out"}, s.updateUser)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Pattern: "GET /users/{id}/holdings",
		Summary: "What a user holds, and would have to be handed over"}, s.holdings)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "POST /users/{id}/dismiss",
		Summary: "End a user's work: all he holds is handed over, all his log-ins end"}, s.dismiss)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople,
		Pattern: "POST /users/{id}/reinstate",
		Summary: "Let a user back in; he gets back what his successors have still of clients, deals and tasks"},
		s.reinstate)
	api.Do(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "POST /users/{id}/password",
		Summary: "Set a user's password; the sessions and API tokens end", Person: true}, s.setPassword)
	api.Add(f, api.Route{Tag: "People", Access: api.Users, Pattern: "GET /departments", Summary: "All departments"},
		s.listDepartments)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "POST /departments",
		Summary: "Create a department", Status: 201}, s.createDepartment)
	api.Add(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "PATCH /departments/{id}",
		Summary: "Rename or move a department"}, s.updateDepartment)
	api.Do(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Pattern: "DELETE /departments/{id}",
		Summary: "Delete an empty department"}, s.deleteDepartment)
}

func (s *Server) routeSystem(f *api.Frame) {
	api.Raw(f, api.Route{Tag: "Events", Access: api.Users, Pattern: "GET /events",
		Summary: "Server-Sent Events, replayed from Last-Event-ID", Streams: "text/event-stream"}, s.streamEvents)
	api.Add(f, api.Route{Tag: "System", Access: api.Users, Pattern: "GET /settings",
		Summary: "Settings of the installation"}, s.getSettings)
	api.Add(f, api.Route{Tag: "System", Access: api.Admins, Pattern: "PUT /settings", Summary: "Change settings"},
		s.putSettings)
	api.Add(f, api.Route{Tag: "System", Access: api.Admins, Pattern: "GET /system",
		Summary: "Version, database, bus and listeners"}, s.system)
	api.Add(f, api.Route{Tag: "Demo", Access: api.Anyone, Pattern: "GET /demo",
		Summary: "Log-ins and numbers of the demo company"}, s.demo)
	api.Do(f, api.Route{Tag: "Demo", Access: api.Users, Pattern: "POST /demo/call", Summary: "Have a client call"},
		s.demoCall)
	api.Do(f, api.Route{Tag: "Demo", Access: api.Users, Pattern: "POST /demo/mail", Summary: "Have a client write"},
		s.demoMail)
}
