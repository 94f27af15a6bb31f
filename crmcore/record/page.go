package record

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"strconv"
	"strings"

	"frontdesk/crmcore/input"
	"frontdesk/store/query"
)

// Page asks for a part of a list. A cursor is opaque: the Next of the list before.
type Page struct {
	Cursor string
	Limit  int // 1 to 200; 0: 50
}

// List is one page. Next is empty on the last one. A page of a search may have fewer items than asked for, or none,
// though more follow.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Order of a list.
type Order string

const (
	Newest   Order = "newest" // created last first; the default
	ByName   Order = "name"
	ByChange Order = "updated" // changed last first
	ByAmount Order = "amount"  // of deals, the largest first
)

// Filter narrows a list of records to those that satisfy all its fields that are set, and that the actor may read.
type Filter struct {
	// words of the name, of a number or of a mail address: beginnings, and with three letters parts
	Query       string
	Responsible string // user id
	Mine        bool   // responsible is the actor
	// leads: new, in_progress, converted, junk, or "open" for the first two; deals: a stage id, or the kinds "open",
	// "won", "lost"
	Stage    string
	Pipeline string               // deals
	Company  string               // contacts and deals of that company
	Contact  string               // deals of that contact
	Where    func(*query.Builder) // " AND …" of table t; nil: whatever there is
	Few      bool                 // Where leaves few records, which an index names
	Order    Order
	Page
}

// narrow tells whether a list is that of few records, which an index names.
func (f Filter) narrow() bool {
	return f.Few || f.Mine || f.Responsible != "" || f.Company != "" || f.Contact != ""
}

// beyond appends the start of the page. Ids are UUIDv7: their order is that of creation.
func (f Filter) beyond(q *query.Builder) error {
	id, name, err := readCursor(f.Order, f.Cursor)
	switch {
	case err != nil || f.Cursor == "":
	case f.Order.ranked():
		rank, bad := strconv.ParseInt(name, 10, 64)
		if bad != nil {
			return errCursor()
		}
		q.Add(" AND ("+f.Order.rank()+", t.id) < (?, ?)", rank, id)
	case f.Order == ByName:
		q.Add(" AND (t.folded, t.id) > (?, ?)", []byte(name), id)
	default:
		q.Add(" AND t.id < ?", id)
	}
	return err
}

// clause is the order of a list of table t.
func (o Order) clause() string {
	switch {
	case o == ByName:
		return " ORDER BY t.folded, t.id"
	case o.ranked():
		return " ORDER BY " + o.rank() + " DESC, t.id DESC"
	}
	return " ORDER BY t.id DESC"
}

func (o Order) compare(a, b spot) int {
	if o == ByName {
		return cmp.Or(bytes.Compare(a.folded, b.folded), strings.Compare(a.id, b.id))
	}
	return cmp.Or(cmp.Compare(b.rank, a.rank), strings.Compare(b.id, a.id))
}

// ranked tells an order by a number.
func (o Order) ranked() bool { return o == ByChange || o == ByAmount }

// byID tells the order of the ids.
func (o Order) byID() bool { return o != ByName && !o.ranked() }

// rank is the number that a list is in the order of, of table t.
func (o Order) rank() string {
	switch o {
	case ByChange:
		return "t.updated_at"
	case ByAmount:
		return "t.amount"
	}
	return "0"
}

// spot is where a record stands in a list.
type spot struct {
	id     string
	folded []byte
	rank   int64
	hit    bool // it has the terms that were asked for
}

// cursorAt tells a page where the one before it ended.
func cursorAt(o Order, s spot) string {
	switch {
	case o.ranked():
		s.folded = strconv.AppendInt(nil, s.rank, 10)
	case o != ByName:
		s.folded = nil
	}
	return base64.RawURLEncoding.EncodeToString([]byte(s.id + "\n" + string(s.folded)))
}

func readCursor(o Order, cursor string) (id, name string, err error) {
	if cursor == "" {
		return "", "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	id, name, found := strings.Cut(string(raw), "\n")
	if err != nil || !found || len(cursor) > 1000 {
		return "", "", errCursor()
	}
	return id, name, nil
}

func errCursor() error {
	return input.Refuse("cursor", "is not one of ours; start from the first page")
}

func PageLimit(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 200)
}
