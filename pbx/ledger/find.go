package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"frontdesk/store"
	"frontdesk/store/query"
)

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
		conditions = []condition{{lists: []list{{`call_record.id`, clauseOf(`call_record WHERE TRUE`)}}}}
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
		q := query.New(`SELECT ` + from.call + ` FROM `).With(from.where)
		reads = append(reads, readID(q.Add(` AND `+from.call+` < ? ORDER BY `+from.call+` DESC LIMIT 1 OFFSET ?`, place, window-1), into))
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
		q := query.New(`SELECT DISTINCT ` + from.call + ` FROM `).With(from.where)
		q.Add(` AND `+from.call+` < ? AND `+from.call+` >= ?`, place, end)
		for _, other := range others {
			q.Add(` AND `).With(other.holds(from.call))
		}
		reads = append(reads, readID(q.Add(` ORDER BY `+from.call+` DESC LIMIT ?`, n), into))
	}
	return reads
}

func readID(q *query.Builder, into func(id string)) store.Read {
	return store.Read{Query: q.String(), Args: q.Args, Line: func(row store.Row) error {
		var id string
		err := row.Scan(&id)
		into(id)
		return err
	}}
}

// these are the calls with the ids, the newest first.
func (l *Ledger) these(ctx context.Context, ids []string) ([]Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return query.All(ctx, l.db, func(row store.Row) (Record, error) { return scanRecord(row) },
		query.New(`SELECT `+recordColumns+` FROM call_record r WHERE id`).In(ids).Add(` ORDER BY id DESC`))
}
