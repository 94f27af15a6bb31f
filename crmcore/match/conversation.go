package match

import (
	"context"
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// continued are the timelines of the first touch known of those that this one continues, unless nobody chose
// among several yet.
func (w Question) continued(ctx context.Context, db store.Queries) ([]Hit, error) {
	for _, id := range w.Reply {
		if thread, err := w.conversation(ctx, db, id); err != nil || len(thread) > 0 {
			return thread, err
		}
	}
	return nil, nil
}

// conversation are the timelines of the touch with a Message-ID. Where several have it, because the mail went to
// several people or a stranger took an id in use: the one with this very client; else those that we sent, unless they
// went to different clients, as then nobody knows which of them answers; else the first heard of.
func (w Question) conversation(ctx context.Context, db store.Queries, id string) ([]Hit, error) {
	type member struct {
		Hit
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
		w.Client.Key(), id, w.Channel, 2*MaxLinks)
	members, err := query.All(ctx, db, func(r store.Row) (m member, err error) {
		m.Why = "thread"
		return m, r.Scan(&m.Kind, &m.ID, &m.Responsible, &m.group, &m.activity)
	}, q)
	var thread []Hit
	touches := map[string][]record.Ref{}
	for _, m := range members {
		if m.group == members[0].group {
			thread = append(thread, m.Hit)
			touches[m.activity] = append(touches[m.activity], m.Ref)
		}
	}
	if len(members) > 0 && members[0].group == "1" && !alike(touches) {
		return nil, err
	}
	thread = unique(thread)
	return thread[:min(len(thread), MaxLinks)], err
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

// inThread is a reply to a conversation. Who wrote it from an address of those it is with comes first; whoever else
// knows its Message-ID is somebody new in it: himself where he is known, but never the client. A deal is shown with its
// client.
func (f Found) inThread(thread, hits []Hit) Found {
	partner := func(h Hit) bool { return slices.ContainsFunc(thread, func(o Hit) bool { return o.Ref == h.Ref }) }
	f.Match, f.Thread = Exact, refsOf(thread)
	f.Newcomer = !slices.ContainsFunc(hits, partner)
	people := slices.DeleteFunc(slices.Clone(thread), func(h Hit) bool { return h.Kind == record.Deal })
	if len(people) == 0 {
		people = thread[:1]
	}
	hits = slices.DeleteFunc(hits, partner)
	switch {
	case !f.Newcomer:
		f.Hits = append(people, hits...)
	case len(hits) > 0:
		f.Hits = append(hits, people...)
		f.Thread = append(f.Thread, f.Hits[0].Ref)
	default:
		f.Match, f.Hits = Maybe, people
	}
	return f
}
