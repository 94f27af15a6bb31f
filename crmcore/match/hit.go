package match

import (
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// maxHits are looked at for one address.
const maxHits = 50

// Hit is a record that has the address of a touch, with all that it is ranked by.
type Hit struct {
	record.Ref
	ext     string
	primary bool
	deals   int64  // open
	last    int64  // last interaction before this touch, microseconds
	company string // a contact's
	claimed bool   // another's client had the address when it was entered
	deal    string // a contact's only open one, as far as it was read with the contact

	Responsible string
	Here        bool   // Responsible is known to be an active user; false may also mean that nobody asked
	Why         string // it ranks here: thread, company, open_deal, recent, yours, primary, number, similar, meeting
}

func refsOf(hits []Hit) []record.Ref {
	refs := []record.Ref{}
	for _, h := range hits {
		refs = append(refs, h.Ref)
	}
	return refs
}

// having selects the records with a point that is so. A converted lead has handed its points over. What was before the
// touch was before it was first heard of, so that its own activity never counts as an earlier interaction.
func having(w Question, so func(*query.Builder)) *query.Builder {
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
		WHERE (l.id IS NULL OR l.stage <> 'converted') AND `, w.Channel, w.Key, store.Micros(w.At))
	so(q)
	return q.Add(" ORDER BY p.is_primary DESC, p.entity_id LIMIT ?", maxHits)
}

// Scan reads a row of Having.
func Scan(r store.Row) (h Hit, err error) {
	h.Why = "number"
	err = r.Scan(&h.Kind, &h.ID, &h.ext, &h.primary, &h.deals, &h.deal, &h.last, &h.Responsible, &h.Here, &h.company,
		&h.claimed)
	if h.deals != 1 {
		h.deal = ""
	}
	return h, err
}

// distinct are the hits for a touch, each record once.
func distinct(hits []Hit, w Question) []Hit { return onlyExt(unique(hits), w.Client.Ext) }

// unique keeps the first of the hits for each record and extension.
func unique(hits []Hit) []Hit {
	var out []Hit
	for _, h := range hits {
		if !slices.ContainsFunc(out, func(o Hit) bool { return o.Ref == h.Ref && o.ext == h.ext }) {
			out = append(out, h)
		}
	}
	return out
}

// onlyExt keeps those with the caller's extension where there are any, and each record once.
func onlyExt(hits []Hit, ext string) []Hit {
	if ext != "" && slices.ContainsFunc(hits, func(h Hit) bool { return h.ext == ext }) {
		hits = slices.DeleteFunc(hits, func(h Hit) bool { return h.ext != ext })
	}
	var out []Hit
	for _, h := range hits {
		if !slices.ContainsFunc(out, func(o Hit) bool { return o.Ref == h.Ref }) {
			out = append(out, h)
		}
	}
	return out
}

// unclaimed are those who had the address first, where somebody has it who did not enter it knowing it for another's
// client's.
func unclaimed(hits []Hit) []Hit {
	if !slices.ContainsFunc(hits, func(h Hit) bool { return !h.claimed }) {
		return hits
	}
	return slices.DeleteFunc(hits, func(h Hit) bool { return h.claimed })
}
