package crmcore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	cardTimeline = 20 // activities a view shows
	cardDeals    = 20
	cardTasks    = 20
)

// card puts together what a touch opens.
func (c *Core) card(ctx context.Context, t Touch, w written) (Card, error) {
	refs := w.f.refs()
	views, err := loadViews(ctx, c.db, refs[:min(len(refs), maxViews)])
	if err != nil {
		return Card{}, err
	}
	for i := range views {
		views[i].Why = w.f.hits[slices.IndexFunc(w.f.hits, func(h hit) bool { return h.Ref == views[i].Ref })].why
	}
	card := Card{Activity: w.activity, Reason: t.Channel, Match: w.f.match, Address: t.Client.Value, Cards: views,
		Lead: w.lead, Rule: w.route.Rule}
	card.Name = nameOf(t, card.Match, views)
	if len(views) > 0 && card.Match != Maybe {
		card.Responsible = views[0].Responsible
		card.Kept = views[0].Lead != nil && views[0].Lead.Kept
	}
	department := ""
	if card.Responsible == "" && card.Match != Maybe && len(views) > 0 && views[0].Lead != nil {
		department = views[0].Lead.Department
	}
	card.LeadFor, err = opensFor(ctx, c.db, t, card.Responsible, department)
	card.For = card.LeadFor
	if card.Kept && t.Channel.policy().rings {
		card.For = slices.DeleteFunc(slices.Clone(card.For),
			func(id string) bool { return id == card.Responsible && !slices.Contains(t.Users, id) })
	}
	if t.closed {
		card.For = slices.DeleteFunc(slices.Clone(card.For),
			func(id string) bool { return !slices.Contains(t.Users, id) })
	}
	return card, err
}

// nameOf is the best name for the ringing panel: the client's; of several people, both; else what the wire said.
func nameOf(t Touch, match Match, views []CardView) string {
	wire := cmp.Or(t.Name, t.Client.Show())
	switch {
	case match != Exact || len(views) == 0:
		return wire
	case len(views) == 1 || views[0].Ref.Kind == KindCompany || views[0].Why == "thread":
		return views[0].Name
	case len(views) == 2:
		return views[0].Name + " / " + views[1].Name
	}
	return views[0].Name + " / " + views[1].Name + " / …"
}

// opensFor are the active users a card opens for: the responsible first, then those the touch names. For a lead that
// only has a department, its people. Whoever may not read a card gets it through Redact.
func opensFor(ctx context.Context, db store.Queries, t Touch, responsible, department string) ([]string, error) {
	want := append([]string{responsible}, t.Users...)
	q := query.New("SELECT id FROM app_user WHERE active AND (id").In(want)
	if department != "" {
		q.Add(" OR department = ?", department)
	}
	active, err := query.All(ctx, db, query.Text, q.Add(") ORDER BY id LIMIT ?", maxUsers))
	out := []string{}
	for _, id := range append(want, active...) {
		if slices.Contains(active, id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, err
}

// Card is all about one record, as a touch would open it.
func (c *Core) Card(ctx context.Context, actor User, ref Ref) (CardView, error) {
	if _, err := permit(ctx, c.db, actor, ref); err != nil {
		return CardView{}, err
	}
	views, err := loadViews(ctx, c.db, []Ref{ref})
	if err != nil {
		return CardView{}, err
	}
	if len(views) == 0 {
		return CardView{}, ErrNotFound
	}
	card, err := c.Redact(ctx, Card{Cards: views}, actor)
	if err != nil {
		return CardView{}, err
	}
	return card.Cards[0], nil
}

// loadViews builds the views of several records with few queries, in the order of refs; those gone meanwhile are left
// out.
func loadViews(ctx context.Context, db *store.DB, refs []Ref) ([]CardView, error) {
	views := make([]CardView, len(refs))
	for i, ref := range refs {
		views[i] = CardView{Ref: ref, Readable: true, Points: []Point{}, Deals: []Deal{}, Tasks: []Activity{},
			Timeline: []Activity{}}
	}
	if len(views) == 0 {
		return views, nil
	}
	for _, load := range []func(context.Context, *store.DB, []CardView) error{loadContacts, loadCompanies, loadLeads,
		loadDealViews, loadHistory} {
		if err := load(ctx, db, views); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(views, func(v CardView) bool { return v.Since.IsZero() }), nil
}

// idsOf are the ids of the views of a kind.
func idsOf(views []CardView, kind EntityKind) []string {
	var ids []string
	for _, v := range views {
		if v.Ref.Kind == kind {
			ids = append(ids, v.Ref.ID)
		}
	}
	return ids
}

// viewOf is the view of a record, nil when there is none.
func viewOf(views []CardView, ref Ref) *CardView {
	for i := range views {
		if views[i].Ref == ref {
			return &views[i]
		}
	}
	return nil
}

func (v *CardView) fill(name, subtitle, responsible string, points []Point, since time.Time) {
	v.Name, v.Subtitle, v.Responsible, v.Points, v.Since = name, subtitle, responsible, points, since
}

func loadContacts(ctx context.Context, db *store.DB, views []CardView) error {
	found, err := contacts().some(ctx, db, idsOf(views, KindContact))
	for i := range found {
		x := &found[i]
		v := viewOf(views, KindContact.Ref(x.ID))
		v.fill(x.Name, joinWith(" · ", x.Position, x.CompanyName), x.Responsible, x.Points, x.Created)
		v.Contact = x
	}
	return err
}

// loadCompanies loads the companies that are shown and those of the contacts.
func loadCompanies(ctx context.Context, db *store.DB, views []CardView) error {
	ids := idsOf(views, KindCompany)
	for _, v := range views {
		if v.Contact != nil && v.Contact.Company != "" && !slices.Contains(ids, v.Contact.Company) {
			ids = append(ids, v.Contact.Company)
		}
	}
	found, err := companies().some(ctx, db, ids)
	for i := range found {
		x := &found[i]
		if v := viewOf(views, KindCompany.Ref(x.ID)); v != nil {
			v.fill(x.Name, x.Website, x.Responsible, x.Points, x.Created)
			v.Company = x
		}
		for j := range views {
			if v := &views[j]; v.Contact != nil && v.Contact.Company == x.ID {
				v.Company = x
			}
		}
	}
	return err
}

func loadLeads(ctx context.Context, db *store.DB, views []CardView) error {
	found, err := leads().some(ctx, db, idsOf(views, KindLead))
	for i := range found {
		x := &found[i]
		v := viewOf(views, KindLead.Ref(x.ID))
		v.fill(x.Title, joinWith(" · ", x.Source, x.Line, x.CompanyName), x.Responsible, x.Points, x.Created)
		v.Lead = x
	}
	return err
}

func loadDealViews(ctx context.Context, db *store.DB, views []CardView) error {
	found, err := deals().some(ctx, db, idsOf(views, KindDeal))
	for i := range found {
		x := &found[i]
		v := viewOf(views, KindDeal.Ref(x.ID))
		v.fill(x.Title, joinWith(" · ", x.ContactName, x.CompanyName), x.Responsible, []Point{}, x.Created)
		v.Deal = x
	}
	return err
}

// loadHistory loads deals, the latest activities and open tasks of all views.
func loadHistory(ctx context.Context, db *store.DB, views []CardView) error {
	var sales []Deal
	var past, tasks []placed
	reads := []store.Read{query.Into(scanPlaced, activitiesOf(views, timelineOf), &past),
		query.Into(scanPlaced, activitiesOf(views, tasksOf), &tasks)}
	if q := dealsOf(views); q != nil {
		reads = append(reads, query.Into(deals().scan, q, &sales))
	}
	if err := db.ReadAll(ctx, reads); err != nil {
		return err
	}
	placeDeals(views, sales)
	flat := make([]Activity, 0, len(past)+len(tasks))
	for _, p := range append(slices.Clone(past), tasks...) {
		flat = append(flat, p.Activity)
	}
	err := attachEntities(ctx, db, flat)
	for i, p := range past {
		views[p.view].Timeline = append(views[p.view].Timeline, flat[i])
	}
	for i, p := range tasks {
		views[p.view].Tasks = append(views[p.view].Tasks, flat[len(past)+i])
	}
	return err
}

// dealsOf selects the deals of contacts and companies, the open ones first; nil when there are no such views.
func dealsOf(views []CardView) *query.Builder {
	people, firms := idsOf(views, KindContact), idsOf(views, KindCompany)
	if len(people)+len(firms) == 0 {
		return nil
	}
	q := query.New(deals().from + " JOIN stage s ON s.id = t.stage WHERE t.contact").In(people).Add(" OR t.company").
		In(firms)
	return q.Add(" ORDER BY CASE s.kind WHEN 'open' THEN 0 ELSE 1 END, t.moved_at DESC LIMIT ?", cardDeals*maxViews)
}

func placeDeals(views []CardView, found []Deal) {
	for _, d := range found {
		for i := range views {
			v := &views[i]
			if len(v.Deals) < cardDeals && (v.Ref == KindContact.Ref(d.Contact) ||
				v.Ref == KindCompany.Ref(d.Company)) {
				v.Deals = append(v.Deals, d)
			}
		}
	}
}

// timelineOf appends a select of a view's latest activities.
func timelineOf(q *query.Builder, v CardView) {
	q.Add("(").With(entries(v.Ref, func(q *query.Builder) { q.Add("t.responsible = ?", v.Responsible) }))
	q.Add(") e JOIN activity a ON a.id = e.activity ORDER BY e.at DESC, e.activity DESC LIMIT ?", cardTimeline)
}

// tasksOf appends a select of a view's open tasks.
func tasksOf(q *query.Builder, v CardView) {
	q.Add(`activity a JOIN activity_entity e ON e.activity = a.id WHERE e.entity_kind = ? AND e.entity_id = ? AND `+waits+` AND a.kind = 'task'
		ORDER BY CASE WHEN a.due_at = 0 THEN 1 ELSE 0 END, a.due_at, a.id LIMIT ?`, v.Ref.Kind, v.Ref.ID, cardTasks)
}

// placed is an activity with the index of its view.
type placed struct {
	view int
	Activity
}

func scanPlaced(r store.Row) (p placed, err error) {
	p.Activity, err = scanActivity(offset{r, &p.view})
	return p, err
}

// activitiesOf joins one query per view into one.
func activitiesOf(views []CardView, from func(*query.Builder, CardView)) *query.Builder {
	q := new(query.Builder)
	for i, v := range views {
		if i > 0 {
			q.Add(" UNION ALL ")
		}
		q.Add("SELECT * FROM (SELECT CAST(? AS BIGINT) AS view, "+activityColumns+" FROM ", i)
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

// Redact leaves of a card what the user may read: of other records name and responsible user, with Readable false; of
// the entries of lines that are closed to him, that they were.
func (c *Core) Redact(ctx context.Context, card Card, user User) (Card, error) {
	may, err := c.readers(ctx, user)
	if err != nil {
		return Card{}, err
	}
	card.Cards = slices.Clone(card.Cards)
	for i, v := range card.Cards {
		department := ""
		if v.Lead != nil {
			department = v.Lead.Department
		}
		if !may(v.Responsible, department) {
			card.Cards[i] = CardView{Ref: v.Ref, Name: v.Name, Why: v.Why, Responsible: v.Responsible,
				Points: []Point{}, Deals: []Deal{}, Tasks: []Activity{}, Timeline: []Activity{}}
			continue
		}
		v.Deals = slices.DeleteFunc(slices.Clone(v.Deals), func(d Deal) bool { return !may(d.Responsible, "") })
		if v.Company != nil && !may(v.Company.Responsible, "") {
			v.Company = &Company{ID: v.Company.ID, Name: v.Company.Name, Responsible: v.Company.Responsible,
				Points: []Point{}}
		}
		v.Timeline, v.Tasks = slices.Clone(v.Timeline), slices.Clone(v.Tasks)
		card.Cards[i] = v
	}
	return card, c.show(ctx, user, historyOf(card)...)
}

// historyOf are the activities that a card shows.
func historyOf(card Card) (lists [][]Activity) {
	for _, v := range card.Cards {
		lists = append(lists, v.Timeline, v.Tasks)
	}
	return lists
}

// Public is a card as everybody may know it who may see its records: entries of lines that do not file into the
// timelines which all share tell only that they were.
func (c *Core) Public(ctx context.Context, card Card) (Card, error) {
	card.Cards = slices.Clone(card.Cards)
	for i, v := range card.Cards {
		card.Cards[i].Timeline, card.Cards[i].Tasks = slices.Clone(v.Timeline), slices.Clone(v.Tasks)
	}
	return card, c.veil(ctx, "", historyOf(card)...)
}

// readers answers whether the user may read what a user, or while nobody is responsible a department, has. It is the
// predicate of query.readable for records in hand.
func (c *Core) readers(ctx context.Context, user User) (func(responsible, department string) bool, error) {
	switch {
	case user.seesAll():
		return func(string, string) bool { return true }, nil
	case user.Department == "":
		return func(responsible, _ string) bool { return responsible == user.ID }, nil
	case user.Access == AccessOwn:
		return func(responsible, department string) bool {
			return responsible == user.ID || responsible == "" && department == user.Department
		}, nil
	}
	var under, people []string
	err := c.db.ReadAll(ctx, []store.Read{
		query.Into(query.Text, new(query.Builder).With(below(user.Department)), &under),
		query.Into(query.Text,
			query.New("SELECT id FROM app_user WHERE department IN (").With(below(user.Department)).Add(")"),
			&people)})
	return func(responsible, department string) bool {
		return responsible == user.ID || slices.Contains(people, responsible) ||
			responsible == "" && slices.Contains(under, department)
	}, err
}

// joinWith joins what is not empty.
func joinWith(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}
