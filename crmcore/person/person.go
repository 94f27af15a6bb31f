// Package person gathers what the CRM knows of one natural person, and erases it: the record that is him, the leads
// that he was, what was merged into it, and what happened with him.
package person

import (
	"context"
	"errors"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Person is who is asked about.
type Person struct {
	Name      string         `json:"name"`
	Records   []record.Named `json:"records" doc:"That are him: the contact or lead, the leads that became it, and others that were named"`
	Others    []record.Named `json:"others" doc:"That share a number or address with him: maybe him, too"`
	Names     []string       `json:"names"`
	Numbers   []string       `json:"numbers" doc:"That are his alone"`
	Addresses []string       `json:"addresses" doc:"Likewise"`
	Shared    []string       `json:"shared" doc:"Numbers and addresses that others have, too: what came over them is his only where it stands on his timeline"`
	Entries   int            `json:"entries" doc:"Of his timeline"`
	Documents int            `json:"documents" doc:"Offers and invoices of his deals"`
	Invoices  int            `json:"invoices" doc:"Of these, invoices with a number: the law wants them kept, with his name, also when he is erased"`
	documents []string
	calls     []string
}

// Calls are those on his timeline and on no other person's, by id.
func (p Person) Calls() []string { return p.calls }

// Refs are his records.
func (p Person) Refs() (refs []record.Ref) {
	for _, r := range p.Records {
		refs = append(refs, r.Ref)
	}
	return refs
}

// Tokens are the texts that nothing may have any more when he is erased.
func (p Person) Tokens() []string { return slices.Concat(p.Names, p.Numbers, p.Addresses) }

// Find gathers who a contact or lead is, with others that are the same person. For administrators: store.ErrNotFound,
// ErrForbidden, Invalid.
func Find(ctx context.Context, db store.Queries, actor people.User, ref record.Ref, also []record.Ref) (p Person,
	err error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return p, err
	}
	refs, err := his(ctx, db, actor, append([]record.Ref{ref}, also...))
	if err != nil {
		return p, err
	}
	for _, r := range refs {
		h, err := record.HeadOf(ctx, db, actor, r)
		if err != nil {
			return p, err
		}
		p.Records = append(p.Records, record.Named{Ref: r, Name: h.Name})
		names := []string{h.Name}
		if r.Kind == record.Lead {
			if names, err = leadNames(ctx, db, r); err != nil {
				return p, err
			}
		}
		p.Names = append(p.Names, names...)
	}
	for _, r := range refs {
		if err := p.addPoints(ctx, db, actor, r); err != nil {
			return p, err
		}
	}
	p.Name, p.Names = p.Records[0].Name, distinct(p.Names)
	p.Numbers, p.Addresses, p.Shared = distinct(p.Numbers), distinct(p.Addresses), distinct(p.Shared)
	entries, err := p.entries(ctx, db)
	p.Entries = len(entries)
	if err == nil {
		err = p.addDocuments(ctx, db)
	}
	if err == nil {
		p.calls, err = p.ownCalls(ctx, db)
	}
	return p, err
}

func distinct(texts []string) []string {
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(s string) bool { return s == "" })
}

// his are records with the leads that became them.
func his(ctx context.Context, db store.Queries, actor people.User, refs []record.Ref) (all []record.Ref, err error) {
	for _, ref := range refs {
		if ref.Kind != record.Contact && ref.Kind != record.Lead {
			return nil, input.Refuse("kind", "is contact or lead: a person")
		}
		if _, err := record.Permit(ctx, db, actor, ref); err != nil {
			return nil, err
		}
		all = append(all, ref)
		if ref.Kind != record.Contact {
			continue
		}
		leads, err := query.All(ctx, db, query.Text, query.New("SELECT id FROM lead WHERE contact = ?", ref.ID))
		if err != nil {
			return nil, err
		}
		for _, id := range leads {
			all = append(all, record.Lead.Ref(id))
		}
	}
	return record.Distinct(all), nil
}

// leadNames are what a lead is called; its title is no name where it has one.
func leadNames(ctx context.Context, db store.Queries, ref record.Ref) ([]string, error) {
	return query.One(ctx, db, func(r store.Row) ([]string, error) {
		var title, person string
		err := r.Scan(&title, &person)
		if person != "" {
			return []string{person}, err
		}
		return []string{title}, err
	}, query.New("SELECT name, person FROM lead WHERE id = ?", ref.ID))
}

// addPoints adds the numbers and addresses of a record, as far as no other record has them.
func (p *Person) addPoints(ctx context.Context, db store.Queries, actor people.User, ref record.Ref) error {
	points, err := record.Points(ctx, db, ref)
	if err != nil {
		return err
	}
	for _, one := range points {
		value := one.Value
		if value == "" {
			value = one.Raw
		}
		others, err := query.All(ctx, db, record.ScanRef, query.New(`SELECT DISTINCT entity_kind, entity_id
			FROM contact_point WHERE value = ? AND value <> '' AND kind = ? ORDER BY entity_kind, entity_id LIMIT 50`,
			one.Value, one.Kind))
		if err != nil {
			return err
		}
		others = slices.DeleteFunc(others, func(o record.Ref) bool { return o == ref || p.is(o) })
		if err := p.sharedWith(ctx, db, actor, others); err != nil {
			return err
		}
		switch {
		case len(others) > 0:
			p.Shared = append(p.Shared, value)
		case one.Kind == address.Phone:
			p.Numbers = append(p.Numbers, value)
		default:
			p.Addresses = append(p.Addresses, value)
		}
	}
	return nil
}

func (p *Person) is(ref record.Ref) bool {
	return slices.ContainsFunc(p.Records, func(r record.Named) bool { return r.Ref == ref })
}

func (p *Person) sharedWith(ctx context.Context, db store.Queries, actor people.User, others []record.Ref) error {
	for _, o := range others {
		known := slices.ContainsFunc(p.Others, func(n record.Named) bool { return n.Ref == o })
		if known || o.Kind == record.Company {
			continue
		}
		h, err := record.HeadOf(ctx, db, actor, o)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		p.Others = append(p.Others, record.Named{Ref: o, Name: h.Name})
	}
	return nil
}

// addDocuments finds the offers and invoices of his deals.
func (p *Person) addDocuments(ctx context.Context, db store.Queries) error {
	var contacts []string
	for _, r := range p.Records {
		if r.Kind == record.Contact {
			contacts = append(contacts, r.ID)
		}
	}
	_, err := query.All(ctx, db, func(r store.Row) (id string, err error) {
		var kept bool
		if err = r.Scan(&id, &kept); kept {
			p.Invoices++
		}
		p.documents = append(p.documents, id)
		return id, err
	}, query.New(`SELECT o.id, o.kind = 'invoice' AND o.number <> '' FROM offer o JOIN deal d ON d.id = o.deal
		WHERE d.contact`).In(contacts).Add(" ORDER BY o.id"))
	p.Documents = len(p.documents)
	return err
}

// Papers are the ids of the offers and invoices of his deals.
func (p Person) Papers() []string { return p.documents }

// on is the condition that a line of activity_entity, by its alias, is on one of his timelines.
func (p Person) on(alias string) func(*query.Builder) {
	return func(q *query.Builder) {
		ids := make([]string, len(p.Records))
		for i, r := range p.Records {
			ids[i] = r.ID
		}
		q.Add(alias + ".entity_kind IN ('contact', 'lead') AND " + alias + ".entity_id").In(ids)
	}
}

// alone is the condition that no other person has the activity a on his timeline.
func (p Person) alone(q *query.Builder) {
	q.Add(` NOT EXISTS (SELECT 1 FROM activity_entity o WHERE o.activity = a.id AND o.entity_kind IN ('contact', 'lead')
		AND NOT (`).With(p.on("o")).Add("))")
}

// entries are the ids of what is on his timelines.
func (p Person) entries(ctx context.Context, db store.Queries) ([]string, error) {
	return query.All(ctx, db, query.Text, query.New("SELECT DISTINCT e.activity FROM activity_entity e WHERE ").
		With(p.on("e")).Add(" ORDER BY e.activity"))
}

func (p Person) ownCalls(ctx context.Context, db store.Queries) ([]string, error) {
	return query.All(ctx, db, query.Text, query.New(`SELECT DISTINCT a.source FROM activity a WHERE a.kind = 'call'
		AND a.source <> '' AND EXISTS (SELECT 1 FROM activity_entity e WHERE e.activity = a.id AND `).With(p.on("e")).
		Add(") AND ").With(p.alone))
}

// Timeline is all that is on his timelines, the latest first.
func (p Person) Timeline(ctx context.Context, db store.Queries) ([]timeline.Activity, error) {
	return timeline.Read(ctx, db, query.New("SELECT "+timeline.Columns+` FROM activity a WHERE EXISTS (
		SELECT 1 FROM activity_entity e WHERE e.activity = a.id AND `).With(p.on("e")).Add(") ORDER BY a.at DESC, a.id"))
}

// InBin are his records there, and those that were merged into his.
func (p Person) InBin(ctx context.Context, db store.Queries) ([]string, error) {
	ids := make([]string, len(p.Records))
	for i, r := range p.Records {
		ids[i] = r.ID
	}
	return bin.MergedInto(ctx, db, ids)
}
