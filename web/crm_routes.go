package web

import (
	"frontdesk/crmcore"
	"frontdesk/guard"
)

// newCRMOps makes the operations; region is the country of national numbers (ISO 3166).
func newCRMOps(core *crmcore.Core, region string) *crmOps {
	return &crmOps{core: core, region: region, asked: guard.NewRates[string](guard.Rate{Burst: askedAtOnce, Every: askedEvery}, maxAskers)}
}

// routes registers them.
func (o *crmOps) routes(f *frame) {
	add(f, route{tag: "Contacts", access: users, pattern: "GET /contacts", summary: "List or search contacts"}, o.listContacts)
	add(f, route{tag: "Contacts", access: users, pattern: "POST /contacts", summary: "Create a contact", status: 201}, o.createContact)
	add(f, route{tag: "Contacts", access: users, pattern: "GET /contacts/{id}", summary: "One contact"}, o.getContact)
	add(f, route{tag: "Contacts", access: users, pattern: "PATCH /contacts/{id}", summary: "Change a contact"}, o.updateContact)
	do(f, route{tag: "Contacts", access: users, pattern: "DELETE /contacts/{id}", summary: "Delete a contact"}, o.delete(crmcore.KindContact))

	add(f, route{tag: "Companies", access: users, pattern: "GET /companies", summary: "List or search companies"}, o.listCompanies)
	add(f, route{tag: "Companies", access: users, pattern: "POST /companies", summary: "Create a company", status: 201}, o.createCompany)
	add(f, route{tag: "Companies", access: users, pattern: "GET /companies/{id}", summary: "One company"}, o.getCompany)
	add(f, route{tag: "Companies", access: users, pattern: "PATCH /companies/{id}", summary: "Change a company"}, o.updateCompany)
	do(f, route{tag: "Companies", access: users, pattern: "DELETE /companies/{id}", summary: "Delete a company"}, o.delete(crmcore.KindCompany))

	add(f, route{tag: "Leads", access: users, pattern: "GET /leads", summary: "List or search leads"}, o.listLeads)
	add(f, route{tag: "Leads", access: users, pattern: "POST /leads", summary: "Create a lead", status: 201}, o.createLead)
	add(f, route{tag: "Leads", access: users, pattern: "GET /leads/{id}", summary: "One lead"}, o.getLead)
	add(f, route{tag: "Leads", access: users, pattern: "PATCH /leads/{id}", summary: "Change a lead"}, o.updateLead)
	do(f, route{tag: "Leads", access: users, pattern: "DELETE /leads/{id}", summary: "Delete a lead"}, o.delete(crmcore.KindLead))
	add(f, route{tag: "Leads", access: users, pattern: "POST /leads/{id}/convert", summary: "Make a contact, and a deal when asked for, of a lead"}, o.convertLead)

	add(f, route{tag: "Deals", access: users, pattern: "GET /deals", summary: "List or search deals"}, o.listDeals)
	add(f, route{tag: "Deals", access: users, pattern: "POST /deals", summary: "Create a deal", status: 201}, o.createDeal)
	add(f, route{tag: "Deals", access: users, pattern: "GET /deals/{id}", summary: "One deal"}, o.getDeal)
	add(f, route{tag: "Deals", access: users, pattern: "PATCH /deals/{id}", summary: "Change a deal"}, o.updateDeal)
	do(f, route{tag: "Deals", access: users, pattern: "DELETE /deals/{id}", summary: "Delete a deal"}, o.delete(crmcore.KindDeal))
	add(f, route{tag: "Deals", access: users, pattern: "POST /deals/{id}/move", summary: "Move a deal to a stage"}, o.moveDeal)
	add(f, route{tag: "Deals", access: users, pattern: "GET /pipelines", summary: "Pipelines with their stages"}, o.listPipelines)
	add(f, route{tag: "Deals", access: admins, pattern: "POST /pipelines", summary: "Create a pipeline", status: 201}, o.createPipeline)
	add(f, route{tag: "Deals", access: admins, pattern: "PUT /pipelines/{id}", summary: "Replace a pipeline's name and stages"}, o.updatePipeline)
	do(f, route{tag: "Deals", access: admins, pattern: "DELETE /pipelines/{id}", summary: "Remove an empty pipeline"}, o.deletePipeline)
	add(f, route{tag: "Deals", access: users, pattern: "GET /pipelines/{id}/sums", summary: "Number and sum of the deals of each stage, of those the list of deals shows"}, o.pipelineSums)

	o.routeTimeline(f, "contacts", "Contacts", crmcore.KindContact)
	o.routeTimeline(f, "companies", "Companies", crmcore.KindCompany)
	o.routeTimeline(f, "leads", "Leads", crmcore.KindLead)
	o.routeTimeline(f, "deals", "Deals", crmcore.KindDeal)
	add(f, route{tag: "Timeline", access: users, pattern: "POST /activities/{id}/link", summary: "Tell which record a call or mail belongs to"}, o.linkActivity)
	add(f, route{tag: "Timeline", access: users, pattern: "POST /notes", summary: "Write a note", status: 201}, o.createNote)
	add(f, route{tag: "Timeline", access: users, pattern: "GET /activities/{id}", summary: "One entry of a timeline"}, o.getActivity)
	add(f, route{tag: "Timeline", access: users, pattern: "POST /tasks", summary: "Create a task", status: 201}, o.createTask)
	add(f, route{tag: "Timeline", access: users, pattern: "PATCH /tasks/{id}", summary: "Close a task, or open it again"}, o.updateTask)
	add(f, route{tag: "Timeline", access: users, pattern: "GET /search", summary: "Find any kind of record"}, o.search)
	add(f, route{tag: "Timeline", access: users, pattern: "GET /known", summary: "Who has a number or mailbox already: asked while one types it"}, o.known)
	add(f, route{tag: "Timeline", access: users, pattern: "GET /my-day", summary: "What waits for the user"}, o.myDay)
	add(f, route{tag: "Rules", access: admins, pattern: "GET /rules", summary: "The rules that route unknown callers and senders, in order"}, o.listRules)
	add(f, route{tag: "Rules", access: admins, pattern: "POST /rules", summary: "Add a rule", status: 201}, o.createRule)
	add(f, route{tag: "Rules", access: admins, pattern: "PUT /rules/{id}", summary: "Replace a rule"}, o.updateRule)
	do(f, route{tag: "Rules", access: admins, pattern: "DELETE /rules/{id}", summary: "Remove a rule"}, o.deleteRule)
	add(f, route{tag: "Rules", access: admins, pattern: "POST /rules/order", summary: "Set the order of the rules"}, o.orderRules)
	add(f, route{tag: "Rules", access: admins, pattern: "POST /rules/dry-run", summary: "Which rule would win, and why"}, o.dryRun)
}

func (o *crmOps) routeTimeline(f *frame, path, tag string, kind crmcore.EntityKind) {
	add(f, route{tag: tag, access: users, pattern: "GET /" + path + "/{id}/timeline", summary: "Calls, mails, meetings, notes and tasks, newest first"}, o.timeline(kind))
	add(f, route{tag: tag, access: users, pattern: "GET /" + path + "/{id}/card", summary: "All that a card shows, in one piece"}, o.card(kind))
}
