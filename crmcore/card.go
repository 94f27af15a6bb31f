package crmcore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"frontdesk/crmcore/match"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// draft is the card that a touch opens, before and after its reads were read.
type draft struct {
	t      Touch
	w      *written
	bare   bool
	closed bool // it came over a line that only its users read
	load   *load
	taker  string // who is responsible for the first record, as far as was known before
	active []string
}

func drafted(t Touch, w *written, bare bool) *draft {
	refs := w.f.Refs()
	d := &draft{t: t, w: w, bare: bare, load: loading(refs[:min(len(refs), maxViews)], bare)}
	if len(w.f.Hits) > 0 && w.f.Match != Maybe {
		d.taker = w.f.Hits[0].Responsible
	}
	return d
}

func (d *draft) reads() []store.Read {
	return append(d.load.reads(),
		query.Into(query.Text, activeOf(append([]string{d.taker}, d.t.Users...), ""), &d.active))
}

// card puts together what a touch opens.
func (c *Core) card(ctx context.Context, t Touch, w written, bare bool) (Card, error) {
	cards, err := c.cards(ctx, []*draft{drafted(t, &w, bare)})
	return cards[0], err
}

// cards puts together what touches open. What they are about is read in one turn at the database.
func (c *Core) cards(ctx context.Context, drafts []*draft) ([]Card, error) {
	type line struct {
		timeline.Channel
		line string
	}
	cards, closed, reads := make([]Card, len(drafts)), map[line]bool{}, []store.Read(nil)
	for _, d := range drafts {
		over, err := line{d.t.Channel, d.t.Line}, error(nil)
		if _, known := closed[over]; !known {
			if closed[over], err = c.Closed(ctx, over.Channel, over.line); err != nil {
				return cards, err
			}
		}
		d.closed = closed[over]
		reads = append(reads, d.reads()...)
	}
	err := c.db.ReadAll(ctx, reads)
	for i := 0; i < len(drafts) && err == nil; i++ {
		cards[i], err = drafts[i].card(ctx, c.db)
	}
	return cards, err
}

// card puts together what was read.
func (d *draft) card(ctx context.Context, db *store.DB) (Card, error) {
	t, w, l := d.t, d.w, d.load
	l.place()
	card := Card{Activity: w.activity, Reason: t.Channel, Match: w.f.Match, Address: t.Client.Value, Lead: w.lead,
		Rule: w.route.Rule, Bare: d.bare}
	department := ""
	if v := l.first(); v != nil && card.Match != Maybe {
		card.Responsible = v.Responsible
		card.Kept = v.Lead != nil && v.Lead.Kept
		if card.Responsible == "" && v.Lead != nil {
			department = v.Lead.Department
		}
	}
	want := append([]string{card.Responsible}, t.Users...)
	if department != "" || card.Responsible != d.taker {
		d.active = nil
		if err := db.ReadAll(ctx,
			[]store.Read{query.Into(query.Text, activeOf(want, department), &d.active)}); err != nil {
			return Card{}, err
		}
	}
	card.Cards = l.shown()
	for i := range card.Cards {
		v := &card.Cards[i]
		v.Why = w.f.Hits[slices.IndexFunc(w.f.Hits, func(h match.Hit) bool { return h.Ref == v.Ref })].Why
	}
	card.Name = nameOf(t, card.Match, card.Cards)
	card.opensFor(d, want)
	return card, nil
}

// views are all about records.
func (c *Core) views(ctx context.Context, refs []record.Ref) ([]CardView, error) {
	l := loading(refs, false)
	if err := c.db.ReadAll(ctx, l.reads()); err != nil {
		return nil, err
	}
	l.place()
	return l.shown(), nil
}

// Looks tells whether somebody sees a card that opens for these users.
func (c *Core) Looks(users []string) bool { return c.hooks.Looks(users) }

// unseen tells whether nobody would see the card of a touch. Where a department takes who calls, somebody may.
func (c *Core) unseen(t Touch, w written) bool {
	users := t.Users
	if w.f.Known() && w.f.Match != Maybe {
		if w.f.Hits[0].Responsible == "" {
			return false
		}
		users = append([]string{w.f.Hits[0].Responsible}, users...)
	}
	return !c.hooks.Looks(users)
}

// opensFor names the users a card opens for: the responsible first, then those the touch names; for a lead that only
// has a department, its people. All are active. Whoever may not read a card gets it through Redact.
func (card *Card) opensFor(d *draft, want []string) {
	t := d.t
	card.LeadFor = those(want, d.active)
	card.For = card.LeadFor
	if card.Kept && t.Channel.Policy().Rings {
		card.For = slices.DeleteFunc(slices.Clone(card.For),
			func(id string) bool { return id == card.Responsible && !slices.Contains(t.Users, id) })
	}
	if d.closed {
		card.For = slices.DeleteFunc(slices.Clone(card.For),
			func(id string) bool { return !slices.Contains(t.Users, id) })
	}
}

// those are the active ones, in the order in which they are wanted, then the others.
func those(want, active []string) []string {
	out := []string{}
	for _, id := range slices.Concat(want, active) {
		if slices.Contains(active, id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// activeOf selects those of the users, and of a department's, who are active.
func activeOf(users []string, department string) *query.Builder {
	q := query.New("SELECT id FROM app_user WHERE active AND (id").In(users)
	if department != "" {
		q.Add(" OR department = ?", department)
	}
	return q.Add(") ORDER BY id LIMIT ?", maxUsers)
}

// nameOf is the best name for the ringing panel: the client's; of several people, both; else what the wire said.
func nameOf(t Touch, match Match, views []CardView) string {
	wire := cmp.Or(t.Name, t.Client.Show())
	switch {
	case match != Exact || len(views) == 0:
		return wire
	case len(views) == 1 || views[0].Ref.Kind == record.Company || views[0].Why == "thread":
		return views[0].Name
	case len(views) == 2:
		return views[0].Name + " / " + views[1].Name
	}
	return views[0].Name + " / " + views[1].Name + " / …"
}

// Card is all about one record, as a touch would open it.
func (c *Core) Card(ctx context.Context, actor people.User, ref record.Ref) (CardView, error) {
	if _, err := record.Permit(ctx, c.db, actor, ref); err != nil {
		return CardView{}, err
	}
	views, err := c.views(ctx, []record.Ref{ref})
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

// Redact leaves of a card what the user may read: of other records name and responsible user, with Readable false; of
// the entries of lines that are closed to him, that they were.
func (c *Core) Redact(ctx context.Context, card Card, user people.User) (Card, error) {
	may, err := people.Readers(ctx, c.db, user)
	if err != nil {
		return Card{}, err
	}
	return c.cut(ctx, card, user, may)
}

// RedactFor is Redact for each of several users, by their ids; who is gone or failed is left out. What a bare card is
// about is read for it.
func (c *Core) RedactFor(ctx context.Context, card Card, users []string) (map[string]Card, error) {
	l := loading(nil, false)
	if card.Bare {
		l = loading(refsIn(card.Cards), false)
	}
	readers, err := people.ReadersOf(ctx, c.db, users, l.reads()...)
	if err != nil {
		return nil, err
	}
	if card.Bare {
		card = card.whole(l)
	}
	cuts, errs := make([]Card, len(readers)), make([]error, len(readers))
	forEach(len(readers), func(i int) { cuts[i], errs[i] = c.cut(ctx, card, readers[i].User, readers[i].May) })
	byUser := map[string]Card{}
	for i, r := range readers {
		if errs[i] == nil {
			byUser[r.ID] = cuts[i]
		}
	}
	return byUser, errors.Join(errs...)
}

// whole is a bare card with what was read of all that it is about.
func (card Card) whole(l *load) Card {
	l.place()
	views := l.shown()
	for i := range views {
		views[i].Why = viewOf(card.Cards, views[i].Ref).Why
	}
	card.Cards, card.Bare = views, false
	return card
}

func refsIn(views []CardView) (refs []record.Ref) {
	for _, v := range views {
		refs = append(refs, v.Ref)
	}
	return refs
}

func (c *Core) cut(ctx context.Context, card Card, user people.User,
	may func(responsible, department string) bool) (Card, error) {
	card.Cards = slices.Clone(card.Cards)
	for i, v := range card.Cards {
		department := ""
		if v.Lead != nil {
			department = v.Lead.Department
		}
		if !may(v.Responsible, department) {
			card.Cards[i] = CardView{Ref: v.Ref, Name: v.Name, Why: v.Why, Responsible: v.Responsible,
				Points: []record.Point{}, Deals: []Deal{}, Tasks: []timeline.Activity{},
				Timeline: []timeline.Activity{}}
			continue
		}
		v.Deals = slices.DeleteFunc(slices.Clone(v.Deals), func(d Deal) bool { return !may(d.Responsible, "") })
		if v.Company != nil && !may(v.Company.Responsible, "") {
			v.Company = &Company{ID: v.Company.ID, Name: v.Company.Name, Responsible: v.Company.Responsible,
				Points: []record.Point{}}
		}
		v.Timeline, v.Tasks = slices.Clone(v.Timeline), slices.Clone(v.Tasks)
		card.Cards[i] = v
	}
	return card, c.Show(ctx, user, historyOf(card)...)
}

// historyOf are the activities that a card shows.
func historyOf(card Card) (lists [][]timeline.Activity) {
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
	return card, c.Veil(ctx, "", historyOf(card)...)
}
