package importing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// prepare makes a record of every line, and says what is wrong with it.
func (b *batch) prepare(ctx context.Context) error {
	for n, line := range b.part.of {
		e := b.read(line)
		r := &row{line: b.part.first + int64(n), firm: e.company, name: e.name, title: e.title, fresh: b.fresh(e)}
		b.rows = append(b.rows, r)
		if whose := fold.Text(e.responsible); whose != "" && b.users[whose] == "" {
			r.refuse("responsible: " + e.responsible + " is no user here")
			continue
		}
		err := b.core.Check(ctx, b.actor, r.fresh)
		var bad *input.Invalid
		if errors.As(err, &bad) {
			r.refuse(bad.Error())
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) fresh(e entry) crmcore.Fresh {
	whose := b.users[fold.Text(e.responsible)]
	called := e.name
	if called == "" && len(e.points) > 0 {
		called = e.points[0].Raw
	}
	switch b.of.Kind {
	case record.Contact:
		return crmcore.Fresh{Contact: &crmcore.Contact{Name: called, Position: e.position, Comment: e.comment,
			Points: e.points, Fields: e.fields, Responsible: whose}}
	case record.Company:
		return crmcore.Fresh{Company: &crmcore.Company{Name: called, Website: e.website, Comment: e.comment,
			Points: e.points, Fields: e.fields, Responsible: whose}}
	}
	if e.title == "" {
		e.title = called
	}
	return crmcore.Fresh{Lead: &crmcore.Lead{Title: e.title, Name: e.name, CompanyName: e.company, Comment: e.comment,
		Points: e.points, Fields: e.fields, Responsible: whose, Source: "import", Stage: crmcore.LeadNew}}
}

// companies finds the companies that contacts name, and makes those that are not there.
func (b *batch) companies(ctx context.Context) error {
	if b.of.Kind != record.Contact {
		return nil
	}
	named := map[string]string{} // ids by name
	for _, r := range b.rows {
		if r.firm != "" && r.outcome != failed && r.outcome != skipped {
			named[fold.Text(r.firm)] = ""
		}
	}
	if err := b.knownFirms(ctx, named); err != nil {
		return err
	}
	for _, r := range b.rows {
		key := fold.Text(r.firm)
		if _, wanted := named[key]; !wanted || r.outcome == failed || r.outcome == skipped {
			continue
		}
		if named[key] == "" {
			firm := crmcore.Fresh{Company: &crmcore.Company{Name: r.firm, Responsible: r.fresh.Contact.Responsible}}
			if err := b.core.Check(ctx, b.actor, firm); err != nil {
				r.refuse("company: " + err.Error())
				continue
			}
			named[key] = firm.Company.ID
			b.made = append(b.made, firm)
			b.firms = append(b.firms, result{line: r.line, kind: record.Company, outcome: made,
				record: firm.Company.ID})
		}
		r.fresh.Contact.Company = named[key]
	}
	return nil
}

// change updates the records that lines are about; how each was is written down first.
func (b *batch) change(ctx context.Context) error {
	var before []result
	for _, r := range b.rows {
		if r.outcome != updating {
			continue
		}
		text, err := b.snapshot(ctx, r.known.id)
		if answered(err) {
			r.refuse(err.Error())
			continue
		}
		if err != nil {
			return err
		}
		before = append(before, result{line: r.line, kind: b.of.Kind, outcome: updating, record: r.known.id,
			before: text})
	}
	if len(before) == 0 {
		return nil
	}
	if err := b.db.Tx(ctx, func(tx *store.Tx) error { return results(ctx, tx, b.of.ID, before) }); err != nil {
		return err
	}
	for _, r := range b.rows {
		if r.outcome != updating {
			continue
		}
		stamp, err := b.update(ctx, r)
		switch {
		case answered(err):
			r.refuse(err.Error())
		case err != nil:
			return err
		default:
			r.outcome, r.record, r.stamp = updated, r.known.id, store.Micros(stamp)
		}
	}
	return nil
}

// write makes what is new, together with what became of the lines.
func (b *batch) write(ctx context.Context) error {
	var all []result
	stamp := store.Micros(time.Now())
	for _, r := range b.rows {
		if r.outcome == "" {
			r.outcome, r.record, r.stamp = made, r.fresh.Ref().ID, stamp
			b.made = append(b.made, r.fresh)
		}
		all = append(all, result{line: r.line, kind: b.of.Kind, outcome: r.outcome, record: r.record, stamp: r.stamp,
			problem: r.problem})
	}
	for i := range b.firms {
		b.firms[i].stamp = stamp
	}
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		if err := b.core.Make(ctx, tx, b.actor, store.Time(stamp), b.made); err != nil {
			return err
		}
		if err := results(ctx, tx, b.of.ID, slices.Concat(all, b.firms)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE import SET done = $1 WHERE id = $2",
			b.part.first+int64(len(b.part.of))-1, b.of.ID)
		return err
	})
}

func (b *batch) snapshot(ctx context.Context, id string) (string, error) {
	var x any
	var err error
	switch b.of.Kind {
	case record.Contact:
		x, err = b.core.Contact(ctx, b.actor, id)
	case record.Company:
		x, err = b.core.Company(ctx, b.actor, id)
	default:
		x, err = b.core.Lead(ctx, b.actor, id)
	}
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(x)
	return string(text), err
}
