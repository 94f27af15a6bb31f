package crmapi

import (
	"slices"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

// PointInput is one phone number or mailbox as a person types it.
type PointInput struct {
	Kind  address.Kind `json:"kind" enum:"phone,email"`
	Raw   string       `json:"raw" minLength:"1" maxLength:"320"`
	Ext   string       `json:"ext,omitempty" maxLength:"20" doc:"Extension behind a number"`
	Label string       `json:"label,omitempty" maxLength:"40"`
}

// Reach is how a record is reached, given in one of two ways: plain lists of numbers and mailboxes, or with labels.
type Reach struct {
	Phones []string     `json:"phones,omitempty" maxItems:"50" doc:"In any usual writing; the first is the primary one"`
	Emails []string     `json:"emails,omitempty" maxItems:"50"`
	Points []PointInput `json:"points,omitempty" maxItems:"100" doc:"Instead of phones and emails: with labels and extensions"`
}

// apply replaces what is given of old.
func (p Reach) apply(old []record.Point) []record.Point {
	if p.Points != nil {
		all := make([]record.Point, len(p.Points))
		for i, in := range p.Points {
			all[i] = record.Point{Kind: in.Kind, Raw: in.Raw, Value: in.Raw, Ext: in.Ext, Label: in.Label}
			if at := slices.IndexFunc(old, func(p record.Point) bool {
				return p.Kind == in.Kind && p.Raw == in.Raw &&
					p.Ext == in.Ext
			}); at >= 0 {
				all[i].Value, all[i].Last = old[at].Value, old[at].Last
			}
		}
		return all
	}
	return append(replaced(old, address.Phone, p.Phones), replaced(old, address.Email, p.Emails)...)
}

// replaced are the points of one kind: the old ones, unless new ones are given.
func replaced(old []record.Point, kind address.Kind, given []string) []record.Point {
	all := []record.Point{}
	for _, p := range old {
		if p.Kind == kind && given == nil {
			all = append(all, p)
		}
	}
	for _, text := range given {
		all = append(all, record.Point{Kind: kind, Raw: text, Value: text})
	}
	return all
}

// ContactInput is what a contact is made or changed with; what is left out stays.
type ContactInput struct {
	Name     *string `json:"name,omitempty" maxLength:"200"`
	Position *string `json:"position,omitempty" maxLength:"200"`
	Company  *string `json:"company,omitempty" doc:"Id of a company"`
	Reach
	Responsible *string       `json:"responsible,omitempty" doc:"Id of a user; whoever creates it when left out"`
	Comment     *string       `json:"comment,omitempty" maxLength:"20000"`
	Fields      record.Values `json:"fields,omitempty" doc:"By the ids of fields: those named are changed, an empty list takes the value away"`
	Updated     *time.Time    `json:"updated,omitempty" doc:"Of the record that was edited: 409 when somebody changed it since"`
}

func (in ContactInput) apply(c *crmcore.Contact) {
	api.Set(&c.Name, in.Name)
	api.Set(&c.Position, in.Position)
	api.Set(&c.Company, in.Company)
	c.Points = in.Reach.apply(c.Points)
	api.Set(&c.Responsible, in.Responsible)
	api.Set(&c.Comment, in.Comment)
	c.Fields = c.Fields.With(in.Fields)
	api.Set(&c.Updated, in.Updated)
}

// CompanyInput is what a company is made or changed with; what is left out stays.
type CompanyInput struct {
	Name    *string `json:"name,omitempty" maxLength:"200"`
	Website *string `json:"website,omitempty" maxLength:"400"`
	Reach
	Responsible *string       `json:"responsible,omitempty" doc:"Id of a user; whoever creates it when left out"`
	Comment     *string       `json:"comment,omitempty" maxLength:"20000"`
	Fields      record.Values `json:"fields,omitempty" doc:"By the ids of fields: those named are changed, an empty list takes the value away"`
	Updated     *time.Time    `json:"updated,omitempty" doc:"Of the record that was edited: 409 when somebody changed it since"`
}

func (in CompanyInput) apply(c *crmcore.Company) {
	api.Set(&c.Name, in.Name)
	api.Set(&c.Website, in.Website)
	c.Points = in.Reach.apply(c.Points)
	api.Set(&c.Responsible, in.Responsible)
	api.Set(&c.Comment, in.Comment)
	c.Fields = c.Fields.With(in.Fields)
	api.Set(&c.Updated, in.Updated)
}

// LeadInput is what a lead is made or changed with; what is left out stays.
type LeadInput struct {
	Title       *string `json:"title,omitempty" maxLength:"200"`
	Name        *string `json:"name,omitempty" maxLength:"200"`
	CompanyName *string `json:"company_name,omitempty" maxLength:"200"`
	Stage       *string `json:"stage,omitempty" enum:"new,in_progress,junk"`
	Reach
	Responsible *string       `json:"responsible,omitempty" doc:"Id of a user; whoever creates it when left out"`
	Comment     *string       `json:"comment,omitempty" maxLength:"20000"`
	Fields      record.Values `json:"fields,omitempty" doc:"By the ids of fields: those named are changed, an empty list takes the value away"`
	Updated     *time.Time    `json:"updated,omitempty" doc:"Of the record that was edited: 409 when somebody changed it since"`
}

func (in LeadInput) apply(l *crmcore.Lead) {
	api.Set(&l.Title, in.Title)
	api.Set(&l.Name, in.Name)
	api.Set(&l.CompanyName, in.CompanyName)
	api.Set(&l.Stage, in.Stage)
	l.Points = in.Reach.apply(l.Points)
	api.Set(&l.Responsible, in.Responsible)
	api.Set(&l.Comment, in.Comment)
	l.Fields = l.Fields.With(in.Fields)
	api.Set(&l.Updated, in.Updated)
}

// DealInput is what a deal is made or changed with; what is left out stays.
type DealInput struct {
	Title       *string       `json:"title,omitempty" maxLength:"200"`
	Contact     *string       `json:"contact,omitempty" doc:"Id"`
	Company     *string       `json:"company,omitempty" doc:"Id"`
	Pipeline    *string       `json:"pipeline,omitempty" doc:"Id; the first one when left out"`
	Stage       *string       `json:"stage,omitempty" doc:"Id; the pipeline's first one when left out"`
	Amount      *int64        `json:"amount,omitempty" minimum:"0" doc:"In hundredths of the currency's unit, whichever it is: 1,200 yen are 120000; a tenth of a hundredth is not kept"`
	Currency    *string       `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217"`
	Responsible *string       `json:"responsible,omitempty" doc:"Id of a user; whoever creates it when left out"`
	Comment     *string       `json:"comment,omitempty" maxLength:"20000"`
	Fields      record.Values `json:"fields,omitempty" doc:"By the ids of fields: those named are changed, an empty list takes the value away"`
	Updated     *time.Time    `json:"updated,omitempty" doc:"Of the record that was edited: 409 when somebody changed it since"`
}

func (in DealInput) apply(d *crmcore.Deal) {
	api.Set(&d.Title, in.Title)
	api.Set(&d.Contact, in.Contact)
	api.Set(&d.Company, in.Company)
	api.Set(&d.Pipeline, in.Pipeline)
	api.Set(&d.Stage, in.Stage)
	api.Set(&d.Amount, in.Amount)
	api.Set(&d.Currency, in.Currency)
	api.Set(&d.Responsible, in.Responsible)
	api.Set(&d.Comment, in.Comment)
	d.Fields = d.Fields.With(in.Fields)
	api.Set(&d.Updated, in.Updated)
}

// PipelineInput is a pipeline to be; stages keep their id to keep their deals.
type PipelineInput struct {
	Name   string       `json:"name" minLength:"1" maxLength:"200"`
	Stages []StageInput `json:"stages" minItems:"1" maxItems:"50"`
}

// StageInput is a stage of a PipelineInput.
type StageInput struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name" minLength:"1" maxLength:"200"`
	Kind string `json:"kind" enum:"open,won,lost"`
}

func (in PipelineInput) pipeline(id string) crmcore.Pipeline {
	p := crmcore.Pipeline{ID: id, Name: in.Name}
	for _, stage := range in.Stages {
		p.Stages = append(p.Stages, crmcore.Stage{ID: stage.ID, Name: stage.Name, Kind: stage.Kind})
	}
	return p
}
