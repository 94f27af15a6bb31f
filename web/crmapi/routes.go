// Package crmapi has the operations on clients, deals, their timelines and the rules.
package crmapi

import (
	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/exporting"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/lists"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/record"
	"frontdesk/guard"
	"frontdesk/intake/person"
	"frontdesk/store"
	"frontdesk/web/api"
)

// New makes the operations; region is the country of national numbers (ISO 3166).
func New(db *store.DB, core *crmcore.Core, itself *automation.Automation, called *calling.Lists,
	persons *person.Persons, offers *offer.Offers, region string) *Operations {
	return &Operations{db: db, core: core, automation: itself, lists: lists.New(db, core),
		calling: called, persons: persons, offers: offers,
		imports: importing.New(db, core), exports: exporting.New(core), region: region,
		asked: guard.NewRates[string](guard.Rate{Burst: askedAtOnce, Every: askedEvery}, maxAskers)}
}

// Routes registers them.
func (o *Operations) Routes(f *api.Frame) {
	o.routeContacts(f)
	o.routeCompanies(f)
	o.routeLeads(f)
	o.routeDeals(f)
	o.routeActivities(f)
	o.routeSettings(f)
	o.routeBin(f)
	o.routeMerges(f)
	o.routePersons(f)
	o.routeImports(f)
	o.routeCalling(f)
	o.routeExports(f)
	o.routeOffers(f)
	o.routeAutomation(f)
}

func (o *Operations) routeContacts(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Contacts", Access: api.Users, Pattern: "GET /contacts",
		Summary: "List or search contacts"}, o.listContacts)
	api.Add(f, api.Route{Tag: "Contacts", Access: api.Users, Pattern: "POST /contacts", Summary: "Create a contact",
		Status: 201}, o.createContact)
	api.Add(f, api.Route{Tag: "Contacts", Access: api.Users, Pattern: "GET /contacts/{id}", Summary: "One contact"},
		o.getContact)
	api.Add(f, api.Route{Tag: "Contacts", Access: api.Users, Pattern: "PATCH /contacts/{id}",
		Summary: "Change a contact"}, o.updateContact)
	api.Do(f,
		api.Route{Tag: "Contacts", Access: api.Users, Pattern: "DELETE /contacts/{id}",
			Summary: "Delete a contact"}, o.delete(record.Contact))
}

func (o *Operations) routeCompanies(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Companies", Access: api.Users, Pattern: "GET /companies",
		Summary: "List or search companies"}, o.listCompanies)
	api.Add(f, api.Route{Tag: "Companies", Access: api.Users, Pattern: "POST /companies", Summary: "Create a company",
		Status: 201}, o.createCompany)
	api.Add(f, api.Route{Tag: "Companies", Access: api.Users, Pattern: "GET /companies/{id}", Summary: "One company"},
		o.getCompany)
	api.Add(f, api.Route{Tag: "Companies", Access: api.Users, Pattern: "PATCH /companies/{id}",
		Summary: "Change a company"}, o.updateCompany)
	api.Do(f,
		api.Route{Tag: "Companies", Access: api.Users, Pattern: "DELETE /companies/{id}",
			Summary: "Delete a company"}, o.delete(record.Company))
}

func (o *Operations) routeLeads(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Leads", Access: api.Users, Pattern: "GET /leads", Summary: "List or search leads"},
		o.listLeads)
	api.Add(f, api.Route{Tag: "Leads", Access: api.Users, Pattern: "POST /leads", Summary: "Create a lead",
		Status: 201}, o.createLead)
	api.Add(f, api.Route{Tag: "Leads", Access: api.Users, Pattern: "GET /leads/{id}", Summary: "One lead"}, o.getLead)
	api.Add(f, api.Route{Tag: "Leads", Access: api.Users, Pattern: "PATCH /leads/{id}", Summary: "Change a lead"},
		o.updateLead)
	api.Do(f, api.Route{Tag: "Leads", Access: api.Users, Pattern: "DELETE /leads/{id}", Summary: "Delete a lead"},
		o.delete(record.Lead))
	api.Add(f, api.Route{Tag: "Leads", Access: api.Users, Pattern: "POST /leads/{id}/convert",
		Summary: "Make a contact, and a deal when asked for, of a lead"}, o.convertLead)
}

func (o *Operations) routeDeals(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "GET /deals", Summary: "List or search deals"},
		o.listDeals)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "POST /deals", Summary: "Create a deal",
		Status: 201}, o.createDeal)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "GET /deals/{id}", Summary: "One deal"}, o.getDeal)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "PATCH /deals/{id}", Summary: "Change a deal"},
		o.updateDeal)
	api.Do(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "DELETE /deals/{id}", Summary: "Delete a deal"},
		o.delete(record.Deal))
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "POST /deals/{id}/move",
		Summary: "Move a deal to a stage"}, o.moveDeal)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "GET /pipelines",
		Summary: "Pipelines with their stages"}, o.listPipelines)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Admins, Pattern: "POST /pipelines", Summary: "Create a pipeline",
		Status: 201}, o.createPipeline)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Admins, Pattern: "PUT /pipelines/{id}",
		Summary: "Replace a pipeline's name and stages"}, o.updatePipeline)
	api.Do(f, api.Route{Tag: "Deals", Access: api.Admins, Pattern: "DELETE /pipelines/{id}",
		Summary: "Remove an empty pipeline"}, o.deletePipeline)
	api.Add(f, api.Route{Tag: "Deals", Access: api.Users, Pattern: "GET /pipelines/{id}/sums",
		Summary: "Number and sum of the deals of each stage, of those the list of deals shows"}, o.pipelineSums)
}

func (o *Operations) routeActivities(f *api.Frame) {
	o.routeTimeline(f, "contacts", "Contacts", record.Contact)
	o.routeTimeline(f, "companies", "Companies", record.Company)
	o.routeTimeline(f, "leads", "Leads", record.Lead)
	o.routeTimeline(f, "deals", "Deals", record.Deal)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "POST /activities/{id}/link",
		Summary: "Tell which record a call or mail belongs to"}, o.linkActivity)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "POST /notes", Summary: "Write a note",
		Status: 201}, o.createNote)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "GET /activities/{id}",
		Summary: "One entry of a timeline"}, o.getActivity)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "POST /tasks", Summary: "Create a task",
		Status: 201}, o.createTask)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "PATCH /tasks/{id}",
		Summary: "Close a task, or open it again"}, o.updateTask)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "GET /search",
		Summary: "Find any kind of record"}, o.search)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "GET /known",
		Summary: "Who has a number or mailbox already: asked while one types it"}, o.known)
	api.Add(f, api.Route{Tag: "Timeline", Access: api.Users, Pattern: "GET /my-day",
		Summary: "What waits for the user"}, o.myDay)
}

// routeSettings are the operations on what the company sets: fields of its own, and the rules.
func (o *Operations) routeSettings(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Fields", Access: api.Users, Pattern: "GET /fields",
		Summary: "The fields that the company adds to its records"}, o.listFields)
	api.Add(f, api.Route{Tag: "Fields", Access: api.Admins, Pattern: "POST /fields", Summary: "Add a field",
		Status: 201}, o.createField)
	api.Add(f, api.Route{Tag: "Fields", Access: api.Admins, Pattern: "PUT /fields/{id}",
		Summary: "Change a field, or bring a removed one back"}, o.updateField)
	api.Do(f, api.Route{Tag: "Fields", Access: api.Admins, Pattern: "DELETE /fields/{id}",
		Summary: "Remove a field; its values come back with it"}, o.deleteField)
	api.Add(f, api.Route{Tag: "Fields", Access: api.Admins, Pattern: "POST /fields/order",
		Summary: "Set the order of the fields"}, o.orderFields)
	api.Add(f, api.Route{Tag: "Lists", Access: api.Users, Pattern: "GET /views",
		Summary: "Lists that one keeps, and those that are shared"}, o.listViews)
	api.Add(f, api.Route{Tag: "Lists", Access: api.Users, Pattern: "POST /views", Summary: "Keep a list", Status: 201},
		o.createView)
	api.Add(f, api.Route{Tag: "Lists", Access: api.Users, Pattern: "PUT /views/{id}", Summary: "Change a kept list"},
		o.updateView)
	api.Do(f, api.Route{Tag: "Lists", Access: api.Users, Pattern: "DELETE /views/{id}", Summary: "Delete a kept list"},
		o.deleteView)
	api.Add(f, api.Route{Tag: "Lists", Access: api.Users, Pattern: "POST /changes",
		Summary: "Change many records at once"}, o.changeMany)
	api.Add(f, api.Route{Tag: "Lists", Access: api.Users, Pattern: "POST /changes/{id}/undo",
		Summary: "Take a change of many back"}, o.undoChange)
	api.Add(f, api.Route{Tag: "Rules", Access: api.Admins, Pattern: "GET /rules",
		Summary: "The rules that route unknown callers and senders, in order"}, o.listRules)
	api.Add(f, api.Route{Tag: "Rules", Access: api.Admins, Pattern: "POST /rules", Summary: "Add a rule", Status: 201},
		o.createRule)
	api.Add(f, api.Route{Tag: "Rules", Access: api.Admins, Pattern: "PUT /rules/{id}", Summary: "Replace a rule"},
		o.updateRule)
	api.Do(f, api.Route{Tag: "Rules", Access: api.Admins, Pattern: "DELETE /rules/{id}", Summary: "Remove a rule"},
		o.deleteRule)
	api.Add(f, api.Route{Tag: "Rules", Access: api.Admins, Pattern: "POST /rules/order",
		Summary: "Set the order of the rules"}, o.orderRules)
	api.Add(f, api.Route{Tag: "Rules", Access: api.Admins, Pattern: "POST /rules/dry-run",
		Summary: "Which rule would win, and why"}, o.dryRun)
}

func (o *Operations) routeTimeline(f *api.Frame, path, tag string, kind record.Kind) {
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /" + path + "/{id}/timeline",
		Summary: "Calls, mails, meetings, notes and tasks, newest first"}, o.timeline(kind))
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /" + path + "/{id}/card",
		Summary: "All that a card shows, in one piece"}, o.card(kind))
}
