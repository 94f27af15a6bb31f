// Package history tells on a record's timeline which of its fields changed, from what to what. The company's own
// fields, stages and who is responsible tell of themselves, where they are changed.
package history

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// MaxSaid is how much of a value its change tells, in bytes.
const MaxSaid = 200

// Traits are what a record has, as people read it, and what tells of itself.
type Traits struct {
	all         []trait
	responsible string
	stage       string
	fields      record.Values
}

type trait struct{ name, value string }

// kept are the traits of a kind, and what reads them.
type kept struct {
	names []string
	from  string
}

func keptOf(kind record.Kind) kept {
	const named = " LEFT JOIN company co ON co.id = t.company"
	switch kind {
	case record.Contact:
		return kept{[]string{"name", "position", "company", "comment"},
			`SELECT t.name, t.position, COALESCE(co.name, t.company), t.comment, t.responsible, t.fields, ''
				FROM contact t` + named}
	case record.Company:
		return kept{[]string{"name", "website", "comment"},
			"SELECT t.name, t.website, t.comment, t.responsible, t.fields, '' FROM company t"}
	case record.Lead:
		return kept{[]string{"title", "name", "company", "comment"},
			`SELECT t.name, t.person, t.company_name, t.comment, t.responsible, t.fields, t.stage
				FROM lead t`}
	}
	return kept{[]string{"title", "contact", "company", "comment", "amount"},
		`SELECT t.name, COALESCE(ct.name, t.contact), COALESCE(co.name, t.company), t.comment,
			CAST(t.amount AS TEXT) || ' ' || t.currency, t.responsible, t.fields, t.stage FROM deal t LEFT JOIN contact ct ON ct.id = t.contact` + named}
}

// Read are the traits of a record, whoever asks.
func Read(ctx context.Context, db store.Queries, ref record.Ref) (all Traits, err error) {
	k := keptOf(ref.Kind)
	values, err := query.One(ctx, db, func(r store.Row) ([]string, error) {
		values, into := make([]string, len(k.names)), make([]any, len(k.names))
		for i := range values {
			into[i] = &values[i]
		}
		return values, r.Scan(append(into, &all.responsible, &all.fields, &all.stage)...)
	}, query.New(k.from+" WHERE t.id = ?", ref.ID))
	if err != nil {
		return all, err
	}
	for i, name := range k.names {
		if name == "amount" {
			values[i] = money(values[i])
		}
		all.all = append(all.all, trait{name, values[i]})
	}
	if ref.Kind == record.Deal {
		return all, nil
	}
	points, err := record.Points(ctx, db, ref)
	all.all = append(all.all, trait{"points", said(points)})
	return all, err
}

// Differ names what is other of a record than before; of the company's own fields it is their ids.
func (t Traits) Differ(before Traits) (names []string) {
	for i, now := range t.all {
		if before.all[i] != now {
			names = append(names, now.name)
		}
	}
	if t.responsible != before.responsible {
		names = append(names, "responsible")
	}
	if t.stage != before.stage {
		names = append(names, "stage")
	}
	for _, id := range slices.Sorted(maps.Keys(before.fields.With(t.fields))) {
		if !slices.Equal(t.fields[id], before.fields[id]) {
			names = append(names, id)
		}
	}
	return names
}

// money is an amount in hundredths and its currency as people read it.
func money(kept string) string {
	hundredths, currency, _ := strings.Cut(kept, " ")
	hundredths = strings.Repeat("0", max(0, 3-len(hundredths))) + hundredths
	at := len(hundredths) - 2
	return hundredths[:at] + "." + hundredths[at:] + " " + currency
}

func said(points []record.Point) string {
	var all []string
	for _, p := range points {
		text := cmp.Or(p.Value, p.Raw)
		if p.Ext != "" {
			text += " ext. " + p.Ext
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// Log tells what is other of a record than before, and names it: see Differ.
func Log(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, before Traits) ([]string, error) {
	after, err := Read(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	for i, now := range after.all {
		if before.all[i] == now {
			continue
		}
		if err := timeline.LogChange(ctx, tx, actor, ref, timeline.Made{What: "trait", Name: now.name,
			From: shortened(before.all[i].value), To: shortened(now.value)}); err != nil {
			return nil, err
		}
	}
	return after.Differ(before), nil
}

// Responsible tells that somebody else is responsible for a record now.
func Responsible(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, from, to string) error {
	names, err := people.Names(ctx, tx, from, to)
	if err != nil {
		return err
	}
	return timeline.LogChange(ctx, tx, actor, ref,
		timeline.Made{What: "responsible", From: names[from], To: names[to]})
}

// shortened is the beginning of a long text, with its lines in one.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if cut := fold.Clip(text, MaxSaid); cut != text {
		return cut + "…"
	}
	return text
}
