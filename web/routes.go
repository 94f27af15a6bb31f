package web

// routes registers the operations that are of no other room.
func (s *Server) routes(f *frame) {
	s.routeLogin(f)
	s.routePeople(f)
	s.routeSystem(f)
}

func (s *Server) routeLogin(f *frame) {
	raw(f, route{tag: "Log-in", access: anyone, pattern: "POST /login", summary: "Log in and get a session cookie", body: 8 << 10}, s.login)
	raw(f, route{tag: "Log-in", access: users, pattern: "POST /logout", summary: "End the session"}, s.logout)
	add(f, route{tag: "Log-in", access: users, pattern: "GET /me", summary: "Who is logged in, and what is theirs"}, s.me)
	do(f, route{tag: "Log-in", access: users, pattern: "POST /me/password", summary: "Change one's password; other sessions and API tokens end", person: true}, s.changePassword)
	add(f, route{tag: "Log-in", access: users, pattern: "GET /me/sessions", summary: "Where one is logged in", person: true}, s.listOwnSessions)
	do(f, route{tag: "Log-in", access: users, pattern: "DELETE /me/sessions", summary: "Log out everywhere but here; API tokens end", person: true}, s.endOtherSessions)
	do(f, route{tag: "Log-in", access: users, pattern: "DELETE /me/sessions/{id}", summary: "Log one of one's browsers out", person: true}, s.endOwnSession)
	add(f, route{tag: "Log-in", access: users, pattern: "GET /tokens", summary: "API tokens of one's own"}, s.listTokens)
	add(f, route{tag: "Log-in", access: users, pattern: "POST /tokens", summary: "Make an API token; it is shown only now", status: 201, person: true}, s.createToken)
	do(f, route{tag: "Log-in", access: users, pattern: "DELETE /tokens/{id}", summary: "Revoke an API token", person: true}, s.deleteToken)
	raw(f, route{tag: "Log-in", access: users, pattern: "POST /logout/everywhere", summary: "End all sessions and API tokens of one's own", person: true}, s.logoutEverywhere)
}

func (s *Server) routePeople(f *frame) {
	add(f, route{tag: "People", access: users, pattern: "GET /users", summary: "All users"}, s.listUsers)
	add(f, route{tag: "People", access: admins, pattern: "POST /users", summary: "Create a user", status: 201}, s.createUser)
	add(f, route{tag: "People", access: users, pattern: "GET /users/{id}", summary: "One user"}, s.getUser)
	add(f, route{tag: "People", access: admins, pattern: "PATCH /users/{id}", summary: "Change a user; one who is made inactive is logged out"}, s.updateUser)
	add(f, route{tag: "People", access: admins, pattern: "GET /users/{id}/holdings", summary: "What a user holds, and would have to be handed over"}, s.holdings)
	add(f, route{tag: "People", access: admins, pattern: "POST /users/{id}/dismiss", summary: "End a user's work: all he holds is handed over, all his log-ins end"}, s.dismiss)
	add(f, route{tag: "People", access: admins, pattern: "POST /users/{id}/reinstate", summary: "Let a user back in; he gets back what his successors have still of clients, deals and tasks"}, s.reinstate)
	do(f, route{tag: "People", access: admins, pattern: "POST /users/{id}/password", summary: "Set a user's password; the sessions and API tokens end", person: true}, s.setPassword)
	add(f, route{tag: "People", access: users, pattern: "GET /departments", summary: "All departments"}, s.listDepartments)
	add(f, route{tag: "People", access: admins, pattern: "POST /departments", summary: "Create a department", status: 201}, s.createDepartment)
	add(f, route{tag: "People", access: admins, pattern: "PATCH /departments/{id}", summary: "Rename or move a department"}, s.updateDepartment)
	do(f, route{tag: "People", access: admins, pattern: "DELETE /departments/{id}", summary: "Delete an empty department"}, s.deleteDepartment)
}

func (s *Server) routeSystem(f *frame) {
	raw(f, route{tag: "Events", access: users, pattern: "GET /events", summary: "Server-Sent Events, replayed from Last-Event-ID", streams: "text/event-stream"}, s.streamEvents)
	add(f, route{tag: "System", access: users, pattern: "GET /settings", summary: "Settings of the installation"}, s.getSettings)
	add(f, route{tag: "System", access: admins, pattern: "PUT /settings", summary: "Change settings"}, s.putSettings)
	add(f, route{tag: "System", access: admins, pattern: "GET /system", summary: "Version, database, bus and listeners"}, s.system)
	add(f, route{tag: "Demo", access: anyone, pattern: "GET /demo", summary: "Log-ins and numbers of the demo company"}, s.demo)
	do(f, route{tag: "Demo", access: users, pattern: "POST /demo/call", summary: "Have a client call"}, s.demoCall)
	do(f, route{tag: "Demo", access: users, pattern: "POST /demo/mail", summary: "Have a client write"}, s.demoMail)
}
