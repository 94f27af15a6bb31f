package record

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Point is one phone number or mailbox of a record.
type Point struct {
	Kind  address.Kind `json:"kind"`            // phone, email
	Value string       `json:"value"`           // canonical: E.164 or lower-case address
	Ext   string       `json:"ext,omitempty"`   // extension behind a number
	Raw   string       `json:"raw"`             // as a person typed it
	Label string       `json:"label,omitempty"` // work, mobile …
	Last  string       `json:"last,omitempty"`  // of a block of numbers ("+40 21 555 0100-0199"): the last one
	// Claimed: another's client had it when it was entered here. It leads to that client, until nobody else has it.
	Claimed bool `json:"claimed,omitempty"`
}

// Same tells two points that reach the same place.
func (p Point) Same(o Point) bool {
	return p.Kind == o.Kind && p.Value == o.Value && p.Ext == o.Ext &&
		(p.Value != "" || address.Digits(p.Raw) == address.Digits(o.Raw))
}

// PointOf is an address as a record keeps it.
func PointOf(a address.Address) Point {
	return Point{Kind: a.Kind, Value: a.Value, Ext: a.Ext, Raw: cmp.Or(a.Raw, a.Value)}
}

// SortKey is a name as lists order it.
func SortKey(name string) []byte { return []byte(fold.Clip(fold.Text(name), 200)) }

// After is the first text of bytes beyond all those that begin with prefix. 0xff is in no UTF-8 text.
func After(prefix []byte) []byte { return append(append([]byte{}, prefix...), 0xff) }

// Reversed are the digits of a number from its end, so that an index finds what ends alike; of a mailbox, its plain
// form.
func Reversed(p Point) []byte {
	if p.Kind != address.Phone {
		return address.PlainMailbox(p.Value)
	}
	d := []byte(address.Digits(cmp.Or(p.Value, address.BareNumber(p.Raw))))
	slices.Reverse(d)
	return d
}

// Index replaces the points of a record and the words it is found by.
func Index(ctx context.Context, tx *store.Tx, ref Ref, points []Point, texts ...string) error {
	if err := Unindex(ctx, tx, ref); err != nil {
		return err
	}
	return tx.ExecAll(ctx, Indexing([]Indexed{{ref, points, texts}}))
}

// Indexed is what a record is found by.
type Indexed struct {
	Ref
	Points []Point
	Texts  []string
}

// Indexing are the statements of Index for records that are new.
func Indexing(list []Indexed) (todo []store.Statement) {
	all := map[string]bool{}
	for _, in := range list {
		found := in.words()
		todo = append(todo, pointsOf(in.Ref, in.Points)...)
		todo = append(todo, wordsOf(in.Ref, found)...)
		maps.Copy(all, found)
	}
	return append(todo, partsOf(slices.Collect(maps.Keys(all)))...)
}

func (in Indexed) words() map[string]bool {
	found := map[string]bool{}
	for _, t := range in.Texts {
		for _, w := range fold.Words(t) {
			found[w] = true
		}
	}
	for _, p := range in.Points {
		for _, w := range pointWords(p) {
			found[w] = true
		}
	}
	delete(found, "")
	return found
}

func Unindex(ctx context.Context, tx *store.Tx, ref Ref) error {
	if _, err := tx.Exec(ctx, "DELETE FROM contact_point WHERE entity_kind = $1 AND entity_id = $2", ref.Kind,
		ref.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM search_word WHERE entity_id = $1 AND entity_kind = $2", ref.ID, ref.Kind)
	return err
}

func pointsOf(ref Ref, points []Point) []store.Statement {
	if len(points) == 0 {
		return nil
	}
	q := query.New(`INSERT INTO contact_point (entity_kind, entity_id, position, kind, value, ext, raw, label, is_primary, reversed, claimed, block_of, block_end) VALUES `)
	seen := map[address.Kind]bool{}
	for i, p := range points {
		q.Values(
			ref.Kind, ref.ID, i, p.Kind, p.Value, p.Ext, p.Raw, p.Label, !seen[p.Kind], Reversed(p), p.Claimed,
			p.block(), p.Last)
		seen[p.Kind] = true
	}
	return []store.Statement{{Query: q.String(), Args: q.Args}}
}

func wordsOf(ref Ref, words map[string]bool) []store.Statement {
	if len(words) == 0 {
		return nil
	}
	q := query.New("INSERT INTO search_word (entity_kind, word, entity_id) VALUES ")
	for w := range words {
		q.Values(ref.Kind, []byte(w), ref.ID)
	}
	return []store.Statement{{Query: q.String(), Args: q.Args}}
}

// block is what the numbers of a point's block begin with; "" for a single number.
func (p Point) block() string {
	if p.Last == "" {
		return ""
	}
	return BlockHead(p.Last)
}

// BlockHead is what the numbers of any block that a number may be in begin with.
func BlockHead(value string) string { return value[:max(0, len(value)-address.BlockDigits)] }

// OwnPoint is a point with the id of its record.
type OwnPoint struct {
	owner string
	Point
}

func ScanPoint(r store.Row) (o OwnPoint, err error) {
	return o, r.Scan(&o.owner, &o.Kind, &o.Value, &o.Ext, &o.Raw, &o.Label, &o.Last, &o.Claimed)
}

// PointsOf selects the points of the records of a kind that a clause names: " IN …".
func PointsOf(kind Kind, ids func(*query.Builder)) *query.Builder {
	return query.New(`SELECT entity_id, kind, value, ext, raw, label, block_end, claimed FROM contact_point`+
		` WHERE entity_kind = ? AND entity_id`, kind).With(ids).Add(" ORDER BY entity_id, position")
}

// Points are those of one record, in their order.
func Points(ctx context.Context, db store.Queries, ref Ref) (points []Point, err error) {
	own, err := query.All(ctx, db, ScanPoint, PointsOf(ref.Kind, OneOf([]string{ref.ID})))
	for _, o := range own {
		points = append(points, o.Point)
	}
	return points, err
}

// OneOf is the clause that names records by their ids.
func OneOf(ids []string) func(*query.Builder) { return func(q *query.Builder) { q.In(ids) } }

// pointWords are what a number or mailbox is found by: a number by its international and national digits, a mailbox
// whole and by its parts.
func pointWords(p Point) []string {
	if p.Kind == address.Email {
		return append(fold.Words(p.Value), fold.Clip(p.Value, fold.MaxWord))
	}
	if p.Value == "" {
		return []string{address.Digits(p.Raw)}
	}
	return []string{address.Digits(p.Value), address.National(p.Value)}
}
