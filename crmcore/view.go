package crmcore

import (
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	maxViews     = 8  // shown in a card
	cardTimeline = 20 // activities a view shows
	cardDeals    = 20
	cardTasks    = 20
)

// load makes the views of several records, with their deals, tasks and latest activities, of what its reads have read.
type load struct {
	bare      bool // the records themselves and nothing of theirs
	views     []CardView
	contacts  *record.Lot[Contact]
	companies *record.Lot[Company] // that are shown, and those of the contacts
	leads     *record.Lot[Lead]
	deals     *record.Lot[Deal] // that are shown
	sales     []Deal            // of the contacts and companies that are shown
	past      []placed
	tasks     []placed
}

func loading(refs []record.Ref, bare bool) *load {
	views := make([]CardView, len(refs))
	for i, ref := range refs {
		views[i] = CardView{Ref: ref, Readable: true, Points: []record.Point{}, Deals: []Deal{},
			Tasks: []timeline.Activity{}, Timeline: []timeline.Activity{}}
	}
	people, firms := idsOf(views, record.Contact), idsOf(views, record.Company)
	shown := people
	if bare {
		shown = nil
	}
	return &load{
		bare:     bare,
		views:    views,
		contacts: contacts().Lot(people, record.OneOf(people)),
		companies: companies().Lot(slices.Concat(shown, firms), func(q *query.Builder) {
			q.Add(" IN (SELECT company FROM contact WHERE id").In(shown).
				Add(" UNION SELECT id FROM company WHERE id").In(firms).Add(")")
		}),
		leads: leads().Lot(idsOf(views, record.Lead), record.OneOf(idsOf(views, record.Lead))),
		deals: deals().Lot(idsOf(views, record.Deal), record.OneOf(idsOf(views, record.Deal))),
	}
}

// first is the first of the views whose record still exists, nil when all are gone.
func (l *load) first() *CardView {
	for i := range l.views {
		if !l.views[i].Since.IsZero() {
			return &l.views[i]
		}
	}
	return nil
}

// shown are the views, in the order of refs; those gone meanwhile are left out.
func (l *load) shown() []CardView {
	for _, p := range l.past {
		l.views[p.view].Timeline = append(l.views[p.view].Timeline, p.Activity)
	}
	for _, p := range l.tasks {
		l.views[p.view].Tasks = append(l.views[p.view].Tasks, p.Activity)
	}
	return slices.DeleteFunc(l.views, func(v CardView) bool { return v.Since.IsZero() })
}

func (l *load) reads() []store.Read {
	if len(l.views) == 0 {
		return nil
	}
	if l.bare {
		return slices.Concat(l.contacts.Heads(), l.companies.Heads(), l.leads.Heads(), l.deals.Heads())
	}
	reads := slices.Concat(l.contacts.Reads(), l.companies.Reads(), l.leads.Reads(), l.deals.Reads())
	reads = append(reads, query.Into(scanPlaced, activitiesOf(l.views, timelineOf), &l.past),
		query.Into(scanPlaced, activitiesOf(l.views, tasksOf), &l.tasks))
	if q := dealsOf(l.views); q != nil {
		reads = append(reads, query.Into(deals().Scan, q, &l.sales))
	}
	return reads
}

// place fills the views with the records and their deals.
func (l *load) place() {
	for _, x := range l.contacts.Whole() {
		v := viewOf(l.views, record.Ref{Kind: record.Contact, ID: x.ID})
		v.fill(x.Name, joinWith(" · ", x.Position, x.CompanyName), x.Responsible, x.Points, x.Created)
		v.Contact = &x
	}
	for _, x := range l.companies.Whole() {
		if v := viewOf(l.views, record.Ref{Kind: record.Company, ID: x.ID}); v != nil {
			v.fill(x.Name, x.Website, x.Responsible, x.Points, x.Created)
			v.Company = &x
		}
		for i := range l.views {
			if v := &l.views[i]; v.Contact != nil && v.Contact.Company == x.ID {
				v.Company = &x
			}
		}
	}
	for _, x := range l.leads.Whole() {
		v := viewOf(l.views, record.Ref{Kind: record.Lead, ID: x.ID})
		v.fill(x.Title, joinWith(" · ", x.Source, x.Line, x.CompanyName), x.Responsible, x.Points, x.Created)
		v.Lead = &x
	}
	for _, x := range l.deals.Whole() {
		v := viewOf(l.views, record.Ref{Kind: record.Deal, ID: x.ID})
		v.fill(x.Title, joinWith(" · ", x.ContactName, x.CompanyName), x.Responsible, []record.Point{}, x.Created)
		v.Deal = &x
	}
	placeDeals(l.views, l.sales)
}

// idsOf are the ids of the views of a kind.
func idsOf(views []CardView, kind record.Kind) []string {
	var ids []string
	for _, v := range views {
		if v.Ref.Kind == kind {
			ids = append(ids, v.Ref.ID)
		}
	}
	return ids
}

// viewOf is the view of a record, nil when there is none.
func viewOf(views []CardView, ref record.Ref) *CardView {
	for i := range views {
		if views[i].Ref == ref {
			return &views[i]
		}
	}
	return nil
}

func (v *CardView) fill(name, subtitle, responsible string, points []record.Point, since time.Time) {
	v.Name, v.Subtitle, v.Responsible, v.Points, v.Since = name, subtitle, responsible, points, since
}

// dealsOf selects the deals of contacts and companies, the open ones first; nil when there are no such views.
func dealsOf(views []CardView) *query.Builder {
	people, firms := idsOf(views, record.Contact), idsOf(views, record.Company)
	if len(people)+len(firms) == 0 {
		return nil
	}
	q := query.New(deals().From + " JOIN stage s ON s.id = t.stage WHERE t.contact").In(people).Add(" OR t.company").
		In(firms)
	return q.Add(" ORDER BY CASE s.kind WHEN 'open' THEN 0 ELSE 1 END, t.moved_at DESC LIMIT ?", cardDeals*maxViews)
}

func placeDeals(views []CardView, found []Deal) {
	for _, d := range found {
		for i := range views {
			v := &views[i]
			if len(v.Deals) < cardDeals && (v.Ref == record.Contact.Ref(d.Contact) ||
				v.Ref == record.Company.Ref(d.Company)) {
				v.Deals = append(v.Deals, d)
			}
		}
	}
}

// timelineOf appends a select of a view's latest activities.
func timelineOf(q *query.Builder, v CardView) {
	q.Add("(").With(timeline.Entries(v.Ref, func(q *query.Builder) {
		q.Add("t.responsible = (SELECT responsible FROM company WHERE id = ?)", v.Ref.ID)
	}))
	q.Add(") e JOIN activity a ON a.id = e.activity ORDER BY e.at DESC, e.activity DESC LIMIT ?", cardTimeline)
}

// tasksOf appends a select of a view's open tasks.
func tasksOf(q *query.Builder, v CardView) {
	q.With(timeline.WaitingOn(v.Ref.Kind, v.Ref.ID)).Add(` AND a.kind = 'task'
		ORDER BY CASE WHEN a.due_at = 0 THEN 1 ELSE 0 END, a.due_at, a.id LIMIT ?`, cardTasks)
}

// placed is an activity with the index of its view.
type placed struct {
	view int
	timeline.Activity
}

func scanPlaced(r store.Row) (p placed, err error) {
	p.Activity, err = timeline.ScanLinks(offset{r, &p.view})
	return p, err
}

// activitiesOf joins one query per view into one.
func activitiesOf(views []CardView, from func(*query.Builder, CardView)) *query.Builder {
	q := new(query.Builder)
	for i, v := range views {
		if i > 0 {
			q.Add(" UNION ALL ")
		}
		q.Add("SELECT part.*, "+timeline.Links("part")+" FROM (SELECT CAST(? AS BIGINT) AS view, "+timeline.Columns+
			" FROM ", i)
		from(q, v)
		q.Add(") AS part")
	}
	return q
}

// offset scans a line whose first column goes elsewhere.
type offset struct {
	store.Row
	first any
}

func (o offset) Scan(dest ...any) error { return o.Row.Scan(append([]any{o.first}, dest...)...) }

// joinWith joins what is not empty.
func joinWith(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}
