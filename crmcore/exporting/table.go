package exporting

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

// table is what the lines of a kind have, with the names that stand for ids.
type table struct {
	core   *crmcore.Core
	kind   record.Kind
	fields []field.Field
	users  map[string]string
	stages map[string]string
	pipes  map[string]string
}

func open(ctx context.Context, core *crmcore.Core, kind record.Kind) (*table, error) {
	t := &table{core: core, kind: kind, users: map[string]string{}, stages: map[string]string{},
		pipes: map[string]string{}}
	fields, err := core.Fields(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if slices.Contains(f.Kinds, kind) {
			t.fields = append(t.fields, f)
		}
	}
	users, err := core.Users(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		t.users[u.ID] = u.Name
	}
	pipelines, err := core.Pipelines(ctx)
	for _, p := range pipelines {
		t.pipes[p.ID] = p.Name
		for _, s := range p.Stages {
			t.stages[s.ID] = s.Name
		}
	}
	return t, err
}

// headings are words that an import knows again.
func (t *table) headings() []any {
	usual := map[record.Kind][]any{
		record.Contact: {"ID", "Name", "Job title", "Company", "Phone", "E-mail", "Comment"},
		record.Company: {"ID", "Name", "Website", "Phone", "E-mail", "Comment"},
		record.Lead:    {"ID", "Title", "Name", "Company", "Phone", "E-mail", "Stage", "Came by", "Comment"},
		record.Deal: {"ID", "Title", "Contact", "Company", "Pipeline", "Stage", "Amount", "Currency", "Comment",
			"In its stage since"},
	}[t.kind]
	line := append(usual, "Responsible", "Created", "Changed")
	for _, f := range t.fields {
		line = append(line, f.Name)
	}
	return line
}

// page reads some lines, and the cursor of the next.
func (t *table) page(ctx context.Context, actor people.User, f record.Filter) ([][]any, string, error) {
	switch t.kind {
	case record.Contact:
		l, err := t.core.Contacts(ctx, actor, f)
		return lines(l.Items, t.contact), l.Next, err
	case record.Company:
		l, err := t.core.Companies(ctx, actor, f)
		return lines(l.Items, t.company), l.Next, err
	case record.Lead:
		l, err := t.core.Leads(ctx, actor, f)
		return lines(l.Items, t.lead), l.Next, err
	}
	l, err := t.core.Deals(ctx, actor, f)
	return lines(l.Items, t.deal), l.Next, err
}

func lines[T any](items []T, of func(T) []any) [][]any {
	out := make([][]any, len(items))
	for i, x := range items {
		out[i] = of(x)
	}
	return out
}

func (t *table) contact(c crmcore.Contact) []any {
	return t.own(c.Fields, c.ID, c.Name, c.Position, c.CompanyName, reach(c.Points, address.Phone),
		reach(c.Points, address.Email), c.Comment, t.users[c.Responsible], c.Created, c.Updated)
}

func (t *table) company(c crmcore.Company) []any {
	return t.own(c.Fields, c.ID, c.Name, c.Website, reach(c.Points, address.Phone), reach(c.Points, address.Email),
		c.Comment, t.users[c.Responsible], c.Created, c.Updated)
}

func (t *table) lead(l crmcore.Lead) []any {
	return t.own(l.Fields, l.ID, l.Title, l.Name, l.CompanyName, reach(l.Points, address.Phone),
		reach(l.Points, address.Email), l.Stage, l.Source, l.Comment, t.users[l.Responsible], l.Created, l.Updated)
}

func (t *table) deal(d crmcore.Deal) []any {
	return t.own(d.Fields, d.ID, d.Title, d.ContactName, d.CompanyName, t.pipes[d.Pipeline], t.stages[d.Stage],
		float64(d.Amount)/100, d.Currency, d.Comment, d.Moved, t.users[d.Responsible], d.Created, d.Updated)
}

// reach are all numbers or mailboxes in one cell.
func reach(points []record.Point, kind address.Kind) string {
	var all []string
	for _, p := range points {
		if p.Kind == kind {
			all = append(all, p.Raw)
		}
	}
	return strings.Join(all, "; ")
}

// own are the cells of a line, with those of the company's own fields.
func (t *table) own(values record.Values, cells ...any) []any {
	for _, f := range t.fields {
		cells = append(cells, t.value(f, values[f.ID]))
	}
	return cells
}

func (t *table) value(f field.Field, values []string) any {
	if f.Type == field.Number && len(values) == 1 {
		if n, err := strconv.ParseFloat(values[0], 64); err == nil {
			return n
		}
	}
	said := make([]string, len(values))
	for i, v := range values {
		said[i] = v
		if f.Type == field.User && t.users[v] != "" {
			said[i] = t.users[v]
		}
		for _, o := range f.Choices {
			if o.ID == v {
				said[i] = o.Name
			}
		}
	}
	return strings.Join(said, "; ")
}
