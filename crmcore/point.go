package crmcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

// parse reads a point as typed (Raw, or Value where there is no Raw): several numbers where several were. A number that
// was taken in the past as it would not be now stays.
func (c *Core) parse(p Point) ([]address.Address, error) {
	raw := cmp.Or(p.Raw, p.Value)
	if p.Kind == address.Email {
		a, err := address.ParseEmail(raw)
		return []address.Address{a}, err
	}
	all, err := address.Typed(raw, c.cfg.Region)
	switch {
	case err != nil && p.Value != raw && address.IsE164(p.Value):
		return []address.Address{{Kind: address.Phone, Value: p.Value, Ext: p.Ext, Raw: raw, Last: p.Last}}, nil
	case err != nil:
		return []address.Address{{Kind: address.Phone, Raw: raw}}, err
	case p.Ext != "":
		all[0].Ext = fold.Clip(address.Digits(p.Ext), 12)
	}
	return all, nil
}

// normalise checks the points of a record and writes them canonically, each once. Only a lead may keep a number that
// can't be dialled from anywhere, as its call brought it.
func (c *Core) normalise(ctx context.Context, points []Point, kind EntityKind) ([]Point, error) {
	if len(points) > input.MaxPoints {
		return nil, input.Refuse("points", fmt.Sprintf("at most %d", input.MaxPoints))
	}
	out := []Point{}
	for i, p := range points {
		name := fmt.Sprintf("points[%d]", i)
		if p.Kind != address.Phone && p.Kind != address.Email {
			return nil, input.Refuse(name, "kind is phone or email")
		}
		all, err := c.parse(p)
		if err != nil && !(kind == KindLead && errors.Is(err, address.ErrNumber) && all[0].Ending() != "") {
			return nil, input.Refuse(name, err.Error())
		}
		if err := input.Texts(input.Bound(name, &p.Label, 0, 50)); err != nil {
			return nil, err
		}
		for _, a := range all {
			if err := c.notOwn(ctx, name, a); err != nil {
				return nil, err
			}
			one := Point{Kind: a.Kind, Value: a.Value, Ext: a.Ext, Raw: a.Raw, Label: p.Label, Last: a.Last}
			if !slices.ContainsFunc(out, one.same) {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

func (c *Core) notOwn(ctx context.Context, name string, a address.Address) error {
	own, err := c.cfg.Own(ctx, a)
	if err == nil && own {
		err = input.Refuse(name, a.Show()+" is our own and can't be a client's")
	}
	return err
}

// same tells two points that reach the same place.
func (p Point) same(o Point) bool {
	return p.Kind == o.Kind && p.Value == o.Value && p.Ext == o.Ext &&
		(p.Value != "" || address.Digits(p.Raw) == address.Digits(o.Raw))
}

// pointOf is an address as a record keeps it.
func pointOf(a address.Address) Point {
	return Point{Kind: a.Kind, Value: a.Value, Ext: a.Ext, Raw: cmp.Or(a.Raw, a.Value)}
}

// reversed are the digits of a number from its end, so that an index finds what ends alike; of a mailbox, its plain
// form.
func reversed(p Point) []byte {
	if p.Kind != address.Phone {
		return address.PlainMailbox(p.Value)
	}
	d := []byte(address.Digits(cmp.Or(p.Value, address.BareNumber(p.Raw))))
	slices.Reverse(d)
	return d
}

// index replaces the points of a record and the words it is found by.
func index(ctx context.Context, tx *store.Tx, ref Ref, points []Point, texts ...string) error {
	if err := unindex(ctx, tx, ref); err != nil {
		return err
	}
	found := map[string]bool{}
	for _, t := range texts {
		for _, w := range fold.Words(t) {
			found[w] = true
		}
	}
	for _, p := range points {
		for _, w := range pointWords(p) {
			found[w] = true
		}
	}
	delete(found, "")
	return errors.Join(insertPoints(ctx, tx, ref, points), insertWords(ctx, tx, ref, found))
}

func unindex(ctx context.Context, tx *store.Tx, ref Ref) error {
	if _, err := tx.Exec(ctx, "DELETE FROM contact_point WHERE entity_kind = $1 AND entity_id = $2", ref.Kind,
		ref.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM search_word WHERE entity_id = $1 AND entity_kind = $2", ref.ID, ref.Kind)
	return err
}

func insertPoints(ctx context.Context, tx *store.Tx, ref Ref, points []Point) error {
	if len(points) == 0 {
		return nil
	}
	q := query.New("INSERT INTO contact_point (entity_kind, entity_id, position, kind, value, ext, raw, label, is_primary, reversed, claimed, block_of, block_end) VALUES ")
	seen := map[address.Kind]bool{}
	for i, p := range points {
		q.Values(
			ref.Kind, ref.ID, i, p.Kind, p.Value, p.Ext, p.Raw, p.Label, !seen[p.Kind], reversed(p), p.Claimed,
			p.block(), p.Last)
		seen[p.Kind] = true
	}
	_, err := tx.Exec(ctx, q.String(), q.Args...)
	return err
}

func insertWords(ctx context.Context, tx *store.Tx, ref Ref, words map[string]bool) error {
	if len(words) == 0 {
		return nil
	}
	q := query.New("INSERT INTO search_word (entity_kind, word, entity_id) VALUES ")
	for w := range words {
		q.Values(ref.Kind, []byte(w), ref.ID)
	}
	if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
		return err
	}
	return insertParts(ctx, tx, slices.Collect(maps.Keys(words)))
}

// block is what the numbers of a point's block begin with; "" for a single number.
func (p Point) block() string {
	if p.Last == "" {
		return ""
	}
	return blockHead(p.Last)
}

// blockHead is what the numbers of any block that a number may be in begin with.
func blockHead(value string) string { return value[:max(0, len(value)-address.BlockDigits)] }

// ownPoint is a point with the id of its record.
type ownPoint struct {
	owner string
	Point
}

func scanPoint(r store.Row) (o ownPoint, err error) {
	return o, r.Scan(&o.owner, &o.Kind, &o.Value, &o.Ext, &o.Raw, &o.Label, &o.Last, &o.Claimed)
}

// pointsOf selects the points of the records of a kind that a clause names: " IN …".
func pointsOf(kind EntityKind, ids func(*query.Builder)) *query.Builder {
	return query.New(`SELECT entity_id, kind, value, ext, raw, label, block_end, claimed FROM contact_point`+
		` WHERE entity_kind = ? AND entity_id`, kind).With(ids).Add(" ORDER BY entity_id, position")
}

// oneOf is the clause that names records by their ids.
func oneOf(ids []string) func(*query.Builder) { return func(q *query.Builder) { q.In(ids) } }
