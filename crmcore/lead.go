package crmcore

import (
	"cmp"
	"context"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/event"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Stages of a lead.
const (
	LeadNew        = "new"
	LeadInProgress = "in_progress"
	LeadConverted  = "converted" // by ConvertLead alone
	LeadJunk       = "junk"      // its address makes no new lead
)

func leads() record.Table[Lead] {
	return record.Table[Lead]{
		Kind: record.Lead,
		From: `SELECT t.id, t.name, t.person, t.company_name, t.source, t.line, t.stage, t.responsible, t.kept, t.department, t.rule, t.contact, t.deal,
			t.comment, t.fields, t.created_at, t.updated_at FROM lead t`,
		Scan: func(r store.Row) (x Lead, err error) {
			var created, updated int64
			err = r.Scan(&x.ID, &x.Title, &x.Name, &x.CompanyName, &x.Source, &x.Line, &x.Stage, &x.Responsible,
				&x.Kept, &x.Department, &x.Rule,
				&x.Contact, &x.Deal, &x.Comment, &x.Fields, &created, &updated)
			x.Created, x.Updated = store.Time(created), store.Time(updated)
			return x, err
		},
		Self: func(x *Lead) (string, string, *[]record.Point) { return x.ID, x.Title, &x.Points },
	}
}

// Lead reads a lead: ErrNotFound, ErrForbidden.
func (c *Core) Lead(ctx context.Context, actor people.User, id string) (Lead, error) {
	return leads().Permitted(ctx, c.db, actor, id)
}

// Leads lists leads.
func (c *Core) Leads(ctx context.Context, actor people.User, f record.Filter) (record.List[Lead], error) {
	return leads().List(ctx, c.db, actor, f)
}

// CreateLead adds a lead by hand, the actor's own unless it names another responsible user. Errors: Invalid.
func (c *Core) CreateLead(ctx context.Context, actor people.User, in Lead) (Lead, error) {
	in.Title = cmp.Or(in.Title, cmp.Or(in.Name, in.CompanyName))
	in.Stage, in.Source = cmp.Or(in.Stage, LeadNew), cmp.Or(in.Source, "manual")
	if err := c.checkLead(ctx, &in); err != nil {
		return Lead{}, err
	}
	if in.Stage == LeadConverted {
		return Lead{}, input.Refuse("stage", "a lead is converted later")
	}
	in.ID, in.Responsible, in.Contact, in.Deal, in.Rule, in.Kept = store.NewID(), cmp.Or(in.Responsible, actor.ID),
		"", "", "", false
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return checkResponsible(ctx, tx, in.Responsible) },
			func() error { return people.CheckDepartment(ctx, tx, in.Department) },
			func() error { return claim(ctx, tx, actor, record.Lead.Ref(in.ID), in.Points) },
			func() error { return insertLead(ctx, tx, in) },
			func() error { return event.Record(ctx, tx, record.Lead.Ref(in.ID), event.Created, "") })
	})
	return created(ctx, c, leads(), in.ID, err)
}

// insertLead writes checked leads.
func insertLead(ctx context.Context, tx *store.Tx, leads ...Lead) error {
	var todo []store.Statement
	var index []record.Indexed
	for _, in := range leads {
		todo = append(todo, store.Statement{Query: `INSERT INTO lead (id, name, folded, person, company_name, source, line, stage, rule, contact, deal, comment,
			responsible, department, created_at, updated_at, kept) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, $11, $12, $13, $13, $14)`,
			Args: []any{in.ID, in.Title, record.SortKey(in.Title), in.Name, in.CompanyName, in.Source, in.Line,
				in.Stage, in.Rule, in.Comment, in.Responsible, in.Department, store.Micros(time.Now()), in.Kept}})
		index = append(index, record.Indexed{Ref: record.Lead.Ref(in.ID), Points: in.Points,
			Texts: []string{in.Title, in.Name, in.CompanyName}})
	}
	if err := tx.Later(ctx, append(todo, record.Indexing(index)...)...); err != nil {
		return err
	}
	for _, in := range leads {
		if err := field.Begin(ctx, tx, record.Lead.Ref(in.ID), in.Fields); err != nil {
			return err
		}
	}
	return nil
}

// UpdateLead replaces what people may change of a lead; see UpdateContact. A change of stage goes on its timeline.
func (c *Core) UpdateLead(ctx context.Context, actor people.User, in Lead) (Lead, error) {
	if err := c.checkLead(ctx, &in); err != nil {
		return Lead{}, err
	}
	ref := record.Lead.Ref(in.ID)
	err := c.change(ctx, actor, ref, in.Updated, func(tx *store.Tx, old record.Head) error {
		return query.Steps(
			func() error { return changeLeadStage(ctx, tx, actor, ref, in.Stage) },
			func() error {
				_, err := tx.Exec(ctx, `UPDATE lead SET name = $1, folded = $2, person = $3, company_name = $4, comment = $5 WHERE id = $6`,
					in.Title, record.SortKey(in.Title), in.Name, in.CompanyName, in.Comment, in.ID)
				return err
			},
			func() error { return claim(ctx, tx, actor, ref, in.Points) },
			func() error { return record.Index(ctx, tx, ref, in.Points, in.Title, in.Name, in.CompanyName) },
			func() error { return forgetAddresses(ctx, tx, in) },
			func() error { return field.Put(ctx, tx, actor, ref, in.Fields) },
			func() error { return c.handOver(ctx, tx, actor, ref, old, cmp.Or(in.Responsible, old.Responsible)) })
	})
	if err != nil {
		return Lead{}, err
	}
	return leads().Get(ctx, c.db, in.ID)
}

// forgetAddresses lets addresses that a lead no longer has make leads again.
func forgetAddresses(ctx context.Context, tx *store.Tx, in Lead) error {
	keep := []string{""}
	for _, p := range in.Points {
		keep = append(keep, address.Address{Kind: p.Kind, Value: p.Value, Raw: p.Raw}.Key())
	}
	q := query.New("DELETE FROM lead_address WHERE lead = ? AND address NOT", in.ID).In(keep)
	_, err := tx.Exec(ctx, q.String(), q.Args...)
	return err
}

func changeLeadStage(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, stage string) error {
	old, err := query.One(ctx, tx, query.Text, query.New("SELECT stage FROM lead WHERE id = ?", ref.ID))
	switch {
	case err != nil || old == stage:
		return err
	case stage == LeadConverted:
		return input.Refuse("stage", "convert the lead instead")
	case old == LeadConverted:
		return input.Refuse("stage", "the lead is converted: work with its contact and deal")
	}
	// it is at work
	if _, err := tx.Exec(ctx, "UPDATE lead SET stage = $1, kept = FALSE WHERE id = $2", stage, ref.ID); err != nil {
		return err
	}
	return query.Steps(
		func() error {
			return timeline.LogChange(ctx, tx, actor, ref, timeline.Made{What: "lead_stage", From: old, To: stage})
		},
		func() error { return event.Moved(ctx, tx, ref, old, stage) })
}

func (c *Core) checkLead(ctx context.Context, in *Lead) (err error) {
	err = input.Texts(input.Bound("title", &in.Title, 1, input.MaxTitle),
		input.Bound("name", &in.Name, 0, input.MaxName),
		input.Bound("company_name", &in.CompanyName, 0, input.MaxName),
		input.Bound("source", &in.Source, 0, 50), input.Bound("line", &in.Line, 0, address.MaxRaw),
		input.Bound("comment", &in.Comment, 0, input.MaxComment))
	if err != nil {
		return err
	}
	switch in.Stage {
	case LeadNew, LeadInProgress, LeadConverted, LeadJunk:
	default:
		return input.Refuse("stage", "is new, in_progress or junk")
	}
	in.Points, err = c.normalise(ctx, in.Points, record.Lead)
	return err
}
