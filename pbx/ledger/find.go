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
	Viewer string // only calls this user took part in or was rung by
	User   string // the same, as a search
	Missed bool   // only calls to us that nobody took
	Number string // the other side's or ours, as records have it: E.164, an extension, or raw
	Before string // the cursor of the page before
	Limit  int    // default 50, at most 200
}

// condition is what a filter asks of calls.
type condition struct {
	lists []string // SQL of the calls that satisfy it, each by an index, the newest first: $1 is the call they come before, $2 their number, $3 arg
	holds string   // SQL that tells whether call r does; %s stands for arg
	args  []any    // at most one
}

const (
	missedCalls = `direction <> 'out' AND outcome IN ('missed', 'busy', 'declined')` // as the index call_record_missed has it
	newestCalls = ` AND id < $1 ORDER BY id DESC LIMIT $2`
)

func (f Filter) conditions() (list []condition) {
	for _, user := range []string{f.Viewer, f.User} {
		if user != "" {
			list = append(list, condition{
				[]string{`SELECT DISTINCT call FROM call_user WHERE user_id = $3 AND call < $1 ORDER BY call DESC LIMIT $2`},
				`EXISTS (SELECT 1 FROM call_user u WHERE u.user_id = %s AND u.call = r.id)`, []any{user}})
		}
	}
	if f.Number != "" {
		lists := make([]string, 3)
		for i, column := range []string{"from_number", "to_number", "line"} {
			lists[i] = `SELECT id FROM call_record WHERE ` + column + ` = $3` + newestCalls
		}
		list = append(list, condition{lists, `%s IN (r.from_number, r.to_number, r.line)`, []any{f.Number}})
	}
	if f.Missed {
		list = append(list, condition{[]string{`SELECT id FROM call_record WHERE ` + missedCalls + newestCalls}, missedCalls, nil})
	}
	return list
}

// findBlock is how many calls that satisfy one condition are asked for the others at once.
const findBlock = 1000

// find reads the newest n calls before one ("": now) that satisfy all conditions. Those that fewest satisfy name the candidates, a block at a time.
func (l *Ledger) find(ctx context.Context, conditions []condition, before string, n, block int) (page []Record, err error) {
	if len(conditions) == 0 {
		conditions = []condition{{lists: []string{`SELECT id FROM call_record WHERE TRUE` + newestCalls}}}
	}
	if len(conditions) == 1 {
		block = n
	}
	first, ids, err := l.fewest(ctx, conditions, cmp.Or(before, "z"), block) // "z" is after all ids
	others := slices.Delete(slices.Clone(conditions), first, first+1)
	for err == nil {
		var found []Record
		found, err = l.among(ctx, ids, others)
		if page = append(page, found...); err != nil || len(page) >= n || len(ids) < block {
			return page[:min(len(page), n)], err
		}
		ids, err = l.newest(ctx, conditions[first], ids[len(ids)-1], block)
	}
	return nil, err
}

// fewest is which of the conditions fewest calls satisfy, as far as a block of each tells, and that block.
func (l *Ledger) fewest(ctx context.Context, conditions []condition, before string, block int) (first int, ids []string, err error) {
	for i, c := range conditions {
		list, err := l.newest(ctx, c, before, block)
		if err != nil {
			return 0, nil, err
		}
		if i == 0 || len(list) < len(ids) {
			first, ids = i, list
		}
	}
	return first, ids, nil
}

// newest are the calls before one that satisfy a condition.
func (l *Ledger) newest(ctx context.Context, c condition, before string, n int) (ids []string, err error) {
	for _, query := range c.lists {
		rows, err := l.db.Query(ctx, query, append([]any{before, n}, c.args...)...)
		list, err := store.Collect(rows, err, func(row store.Row) (id string, err error) { return id, row.Scan(&id) })
		if err != nil {
			return nil, err
		}
		ids = append(ids, list...)
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
	ids = slices.Compact(ids)
	return ids[:min(len(ids), n)], nil
}

// among are those of the calls that satisfy conditions, the newest first.
func (l *Ledger) among(ctx context.Context, ids []string, conditions []condition) ([]Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	query := `SELECT ` + recordColumns + ` FROM call_record r WHERE id IN (` + strings.Join(marks, ", ") + `)`
	for _, c := range conditions {
		args = append(args, c.args...)
		query += ` AND ` + strings.ReplaceAll(c.holds, "%s", fmt.Sprintf("$%d", len(args)))
	}
	rows, err := l.db.Query(ctx, query+` ORDER BY id DESC`, args...)
	return store.Collect(rows, err, func(row store.Row) (Record, error) { return scanRecord(row) })
}
