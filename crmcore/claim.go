package crmcore

import (
	"context"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// A number or mailbox that another's client has may be entered again, but leads to that client still: who enters it
// can't make himself responsible by it. What the actor may see he may also change, so of such records a number is
// shared on purpose.

// claim marks those of a record's points that are claims, and writes them down on both records. A point that was there
// stays what it was.
func claim(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, points []record.Point) error {
	before, err := query.All(ctx, tx, record.ScanPoint, record.PointsOf(ref.Kind, record.OneOf([]string{ref.ID})))
	if err != nil {
		return err
	}
	for i := range points {
		p := &points[i]
		if at := slices.IndexFunc(before, func(o record.OwnPoint) bool { return o.Point.Same(*p) }); at >= 0 {
			p.Claimed = before[at].Claimed
			continue
		}
		owners, err := ownersOf(ctx, tx, actor, ref, *p)
		if err != nil {
			return err
		}
		p.Claimed = slices.ContainsFunc(owners, func(o owner) bool { return !o.Readable })
		if err := logClaim(ctx, tx, actor, ref, *p, owners); err != nil {
			return err
		}
	}
	return nil
}

// owner is a record that has a number or mailbox.
type owner struct {
	record.Ref
	record.Head
}

// maxOwners bounds how many of those who have an address are looked at.
const maxOwners = 10

// ownersOf are the other records that have an address, in any form of it and not as a claim. Converted leads have
// handed theirs over.
func ownersOf(ctx context.Context, db store.Queries, actor people.User, but record.Ref,
	p record.Point) ([]owner, error) {
	if p.Value == "" {
		return nil, nil
	}
	forms := []string{p.Value}
	if p.Kind == address.Phone {
		forms = address.Forms(p.Value)
	}
	q := query.New(`SELECT DISTINCT p.entity_kind, p.entity_id FROM contact_point p LEFT JOIN lead l ON p.entity_kind = 'lead' AND l.id = p.entity_id`).
		Add(" WHERE p.value").In(forms).
		Add(" AND p.kind = ? AND NOT p.claimed AND NOT (p.entity_kind = ? AND p.entity_id = ?)", p.Kind, but.Kind,
			but.ID).
		Add(" AND (l.id IS NULL OR l.stage NOT IN ('converted', 'junk')) ORDER BY p.entity_kind, p.entity_id LIMIT ?",
			maxOwners)
	refs, err := query.All(ctx, db, record.ScanRef, q)
	if err != nil {
		return nil, err
	}
	var owners []owner
	for _, ref := range refs {
		h, err := record.HeadOf(ctx, db, actor, ref)
		if err != nil {
			return nil, err
		}
		owners = append(owners, owner{ref, h})
	}
	return owners, nil
}

// logClaim writes a claim on the record that makes it and on those of others.
func logClaim(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, p record.Point,
	owners []owner) error {
	for _, o := range owners {
		if o.Readable {
			continue
		}
		names, err := people.Names(ctx, tx, o.Responsible)
		if err != nil {
			return err
		}
		made := timeline.Made{What: "claimed", Name: p.Value, From: names[o.Responsible], To: actor.Name}
		e := timeline.Entry{Activity: timeline.Activity{ID: store.NewID(), Kind: "change", At: store.Now(),
			User: actor.ID, Entities: []record.Ref{ref, o.Ref}, Made: &made}}
		if _, err := e.Insert(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// Known is who has an address already.
type Known struct {
	Points  []record.Point `json:"points"`  // what was read: several where several were typed
	Problem string         `json:"problem"` // why it can't be read, "" when it can
	Records []record.Named `json:"records"` // that the actor may see
	Others  []string       `json:"others"`  // users who are responsible for records that the actor may not see, "" for nobody
}

// KnownAs tells while somebody types who has a number or mailbox already; but is the record that it is typed into.
func (c *Core) KnownAs(ctx context.Context, actor people.User, p record.Point, but record.Ref) (Known, error) {
	known := Known{Points: []record.Point{}, Records: []record.Named{}, Others: []string{}}
	found, err := c.parse(p)
	if err != nil {
		known.Problem = err.Error()
		return known, nil
	}
	for _, a := range found {
		one := record.PointOf(a)
		owners, err := ownersOf(ctx, c.db, actor, but, one)
		if err != nil {
			return known, err
		}
		known.Points = append(known.Points, one)
		for _, o := range owners {
			known.add(o)
		}
	}
	return known, nil
}

func (k *Known) add(o owner) {
	if !o.Readable {
		if !slices.Contains(k.Others, o.Responsible) {
			k.Others = append(k.Others, o.Responsible)
		}
		return
	}
	k.Records = append(k.Records, record.Named{Ref: o.Ref, Name: o.Name})
}
