package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/store"
)

// Filter chooses records. The zero value of each field chooses all.
type Filter struct {
	Viewer string // only calls this user took part in, was rung by, or has a voice message of
	User   string // the same, as a search
	Missed bool   // only calls to us that nobody took
	Number string // the other side's or ours, as records have it: E.164, an extension, or raw
	Before string // the cursor of the page before
	Limit  int    // default 50, at most 200
}

// condition is what a filter asks of calls.
type condition struct {
	lists []list // together the calls that satisfy it
	holds string // SQL that tells whether call CALL does; ARG stands for arg
	args  []any  // at most one
}

// list is a part of an index: calls in their order.
type list struct {
	call  string // the column with the id of the call
	where string // SQL of the table and its condition; ARG stands for the condition's arg
}

// as the index call_record_missed has it
const missedCalls = `direction <> 'out' AND outcome IN ('missed', 'busy', 'declined')`

const (
	tookPart = `(SELECT 1 FROM call_user u WHERE u.user_id = ARG AND u.call = CALL LIMIT 1) = 1`
	// A box has its users as a JSON list of their ids.
	itsBoxes = `SELECT b.id FROM voicemail_box b WHERE b.users LIKE '%"' || ARG || '"%'`
	leftIts  = `(SELECT 1 FROM voicemail v WHERE v.call = CALL AND v.box IN (` + itsBoxes + `) LIMIT 1) = 1`
)

func (f Filter) conditions() (all []condition) {
	part := list{`call_user.call`, `call_user WHERE user_id = ARG`}
	if f.Viewer != "" {
		all = append(all, condition{[]list{part, {`voicemail.call`, `voicemail WHERE box IN (` + itsBoxes + `)`}},
			`(` + tookPart + ` OR ` + leftIts + `)`, []any{f.Viewer}})
	}
	if f.User != "" {
		all = append(all, condition{[]list{part}, tookPart, []any{f.User}})
	}
	if f.Number != "" {
		lists := make([]list, 3)
		for i, column := range []string{"from_number", "to_number", "line"} {
			lists[i] = list{`call_record.id`, `call_record WHERE ` + column + ` = ARG`}
		}
		all = append(all, condition{lists,
			`(SELECT 1 FROM call_record r WHERE r.id = CALL AND ARG IN (r.from_number, r.to_number, r.line) LIMIT 1) = 1`, []any{f.Number}})
	}
	if f.Missed {
		all = append(all, condition{[]list{{`call_record.id`, `call_record WHERE ` + missedCalls}},
			`(SELECT 1 FROM call_record r WHERE r.id = CALL AND ` + missedCalls + ` LIMIT 1) = 1`, nil})
	}
	return all
}

// How many calls that satisfy one condition are asked for the others at once: at first, and at most.
const (
	firstWindow = 1024
	maxWindow   = 32_768
)

// find reads the newest n calls before one ("": now) that satisfy all conditions. It goes back through the calls window
// by window. In each the condition leads that fewest calls satisfy there, its calls are asked for the others: so it
// costs about as much as the rarest condition has calls up to where the page is full, and time that one of two never
// worked in costs nothing.
func (l *Ledger) find(ctx context.Context, conditions []condition, before string, n, window int) ([]Record, error) {
	if len(conditions) == 0 {
		conditions = []condition{{lists: []list{{`call_record.id`, `call_record WHERE TRUE`}}}}
	}
	var ids []string
	// "z" is after all ids
	for place := cmp.Or(before, "z"); place != "" && len(ids) < n; window = min(4*window, maxWindow) {
		first, end, err := l.rarest(ctx, conditions, place, window)
		if err != nil {
			return nil, err
		}
		more, err := l.within(ctx, conditions, first, place, end, n-len(ids))
		if err != nil {
			return nil, err
		}
		ids, place = append(ids, more...), end
	}
	return l.these(ctx, ids)
}

// rarest is which of the conditions fewest calls before a place satisfy, and the last of so many calls of it; "" where
// there are not so many. A condition of several lists has at least as many as the one that is the fullest.
func (l *Ledger) rarest(ctx context.Context, conditions []condition, place string,
	window int) (first int, end string, err error) {
	if len(conditions) == 1 {
		return 0, "", nil
	}
	ends, reads := make([]string, len(conditions)), []store.Read{}
	for i, c := range conditions {
		reads = append(reads, c.ends(place, window, func(id string) { ends[i] = max(ends[i], id) })...)
	}
	err = l.db.ReadAll(ctx, reads)
	end = slices.Min(ends)
	return slices.Index(ends, end), end, err
}

// ends ask for the last of so many calls before a place, of each list.
func (c condition) ends(place string, window int, into func(id string)) (reads []store.Read) {
	for _, from := range c.lists {
		text := c.bind(`SELECT CALL FROM `+from.where+` AND CALL < $1 ORDER BY CALL DESC LIMIT 1 OFFSET $2`, from, 3)
		reads = append(reads, readID(text, append([]any{place, window - 1}, c.args...), into))
	}
	return reads
}

// within are the newest n calls before one place and not before another that satisfy all conditions, of which the first
// leads.
func (l *Ledger) within(ctx context.Context, conditions []condition, first int, place, end string,
	n int) (ids []string, err error) {
	others := slices.Delete(slices.Clone(conditions), first, first+1)
	err = l.db.ReadAll(ctx, conditions[first].within(others, place, end, n, func(id string) { ids = append(ids, id) }))
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
	ids = slices.Compact(ids)
	return ids[:min(len(ids), n)], err
}

// within ask for those calls, of each list.
func (c condition) within(others []condition, place, end string, n int, into func(id string)) (reads []store.Read) {
	for _, from := range c.lists {
		args := append([]any{place, end, n}, c.args...)
		text := c.bind(`SELECT DISTINCT CALL FROM `+from.where+` AND CALL < $1 AND CALL >= $2`, from, len(args))
		for _, other := range others {
			args = append(args, other.args...)
			text += ` AND ` + other.bind(other.holds, from, len(args))
		}
		reads = append(reads, readID(text+c.bind(` ORDER BY CALL DESC LIMIT $3`, from, 0), args, into))
	}
	return reads
}

func readID(text string, args []any, into func(id string)) store.Read {
	return store.Read{Query: text, Args: args, Line: func(row store.Row) error {
		var id string
		err := row.Scan(&id)
		into(id)
		return err
	}}
}

// bind names in SQL the calls of a list, and the place of the condition's argument.
func (c condition) bind(text string, from list, arg int) string {
	return strings.NewReplacer("CALL", from.call, "ARG", fmt.Sprintf("$%d", arg)).Replace(text)
}

// these are the calls with the ids, the newest first.
func (l *Ledger) these(ctx context.Context, ids []string) ([]Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	query := `SELECT ` + recordColumns + ` FROM call_record r WHERE id IN (` + strings.Join(marks, ", ") +
		`) ORDER BY id DESC`
	rows, err := l.db.Query(ctx, query, args...)
	return store.Collect(rows, err, func(row store.Row) (Record, error) { return scanRecord(row) })
}
