package crmcore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	maxHits  = 50 // looked at for one address
	maxViews = 8  // shown in a card
	maxLinks = 10 // timelines of one activity
	manyHits = 5  // so many people behind one address are a company
)

// hit is a record that has the address of a touch, with all that it is ranked by.
type hit struct {
	record.Ref
	ext         string
	primary     bool
	deals       int64 // open
	last        int64 // last interaction before this touch, microseconds
	responsible string
	company     string // a contact's
	claimed     bool   // another's client had the address when it was entered
	here        bool   // responsible is known to be an active user; false may also mean that nobody asked
	deal        string // a contact's only open one, as far as it was read with the contact
	why         string
}

// found is who a touch may be with, best first.
type found struct {
	match   Match
	hits    []hit
	thread  []record.Ref // timelines of the conversation that a reply continues
	several bool         // people share the address: somebody has to choose

	newcomer bool // the address is of nobody in thread
	gone     bool // the first hit's responsible user was dismissed or switched off
}

func (f found) known() bool { return len(f.hits) > 0 }

func (f found) refs() []record.Ref { return refsOf(f.hits) }

func refsOf(hits []hit) []record.Ref {
	refs := []record.Ref{}
	for _, h := range hits {
		refs = append(refs, h.Ref)
	}
	return refs
}

// match finds out who a touch is with, in this order: our own addresses and anonymous callers are nobody; a reply
// belongs to its conversation; then who has exactly this address; then who has one like it, which is never more than a
// maybe.
func (c *Core) match(ctx context.Context, db store.Queries, t Touch) (found, error) {
	var hits []hit
	if q := hitsOf(t); q != nil {
		var err error
		if hits, err = query.All(ctx, db, scanHit, q); err != nil {
			return found{match: None}, err
		}
	}
	return c.matched(ctx, db, t, hits, nil)
}

// matched is match where it was read already who has exactly the address, and maybe who has one like it.
func (c *Core) matched(ctx context.Context, db store.Queries, t Touch, hits []hit, like *[]hit) (found, error) {
	f := found{match: None}
	if t.own {
		return f, nil
	}
	thread, err := c.threadOf(ctx, db, t)
	if err != nil {
		return f, err
	}
	hits = unclaimed(distinct(hits, t))
	rank(hits, t.Users)
	switch {
	case len(thread) > 0:
		return f.inThread(thread, hits), nil
	case len(hits) == 0:
		f.hits, err = similar(ctx, db, t, like)
		if len(f.hits) > 0 {
			f.match = Maybe
		}
	default:
		f.match = Exact
		f.hits, f.several, err = companyFirst(ctx, db, hits)
	}
	return f, err
}

// threadOf are the timelines of the first touch known of those that this one continues, unless nobody chose
// among several yet.
func (c *Core) threadOf(ctx context.Context, db store.Queries, t Touch) ([]hit, error) {
	for _, id := range t.Reply {
		if thread, err := conversation(ctx, db, t, id); err != nil || len(thread) > 0 {
			return thread, err
		}
	}
	return nil, nil
}

// conversation are the timelines of the touch with a Message-ID. Where several have it, because the mail went to
// several people or a stranger took an id in use: the one with this very client; else those that we sent, unless they
// went to different clients, as then nobody knows which of them answers; else the first heard of.
func conversation(ctx context.Context, db store.Queries, t Touch, id string) ([]hit, error) {
	type member struct {
		hit
		group, activity string
	}
	q := query.New(`SELECT e.entity_kind, e.entity_id, COALESCE(ct.responsible, co.responsible, l.responsible, d.responsible, ''),
		CASE WHEN a.address = ? AND a.address <> '' THEN '0' WHEN NOT a.incoming THEN '1' ELSE '2' || a.id END AS grouped, a.id
		FROM activity a JOIN activity_entity e ON e.activity = a.id
		LEFT JOIN contact ct ON e.entity_kind = 'contact' AND ct.id = e.entity_id
		LEFT JOIN company co ON e.entity_kind = 'company' AND co.id = e.entity_id
		LEFT JOIN lead l ON e.entity_kind = 'lead' AND l.id = e.entity_id
		LEFT JOIN deal d ON e.entity_kind = 'deal' AND d.id = e.entity_id
		WHERE a.message_id = ? AND a.message_id <> '' AND a.channel = ? AND NOT a.several AND (l.id IS NULL OR l.stage <> 'converted')
		ORDER BY grouped, a.id, CASE e.entity_kind WHEN 'contact' THEN 0 WHEN 'lead' THEN 1 WHEN 'company' THEN 2 ELSE 3 END, e.entity_id LIMIT ?`,
		t.Client.Key(), id, t.Channel, 2*maxLinks)
	members, err := query.All(ctx, db, func(r store.Row) (m member, err error) {
		m.why = "thread"
		return m, r.Scan(&m.Kind, &m.ID, &m.responsible, &m.group, &m.activity)
	}, q)
	var thread []hit
	touches := map[string][]record.Ref{}
	for _, m := range members {
		if m.group == members[0].group {
			thread = append(thread, m.hit)
			touches[m.activity] = append(touches[m.activity], m.Ref)
		}
	}
	if len(members) > 0 && members[0].group == "1" && !alike(touches) {
		return nil, err
	}
	return first(maxLinks, unique(thread)), err
}

// alike tells whether all touches are on the same timelines.
func alike(touches map[string][]record.Ref) bool {
	var one []record.Ref
	for _, refs := range touches {
		if one != nil && !slices.Equal(one, refs) {
			return false
		}
		one = refs
	}
	return true
}

// hitsOf selects who has the touch's address, in any form of it; nil where nobody can.
func hitsOf(t Touch) *query.Builder {
	a := t.Client
	if a.Value == "" || t.own {
		return nil
	}
	forms := []string{a.Value}
	if a.Kind == address.Phone {
		forms = address.Forms(a.Value)
	}
	return having(t, func(q *query.Builder) { q.Add("p.value").In(forms).Add(" AND p.kind = ?", a.Kind) })
}

// similar is who has an address like the touch's, where that was not read already.
func similar(ctx context.Context, db store.Queries, t Touch, read *[]hit) (hits []hit, err error) {
	if read != nil {
		hits = *read
	} else if hits, err = query.All(ctx, db, scanHit, likeOf(t)); err != nil {
		return nil, err
	}
	hits = distinct(hits, t)
	rank(hits, t.Users)
	return because(hits, "similar"), nil
}

// likeOf selects who has an address like the touch's: a number that ends alike where one of the two can't be normalised,
// a block of numbers around it, a mailbox that differs by what its owner may add.
func likeOf(t Touch) *query.Builder {
	a := t.Client
	return having(t, func(q *query.Builder) {
		switch {
		case a.Value == "" && a.Ending() == "":
			q.Add("FALSE")
		case a.Value == "":
			end := record.Reversed(record.Point{Kind: address.Phone, Value: a.Ending()})
			q.Add("p.reversed >= ? AND p.reversed < ? AND p.kind = 'phone'", end, record.After(end))
		case a.Kind == address.Email:
			q.Add("p.reversed = ? AND p.kind = 'email'", address.PlainMailbox(a.Value))
		default:
			q.Add("(p.block_of <> '' AND p.block_of = ? AND p.value <= ? AND p.block_end >= ?",
				record.BlockHead(a.Value),
				a.Value, a.Value)
			q.Add(" OR p.value = '' AND p.kind = 'phone' AND p.reversed").InBytes(endings(a.Value)).Add(")")
		}
	})
}

// endings are how the end of a number may be kept that was typed without its country, with a trunk prefix or without.
func endings(value string) (ends [][]byte) {
	all := record.Reversed(record.Point{Kind: address.Phone, Value: value})
	for n := address.MinDigits; n < len(all); n++ {
		ends = append(ends, all[:n], append(slices.Clone(all[:n]), '0'))
	}
	return ends
}

// unclaimed are those who had the address first, where somebody has it who did not enter it knowing it for another's
// client's.
func unclaimed(hits []hit) []hit {
	if !slices.ContainsFunc(hits, func(h hit) bool { return !h.claimed }) {
		return hits
	}
	return slices.DeleteFunc(hits, func(h hit) bool { return h.claimed })
}

// having selects the records with a point that is so. A converted lead has handed its points over. What was before the
// touch was before it was first heard of, so that its own activity never counts as an earlier interaction.
func having(t Touch, so func(*query.Builder)) *query.Builder {
	q := query.New(`SELECT p.entity_kind, p.entity_id, p.ext, p.is_primary,
		CASE p.entity_kind
			WHEN 'contact' THEN (SELECT COUNT(*) FROM deal d JOIN stage s ON s.id = d.stage WHERE d.contact = p.entity_id AND s.kind = 'open')
			WHEN 'company' THEN (SELECT COUNT(*) FROM deal d JOIN stage s ON s.id = d.stage WHERE d.company = p.entity_id AND s.kind = 'open')
			ELSE 0 END,
		COALESCE((SELECT MIN(d.id) FROM deal d JOIN stage s ON s.id = d.stage WHERE p.entity_kind = 'contact' AND d.contact = p.entity_id AND s.kind = 'open'), ''),
		COALESCE((SELECT MAX(e.at) FROM activity_entity e WHERE e.entity_kind = p.entity_kind AND e.entity_id = p.entity_id
			AND e.at < COALESCE((SELECT at FROM activity WHERE channel = ? AND dedupe = ?), ?)), 0),
		COALESCE(ct.responsible, co.responsible, l.responsible, ''), u.id IS NOT NULL, COALESCE(ct.company, ''), p.claimed
		FROM contact_point p
		LEFT JOIN contact ct ON p.entity_kind = 'contact' AND ct.id = p.entity_id
		LEFT JOIN company co ON p.entity_kind = 'company' AND co.id = p.entity_id
		LEFT JOIN lead l ON p.entity_kind = 'lead' AND l.id = p.entity_id
		LEFT JOIN app_user u ON u.id = COALESCE(ct.responsible, co.responsible, l.responsible) AND u.active
		WHERE (l.id IS NULL OR l.stage <> 'converted') AND `, t.Channel, t.Key, store.Micros(t.At))
	so(q)
	return q.Add(" ORDER BY p.is_primary DESC, p.entity_id LIMIT ?", maxHits)
}

// distinct are the hits for a touch, each record once.
func distinct(hits []hit, t Touch) []hit { return onlyExt(unique(hits), t.Client.Ext) }

func scanHit(r store.Row) (h hit, err error) {
	h.why = "number"
	err = r.Scan(&h.Kind, &h.ID, &h.ext, &h.primary, &h.deals, &h.deal, &h.last, &h.responsible, &h.here, &h.company,
		&h.claimed)
	if h.deals != 1 {
		h.deal = ""
	}
	return h, err
}

// unique keeps the first of the hits for each record and extension.
func unique(hits []hit) []hit {
	var out []hit
	for _, h := range hits {
		if !slices.ContainsFunc(out, func(o hit) bool { return o.Ref == h.Ref && o.ext == h.ext }) {
			out = append(out, h)
		}
	}
	return out
}

// onlyExt keeps those with the caller's extension where there are any, and each record once.
func onlyExt(hits []hit, ext string) []hit {
	if ext != "" && slices.ContainsFunc(hits, func(h hit) bool { return h.ext == ext }) {
		hits = slices.DeleteFunc(hits, func(h hit) bool { return h.ext != ext })
	}
	var out []hit
	for _, h := range hits {
		if !slices.ContainsFunc(out, func(o hit) bool { return o.Ref == h.Ref }) {
			out = append(out, h)
		}
	}
	return out
}

// rank sorts by open deal, last interaction, whether the responsible user is the one called, primary address; and says
// for each which of these it has.
func rank(hits []hit, callees []string) {
	yours := func(h hit) bool { return h.responsible != "" && slices.Contains(callees, h.responsible) }
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(preferred(a.deals > 0, b.deals > 0), cmp.Compare(b.last, a.last), preferred(yours(a), yours(b)),
			preferred(a.primary, b.primary), cmp.Compare(a.ID, b.ID))
	})
	for i := range hits {
		switch h := &hits[i]; {
		case h.deals > 0:
			h.why = "open_deal"
		case h.last > 0:
			h.why = "recent"
		case yours(*h):
			h.why = "yours"
		case h.primary:
			h.why = "primary"
		}
	}
}

func preferred(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func because(hits []hit, why string) []hit {
	for i := range hits {
		hits[i].why = why
	}
	return hits
}

// inThread is a reply to a conversation. Who wrote it from an address of those it is with comes first; whoever else
// knows its Message-ID is somebody new in it: himself where he is known, but never the client. A deal is shown with its
// client.
func (f found) inThread(thread, hits []hit) found {
	partner := func(h hit) bool { return slices.ContainsFunc(thread, func(o hit) bool { return o.Ref == h.Ref }) }
	f.match, f.thread = Exact, refsOf(thread)
	f.newcomer = !slices.ContainsFunc(hits, partner)
	people := slices.DeleteFunc(slices.Clone(thread), func(h hit) bool { return h.Kind == record.Deal })
	if len(people) == 0 {
		people = thread[:1]
	}
	hits = slices.DeleteFunc(hits, partner)
	switch {
	case !f.newcomer:
		f.hits = append(people, hits...)
	case len(hits) > 0:
		f.hits = append(hits, people...)
		f.thread = append(f.thread, f.hits[0].Ref)
	default:
		f.match, f.hits = Maybe, people
	}
	return f
}

// companyFirst puts the company on top when the number is a company's own or that of many people, most of whom are
// from there; otherwise several people with one address leave the choice to whoever answers.
func companyFirst(ctx context.Context, db store.Queries, hits []hit) ([]hit, bool, error) {
	isCompany := func(h hit) bool { return h.Kind == record.Company }
	if !slices.ContainsFunc(hits, isCompany) && len(hits) >= manyHits {
		h, err := sharedCompany(ctx, db, hits)
		if err != nil {
			return nil, false, err
		}
		if h.ID != "" {
			hits = append(hits, h)
		}
	}
	if !slices.ContainsFunc(hits, isCompany) {
		return hits, len(hits) > 1, nil
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return preferred(isCompany(a), isCompany(b)) })
	hits[0].why = "company"
	several := len(hits) > 1 && isCompany(hits[1])
	return hits, several, nil
}

// sharedCompany is the company that more than half of the people are from; a zero hit when there is none.
func sharedCompany(ctx context.Context, db store.Queries, hits []hit) (hit, error) {
	count := map[string]int{}
	best := ""
	for _, h := range hits {
		if count[h.company]++; h.company != "" && (best == "" || count[h.company] > count[best]) {
			best = h.company
		}
	}
	if count[best]*2 <= len(hits) {
		return hit{}, nil
	}
	responsible, err := query.One(ctx, db, query.Text, query.New("SELECT responsible FROM company WHERE id = ?", best))
	if errors.Is(err, ErrNotFound) {
		return hit{}, nil
	}
	return hit{Ref: record.Company.Ref(best), responsible: responsible}, err
}
