package crmcore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"frontdesk/crmcore/event"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Conversion says what becomes of a lead.
type Conversion struct {
	Contact string `json:"contact,omitempty"` // id of an existing contact; "": a new one with the lead's name and points
	Company string `json:"company,omitempty"` // id of an existing company; "": a new one when the lead names one
	Deal    *Deal  `json:"deal,omitempty"`    // nil: none; its title defaults to the lead's
}

// Converted is what became of it.
type Converted struct {
	Lead    Lead     `json:"lead"`
	Contact Contact  `json:"contact"`
	Company *Company `json:"company,omitempty"`
	Deal    *Deal    `json:"deal,omitempty"`
}

// ConvertLead makes a client of a lead: a contact, on demand with company and deal. Its whole history appears on
// their timelines as well, and its addresses lead to the contact from now on. An existing contact or company that the
// actor may not see is ErrForbidden.
func (c *Core) ConvertLead(ctx context.Context, actor people.User, id string, how Conversion) (Converted, error) {
	var made Converted
	err := c.change(ctx, actor, record.Lead.Ref(id), time.Time{}, func(tx *store.Tx, _ record.Head) (err error) {
		made, err = c.convert(ctx, tx, actor, id, how)
		return err
	})
	if err != nil {
		return Converted{}, err
	}
	c.hooks.Changed(ctx, record.Contact.Ref(made.Contact.ID))
	if made.Deal != nil {
		c.hooks.Changed(ctx, record.Deal.Ref(made.Deal.ID))
	}
	return made, nil
}

func (c *Core) convert(ctx context.Context, tx *store.Tx, actor people.User, id string,
	how Conversion) (made Converted, err error) {
	lead, err := leads().Get(ctx, tx, id)
	if err != nil {
		return made, err
	}
	if lead.Stage == LeadConverted {
		return made, input.Refuse("stage", "this lead is converted already")
	}
	owner := cmp.Or(lead.Responsible, actor.ID)
	if lead.Kept || !people.Here(ctx, tx, owner) {
		owner = actor.ID
	}
	company, contact, deal := how.Company, how.Contact, ""
	err = query.Steps(
		func() (err error) { company, err = convertCompany(ctx, tx, actor, lead, company, owner); return err },
		func() (err error) {
			contact, err = convertContact(ctx, tx, actor, lead, contact, company, owner)
			return err
		},
		func() (err error) {
			deal, err = c.convertDeal(ctx, tx, lead, how.Deal, contact, company, owner)
			return err
		},
		func() error { return endLead(ctx, tx, actor, lead, contact, deal) })
	if err != nil {
		return made, err
	}
	return readConverted(ctx, tx, id, contact, company, deal)
}

func convertCompany(ctx context.Context, tx *store.Tx, actor people.User, lead Lead, company,
	owner string) (string, error) {
	if company != "" || lead.CompanyName == "" {
		return company, permitNamed(ctx, tx, actor, record.Company, company)
	}
	fields, err := field.Usable(ctx, tx, record.Company, lead.Fields)
	if err != nil {
		return "", err
	}
	fresh := Company{ID: store.NewID(), Name: lead.CompanyName, Responsible: owner, Fields: fields}
	return fresh.ID, insertCompany(ctx, tx, fresh)
}

// convertContact makes the contact, or gives an existing one the lead's addresses.
func convertContact(ctx context.Context, tx *store.Tx, actor people.User, lead Lead, contact, company,
	owner string) (string, error) {
	if contact == "" {
		fields, err := field.Usable(ctx, tx, record.Contact, lead.Fields)
		if err != nil {
			return "", err
		}
		fresh := Contact{ID: store.NewID(), Name: cmp.Or(lead.Name, lead.Title), Company: company,
			Points: lead.Points, Responsible: owner, Comment: lead.Comment, Fields: fields}
		return fresh.ID, insertContact(ctx, tx, fresh)
	}
	old, err := contacts().Permitted(ctx, tx, actor, contact)
	if err != nil {
		return "", err
	}
	for _, p := range lead.Points {
		if !slices.ContainsFunc(old.Points, p.Same) {
			old.Points = append(old.Points, p)
		}
	}
	return contact, record.Index(ctx, tx, record.Contact.Ref(contact), old.Points, old.Name)
}

func (c *Core) convertDeal(ctx context.Context, tx *store.Tx, lead Lead, in *Deal, contact, company,
	owner string) (string, error) {
	if in == nil {
		return "", nil
	}
	d := *in
	d.Title = cmp.Or(d.Title, lead.Title)
	fields, err := field.Usable(ctx, tx, record.Deal, lead.Fields)
	if err != nil {
		return "", err
	}
	d.Fields = fields.With(d.Fields)
	if err := c.checkDeal(&d); err != nil {
		return "", err
	}
	d.ID, d.Contact, d.Company, d.Responsible = store.NewID(), contact, company, cmp.Or(d.Responsible, owner)
	if err := people.CheckUser(ctx, tx, "deal.responsible", d.Responsible); err != nil {
		return "", err
	}
	return d.ID, insertDeal(ctx, tx, &d)
}

// endLead closes the lead and copies its history.
func endLead(ctx context.Context, tx *store.Tx, actor people.User, lead Lead, contact, deal string) error {
	if err := timeline.LogChange(ctx, tx, actor, record.Lead.Ref(lead.ID),
		timeline.Made{What: "lead_stage", From: lead.Stage, To: LeadConverted}); err != nil {
		return err
	}
	for _, to := range []record.Ref{record.Contact.Ref(contact), record.Deal.Ref(deal)} {
		if to.ID == "" {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO activity_entity (entity_kind, entity_id, at, activity, waiting)
			SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), at, activity, waiting FROM activity_entity WHERE entity_kind = 'lead' AND entity_id = $3
			ON CONFLICT DO NOTHING`, to.Kind, to.ID, lead.ID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM lead_address WHERE lead = $1", lead.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE lead SET stage = $1, contact = $2, deal = $3 WHERE id = $4", LeadConverted,
		contact, deal, lead.ID); err != nil {
		return err
	}
	return event.Moved(ctx, tx, record.Lead.Ref(lead.ID), lead.Stage, LeadConverted)
}

func readConverted(ctx context.Context, tx *store.Tx, lead, contact, company, deal string) (made Converted, err error) {
	if made.Lead, err = leads().Get(ctx, tx, lead); err != nil {
		return made, err
	}
	if made.Contact, err = contacts().Get(ctx, tx, contact); err != nil {
		return made, err
	}
	if company != "" {
		x, err := companies().Get(ctx, tx, company)
		if err != nil {
			return made, err
		}
		made.Company = &x
	}
	if deal != "" {
		x, err := deals().Get(ctx, tx, deal)
		if err != nil {
			return made, err
		}
		made.Deal = &x
	}
	return made, nil
}
