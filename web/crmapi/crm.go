package crmapi

import (
	"context"

	"frontdesk/crmcore"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

// ListQuery asks for a page of records.
type ListQuery struct {
	api.Paging
	Search      string       `query:"q" maxLength:"200" doc:"Words of the name, of an address, or a number: their beginnings, from three letters on also what stands within them, and the last digits of a number"`
	Responsible string       `query:"responsible" maxLength:"100" doc:"Id of a user"`
	Mine        bool         `query:"mine" doc:"Only those one is responsible for"`
	Order       record.Order `query:"order" enum:"newest,name,updated,amount" default:"newest" doc:"updated: changed last first; amount: of deals, the largest first"`
	Where       string       `query:"where" maxLength:"20000" doc:"JSON: conditions that all have to hold, as [{\"field\":\"tags\",\"op\":\"is\",\"values\":[\"vip\"]}]. field is one of GET /fields, or responsible, created, updated; of leads came_by and stage; of deals stage, pipeline, amount, currency and moved. op is is, not, starts, from, to, empty or filled. A user may be me, a day so many from today on (-7)"`
}

// filter is what a list of a kind of record asks for.
func (o *Operations) filter(ctx context.Context, kind record.Kind, q ListQuery) (record.Filter, error) {
	f := record.Filter{Query: q.Search, Responsible: q.Responsible, Mine: q.Mine, Order: q.Order,
		Page: pageOf(q.Paging)}
	if f.Order == record.ByAmount && kind != record.Deal {
		return f, input.Refuse("order", "amount is what deals have")
	}
	return f, o.where(ctx, kind, q.Where, &f)
}

// pageOf is the part of a list that is asked for.
func pageOf(p api.Paging) record.Page { return record.Page{Cursor: p.After, Limit: p.Limit} }

// page is a list of the CRM as the API answers it.
func page[T any](l record.List[T], err error) (api.Page[T], error) {
	return api.Page[T]{Items: l.Items, Next: l.Next}, err
}

type (
	contactList struct {
		ListQuery
		Company string `query:"company" maxLength:"100" doc:"Id: people of that company"`
	}
	contactCreate struct{ Body ContactInput }
	contactUpdate struct {
		api.ByID
		Body ContactInput
	}
)

func (o *Operations) listContacts(ctx context.Context, in *contactList) (api.Page[crmcore.Contact], error) {
	f, err := o.filter(ctx, record.Contact, in.ListQuery)
	if err != nil {
		return api.Page[crmcore.Contact]{}, err
	}
	f.Company = in.Company
	return page(o.core.Contacts(ctx, api.UserOf(ctx), f))
}

func (o *Operations) createContact(ctx context.Context, in *contactCreate) (crmcore.Contact, error) {
	var c crmcore.Contact
	in.Body.apply(&c)
	return o.core.CreateContact(ctx, api.UserOf(ctx), c)
}

func (o *Operations) getContact(ctx context.Context, in *api.ByID) (crmcore.Contact, error) {
	return o.core.Contact(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) updateContact(ctx context.Context, in *contactUpdate) (crmcore.Contact, error) {
	c, err := o.core.Contact(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return c, err
	}
	in.Body.apply(&c)
	return o.core.UpdateContact(ctx, api.UserOf(ctx), c)
}

type (
	companyCreate struct{ Body CompanyInput }
	companyUpdate struct {
		api.ByID
		Body CompanyInput
	}
)

func (o *Operations) listCompanies(ctx context.Context, in *ListQuery) (api.Page[crmcore.Company], error) {
	f, err := o.filter(ctx, record.Company, *in)
	if err != nil {
		return api.Page[crmcore.Company]{}, err
	}
	return page(o.core.Companies(ctx, api.UserOf(ctx), f))
}

func (o *Operations) createCompany(ctx context.Context, in *companyCreate) (crmcore.Company, error) {
	var c crmcore.Company
	in.Body.apply(&c)
	return o.core.CreateCompany(ctx, api.UserOf(ctx), c)
}

func (o *Operations) getCompany(ctx context.Context, in *api.ByID) (crmcore.Company, error) {
	return o.core.Company(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) updateCompany(ctx context.Context, in *companyUpdate) (crmcore.Company, error) {
	c, err := o.core.Company(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return c, err
	}
	in.Body.apply(&c)
	return o.core.UpdateCompany(ctx, api.UserOf(ctx), c)
}

type (
	leadList struct {
		ListQuery
		Stage string `query:"stage" enum:"new,in_progress,converted,junk,open" doc:"open: new and in progress"`
	}
	leadCreate struct{ Body LeadInput }
	leadUpdate struct {
		api.ByID
		Body LeadInput
	}
	leadConvert struct {
		api.ByID
		Body ConvertInput
	}
)

// ConvertInput says what becomes of a lead.
type ConvertInput struct {
	Contact string     `json:"contact,omitempty" doc:"Id of an existing contact; a new one when left out"`
	Company string     `json:"company,omitempty" doc:"Id of an existing company; a new one when left out and the lead names one"`
	Deal    *DealInput `json:"deal,omitempty" doc:"Also make this deal; its title defaults to the lead's"`
}

func (o *Operations) listLeads(ctx context.Context, in *leadList) (api.Page[crmcore.Lead], error) {
	f, err := o.filter(ctx, record.Lead, in.ListQuery)
	if err != nil {
		return api.Page[crmcore.Lead]{}, err
	}
	f.Stage = in.Stage
	return page(o.core.Leads(ctx, api.UserOf(ctx), f))
}

func (o *Operations) createLead(ctx context.Context, in *leadCreate) (crmcore.Lead, error) {
	l := crmcore.Lead{Source: "manual", Stage: "new"}
	in.Body.apply(&l)
	return o.core.CreateLead(ctx, api.UserOf(ctx), l)
}

func (o *Operations) getLead(ctx context.Context, in *api.ByID) (crmcore.Lead, error) {
	return o.core.Lead(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) updateLead(ctx context.Context, in *leadUpdate) (crmcore.Lead, error) {
	l, err := o.core.Lead(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return l, err
	}
	in.Body.apply(&l)
	return o.core.UpdateLead(ctx, api.UserOf(ctx), l)
}

func (o *Operations) convertLead(ctx context.Context, in *leadConvert) (crmcore.Converted, error) {
	how := crmcore.Conversion{Contact: in.Body.Contact, Company: in.Body.Company}
	if in.Body.Deal != nil {
		how.Deal = new(crmcore.Deal)
		in.Body.Deal.apply(how.Deal)
	}
	return o.core.ConvertLead(ctx, api.UserOf(ctx), in.ID, how)
}

type (
	dealList struct {
		ListQuery
		Pipeline string `query:"pipeline" maxLength:"100"`
		Stage    string `query:"stage" maxLength:"100" doc:"Id of a stage, or open, won, lost"`
		Contact  string `query:"contact" maxLength:"100"`
		Company  string `query:"company" maxLength:"100"`
	}
	pipelineSumsOf struct {
		api.ByID
		Search      string `query:"q" maxLength:"200" doc:"As in the list of deals"`
		Responsible string `query:"responsible" maxLength:"100" doc:"Id of a user"`
		Mine        bool   `query:"mine" doc:"Only those one is responsible for"`
		Where       string `query:"where" maxLength:"20000" doc:"As in the list of deals"`
	}
	dealCreate struct{ Body DealInput }
	dealUpdate struct {
		api.ByID
		Body DealInput
	}
	dealMove struct {
		api.ByID
		Body MoveInput
	}
	pipelineCreate struct{ Body PipelineInput }
	pipelineUpdate struct {
		api.ByID
		Body PipelineInput
	}
)

// MoveInput says where a deal goes.
type MoveInput struct {
	Stage string `json:"stage" doc:"Id"`
}

func (o *Operations) listDeals(ctx context.Context, in *dealList) (api.Page[crmcore.Deal], error) {
	f, err := o.filter(ctx, record.Deal, in.ListQuery)
	if err != nil {
		return api.Page[crmcore.Deal]{}, err
	}
	f.Pipeline, f.Stage, f.Contact, f.Company = in.Pipeline, in.Stage, in.Contact, in.Company
	return page(o.core.Deals(ctx, api.UserOf(ctx), f))
}

func (o *Operations) createDeal(ctx context.Context, in *dealCreate) (crmcore.Deal, error) {
	var d crmcore.Deal
	in.Body.apply(&d)
	return o.core.CreateDeal(ctx, api.UserOf(ctx), d)
}

func (o *Operations) getDeal(ctx context.Context, in *api.ByID) (crmcore.Deal, error) {
	return o.core.Deal(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) updateDeal(ctx context.Context, in *dealUpdate) (crmcore.Deal, error) {
	d, err := o.core.Deal(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return d, err
	}
	in.Body.apply(&d)
	return o.core.UpdateDeal(ctx, api.UserOf(ctx), d)
}

func (o *Operations) moveDeal(ctx context.Context, in *dealMove) (crmcore.Deal, error) {
	return o.core.MoveDeal(ctx, api.UserOf(ctx), in.ID, in.Body.Stage)
}

func (o *Operations) listPipelines(ctx context.Context, _ *api.None) (api.Page[crmcore.Pipeline], error) {
	return api.List(o.core.Pipelines(ctx))
}

func (o *Operations) createPipeline(ctx context.Context, in *pipelineCreate) (crmcore.Pipeline, error) {
	return o.core.SavePipeline(ctx, api.UserOf(ctx), in.Body.pipeline(""))
}

func (o *Operations) updatePipeline(ctx context.Context, in *pipelineUpdate) (crmcore.Pipeline, error) {
	return o.core.SavePipeline(ctx, api.UserOf(ctx), in.Body.pipeline(in.ID))
}

func (o *Operations) deletePipeline(ctx context.Context, in *api.ByID) error {
	return o.core.DeletePipeline(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) pipelineSums(ctx context.Context, in *pipelineSumsOf) (api.Page[crmcore.StageSum], error) {
	f := record.Filter{Pipeline: in.ID, Query: in.Search, Responsible: in.Responsible, Mine: in.Mine}
	if err := o.where(ctx, record.Deal, in.Where, &f); err != nil {
		return api.Page[crmcore.StageSum]{}, err
	}
	return api.List(o.core.DealSums(ctx, api.UserOf(ctx), f))
}

// delete removes a record of that kind.
func (o *Operations) delete(kind record.Kind) func(context.Context, *api.ByID) error {
	return func(ctx context.Context, in *api.ByID) error {
		return o.core.Delete(ctx, api.UserOf(ctx), record.Ref{Kind: kind, ID: in.ID})
	}
}
