package web

import (
	"context"

	"frontdesk/crmcore"
)

// ListQuery asks for a page of records.
type ListQuery struct {
	Paging
	Search      string        `query:"q" maxLength:"200" doc:"Words of the name, of an address, or a number: their beginnings, from three letters on also what stands within them, and the last digits of a number"`
	Responsible string        `query:"responsible" maxLength:"100" doc:"Id of a user"`
	Mine        bool          `query:"mine" doc:"Only those one is responsible for"`
	Order       crmcore.Order `query:"order" enum:"newest,name" default:"newest"`
}

func (q ListQuery) filter() crmcore.Filter {
	return crmcore.Filter{Query: q.Search, Responsible: q.Responsible, Mine: q.Mine, Order: q.Order, Page: q.page()}
}

func (p Paging) page() crmcore.Page { return crmcore.Page{Cursor: p.After, Limit: p.Limit} }

// page is a list of the CRM as the API answers it.
func page[T any](l crmcore.List[T], err error) (Page[T], error) {
	return Page[T]{Items: l.Items, Next: l.Next}, err
}

type (
	contactList struct {
		ListQuery
		Company string `query:"company" maxLength:"100" doc:"Id: people of that company"`
	}
	contactCreate struct{ Body ContactInput }
	contactUpdate struct {
		ByID
		Body ContactInput
	}
)

func (o *crmOps) listContacts(ctx context.Context, in *contactList) (Page[crmcore.Contact], error) {
	f := in.filter()
	f.Company = in.Company
	return page(o.core.Contacts(ctx, userOf(ctx), f))
}

func (o *crmOps) createContact(ctx context.Context, in *contactCreate) (crmcore.Contact, error) {
	var c crmcore.Contact
	in.Body.apply(&c)
	return o.core.CreateContact(ctx, userOf(ctx), c)
}

func (o *crmOps) getContact(ctx context.Context, in *ByID) (crmcore.Contact, error) {
	return o.core.Contact(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) updateContact(ctx context.Context, in *contactUpdate) (crmcore.Contact, error) {
	c, err := o.core.Contact(ctx, userOf(ctx), in.ID)
	if err != nil {
		return c, err
	}
	in.Body.apply(&c)
	return o.core.UpdateContact(ctx, userOf(ctx), c)
}

type (
	companyCreate struct{ Body CompanyInput }
	companyUpdate struct {
		ByID
		Body CompanyInput
	}
)

func (o *crmOps) listCompanies(ctx context.Context, in *ListQuery) (Page[crmcore.Company], error) {
	return page(o.core.Companies(ctx, userOf(ctx), in.filter()))
}

func (o *crmOps) createCompany(ctx context.Context, in *companyCreate) (crmcore.Company, error) {
	var c crmcore.Company
	in.Body.apply(&c)
	return o.core.CreateCompany(ctx, userOf(ctx), c)
}

func (o *crmOps) getCompany(ctx context.Context, in *ByID) (crmcore.Company, error) {
	return o.core.Company(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) updateCompany(ctx context.Context, in *companyUpdate) (crmcore.Company, error) {
	c, err := o.core.Company(ctx, userOf(ctx), in.ID)
	if err != nil {
		return c, err
	}
	in.Body.apply(&c)
	return o.core.UpdateCompany(ctx, userOf(ctx), c)
}

type (
	leadList struct {
		ListQuery
		Stage string `query:"stage" enum:"new,in_progress,converted,junk,open" doc:"open: new and in progress"`
	}
	leadCreate struct{ Body LeadInput }
	leadUpdate struct {
		ByID
		Body LeadInput
	}
	leadConvert struct {
		ByID
		Body ConvertInput
	}
)

// ConvertInput says what becomes of a lead.
type ConvertInput struct {
	Contact string     `json:"contact,omitempty" doc:"Id of an existing contact; a new one when left out"`
	Company string     `json:"company,omitempty" doc:"Id of an existing company; a new one when left out and the lead names one"`
	Deal    *DealInput `json:"deal,omitempty" doc:"Also make this deal; its title defaults to the lead's"`
}

func (o *crmOps) listLeads(ctx context.Context, in *leadList) (Page[crmcore.Lead], error) {
	f := in.filter()
	f.Stage = in.Stage
	return page(o.core.Leads(ctx, userOf(ctx), f))
}

func (o *crmOps) createLead(ctx context.Context, in *leadCreate) (crmcore.Lead, error) {
	l := crmcore.Lead{Source: "manual", Stage: "new"}
	in.Body.apply(&l)
	return o.core.CreateLead(ctx, userOf(ctx), l)
}

func (o *crmOps) getLead(ctx context.Context, in *ByID) (crmcore.Lead, error) {
	return o.core.Lead(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) updateLead(ctx context.Context, in *leadUpdate) (crmcore.Lead, error) {
	l, err := o.core.Lead(ctx, userOf(ctx), in.ID)
	if err != nil {
		return l, err
	}
	in.Body.apply(&l)
	return o.core.UpdateLead(ctx, userOf(ctx), l)
}

func (o *crmOps) convertLead(ctx context.Context, in *leadConvert) (crmcore.Converted, error) {
	how := crmcore.Conversion{Contact: in.Body.Contact, Company: in.Body.Company}
	if in.Body.Deal != nil {
		how.Deal = new(crmcore.Deal)
		in.Body.Deal.apply(how.Deal)
	}
	return o.core.ConvertLead(ctx, userOf(ctx), in.ID, how)
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
		ByID
		Search      string `query:"q" maxLength:"200" doc:"As in the list of deals"`
		Responsible string `query:"responsible" maxLength:"100" doc:"Id of a user"`
		Mine        bool   `query:"mine" doc:"Only those one is responsible for"`
	}
	dealCreate struct{ Body DealInput }
	dealUpdate struct {
		ByID
		Body DealInput
	}
	dealMove struct {
		ByID
		Body MoveInput
	}
	pipelineCreate struct{ Body PipelineInput }
	pipelineUpdate struct {
		ByID
		Body PipelineInput
	}
)

// MoveInput says where a deal goes.
type MoveInput struct {
	Stage string `json:"stage" doc:"Id"`
}

func (o *crmOps) listDeals(ctx context.Context, in *dealList) (Page[crmcore.Deal], error) {
	f := in.filter()
	f.Pipeline, f.Stage, f.Contact, f.Company = in.Pipeline, in.Stage, in.Contact, in.Company
	return page(o.core.Deals(ctx, userOf(ctx), f))
}

func (o *crmOps) createDeal(ctx context.Context, in *dealCreate) (crmcore.Deal, error) {
	var d crmcore.Deal
	in.Body.apply(&d)
	return o.core.CreateDeal(ctx, userOf(ctx), d)
}

func (o *crmOps) getDeal(ctx context.Context, in *ByID) (crmcore.Deal, error) {
	return o.core.Deal(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) updateDeal(ctx context.Context, in *dealUpdate) (crmcore.Deal, error) {
	d, err := o.core.Deal(ctx, userOf(ctx), in.ID)
	if err != nil {
		return d, err
	}
	in.Body.apply(&d)
	return o.core.UpdateDeal(ctx, userOf(ctx), d)
}

func (o *crmOps) moveDeal(ctx context.Context, in *dealMove) (crmcore.Deal, error) {
	return o.core.MoveDeal(ctx, userOf(ctx), in.ID, in.Body.Stage)
}

func (o *crmOps) listPipelines(ctx context.Context, _ *none) (Page[crmcore.Pipeline], error) {
	return list(o.core.Pipelines(ctx))
}

func (o *crmOps) createPipeline(ctx context.Context, in *pipelineCreate) (crmcore.Pipeline, error) {
	return o.core.SavePipeline(ctx, userOf(ctx), in.Body.pipeline(""))
}

func (o *crmOps) updatePipeline(ctx context.Context, in *pipelineUpdate) (crmcore.Pipeline, error) {
	return o.core.SavePipeline(ctx, userOf(ctx), in.Body.pipeline(in.ID))
}

func (o *crmOps) deletePipeline(ctx context.Context, in *ByID) error {
	return o.core.DeletePipeline(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) pipelineSums(ctx context.Context, in *pipelineSumsOf) (Page[crmcore.StageSum], error) {
	f := crmcore.Filter{Pipeline: in.ID, Query: in.Search, Responsible: in.Responsible, Mine: in.Mine}
	return list(o.core.DealSums(ctx, userOf(ctx), f))
}

// delete removes a record of that kind.
func (o *crmOps) delete(kind crmcore.EntityKind) func(context.Context, *ByID) error {
	return func(ctx context.Context, in *ByID) error {
		return o.core.Delete(ctx, userOf(ctx), crmcore.Ref{Kind: kind, ID: in.ID})
	}
}
