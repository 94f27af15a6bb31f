package report

import (
	"cmp"
	"fmt"

	"frontdesk/store"
	"frontdesk/store/query"
)

// What the SQL of a report is made of, in terms of the call r and its people, steps and disposition.
const (
	in       = `r.direction = 'in'`
	out      = `r.direction = 'out'`
	answered = `r.answered_at > 0`
	missed   = `r.outcome IN ('missed', 'busy', 'declined')`
	groups   = `kind IN ('hunt_group', 'queue')`

	// Nobody called back since, nor spoke with who called again. An index answers both for the missed alone, which
	// SQLite does faster than it joins, and PostgreSQL nearly as fast.
	left = `r.from_number <> '' AND NOT EXISTS (SELECT 1 FROM call_record b WHERE b.to_number = r.from_number
			AND b.id > r.id AND b.direction = 'out')
		AND NOT EXISTS (SELECT 1 FROM call_record b WHERE b.from_number = r.from_number AND b.id > r.id
			AND b.direction = 'in' AND b.answered_at > 0)`
)

// slot is how long a part of the day is that has its own sums: no time zone's hours begin within one.
const slot = 15 * 60 // seconds

// slots are the sums by slot, counted from 1970 on.
func (q Query) slots() *query.Builder {
	key := fmt.Sprintf("r.started_at / %d", int64(slot*1_000_000))
	return q.from(query.New("SELECT CAST("+key+" AS TEXT)"), incoming{}).Add(" GROUP BY " + key)
}

// rows are the sums by what is asked for.
func (q Query) rows() *query.Builder {
	b := new(query.Builder)
	switch q.By {
	case ByUser:
		q.from(b.Add("SELECT u.user_id"), incoming{joined: func(b *query.Builder) { b.Add(" CROSS JOIN call_user u") },
			where: `u.call = r.id AND u.role = CASE WHEN ` + in + ` AND NOT (` + answered + `) THEN 'rang' ELSE 'took' END`})
		q.seen(b, "u.user_id")
		if q.User != "" {
			b.Add(" AND u.user_id = ?", q.User)
		}
		return b.Add(" GROUP BY u.user_id")
	case ByGroup:
		return q.from(b.Add("SELECT s.item"), incoming{joined: q.through, where: `s.call = r.id`, taken: `s.taken`,
			since: `s.begun_at`}).Add(" GROUP BY s.item")
	case ByNumber:
		return q.from(b.Add("SELECT r.line"), incoming{}).Add(" GROUP BY r.line")
	}
	said := map[By]string{ByResult: "d.result", ByNextStep: "d.next_step"}[q.By]
	q.from(b.Add("SELECT COALESCE("+said+", '')"), incoming{
		joined: func(b *query.Builder) { b.Add(" LEFT JOIN call_disposition d ON d.call = r.id") }})
	return b.Add(" GROUP BY COALESCE(" + said + ", '')")
}

// through are the hunt groups and queues that calls came through. Taken tells whether that was there: by an agent of
// the queue, or by a member of the group, or whoever picked up what rang them all together.
func (q Query) through(b *query.Builder) {
	b.Add(` CROSS JOIN (SELECT g.call, g.item, MIN(g.begun_at) AS begun_at,
			MAX(CASE WHEN g.kind = 'queue' AND g.outcome = 'answered' THEN 1
				WHEN g.kind = 'hunt_group' AND EXISTS (SELECT 1 FROM call_step a WHERE a.call = g.call AND a.position > g.position
					AND a.kind = 'ring' AND a.outcome = 'answered'
					AND (a.users = g.users OR g.users LIKE '%"' || a.answered_by || '"%')) THEN 1 ELSE 0 END) = 1 AS taken
		FROM call_step g WHERE g.`+groups+` AND g.call >= ? AND g.call < ? GROUP BY g.call, g.item) s`, store.IDsSince(q.From),
		store.IDsSince(q.Until))
}

// incoming says how calls to us are counted, and with what they are joined.
type incoming struct {
	joined func(*query.Builder) // nil: with nothing
	where  string
	taken  string // SQL that tells of a call that was answered whether it was here; "": it was
	since  string // SQL for when it began to wait; "": when it began
}

// from appends the sums after the key, and the calls that they are of.
func (q Query) from(b *query.Builder, c incoming) *query.Builder {
	taken, lost, since := in+` AND `+answered, in+` AND `+missed, cmp.Or(c.since, `r.started_at`)
	if c.taken != "" { // a call that somebody else took in the end was missed here
		taken, lost = taken+` AND `+c.taken, in+` AND NOT (`+answered+` AND `+c.taken+`)`
	}
	b.Add(count(in)).Add(count(taken))
	b.Add(count(taken+` AND r.answered_at - `+since+` <= ?`), q.Within.Microseconds())
	b.Add(count(lost)).Add(count(lost + ` AND NOT (` + answered + `) AND ` + left))
	b.Add(seconds(taken, `r.answered_at - `+since)).Add(seconds(lost, `r.ended_at - `+since))
	b.Add(seconds(taken, `r.ended_at - r.answered_at`))
	b.Add(count(out)).Add(count(out + ` AND ` + answered)).Add(seconds(out+` AND `+answered, `r.ended_at - r.answered_at`))
	b.Add(` FROM call_record r`)
	if c.joined != nil {
		b.With(c.joined)
	}
	b.Add(` WHERE r.id >= ? AND r.id < ? AND r.ended_at > 0 AND r.direction IN ('in', 'out')`, store.IDsSince(q.From),
		store.IDsSince(q.Until))
	if c.where != "" {
		b.Add(` AND ` + c.where)
	}
	return q.chosen(b)
}

// chosen appends which calls are meant and seen.
func (q Query) chosen(b *query.Builder) *query.Builder {
	if q.Number != "" {
		b.Add(" AND r.line = ?", q.Number)
	}
	if q.Group != "" {
		b.Add(` AND EXISTS (SELECT 1 FROM call_step g WHERE g.call = r.id AND g.item = ? AND g.`+groups+`)`, q.Group)
	}
	if q.User != "" {
		b.Add(` AND EXISTS (SELECT 1 FROM call_user w WHERE w.call = r.id AND w.user_id = ?)`, q.User)
	}
	if q.People != nil {
		b.Add(` AND EXISTS (SELECT 1 FROM call_user v WHERE v.call = r.id`)
		q.seen(b, "v.user_id")
		b.Add(")")
	}
	return b
}

// seen appends that a user is one whose calls are seen.
func (q Query) seen(b *query.Builder, user string) {
	if q.People != nil {
		b.Add(" AND " + user + " IN (").With(q.People).Add(")")
	}
}

func count(of string) string {
	return `, CAST(COALESCE(SUM(CASE WHEN ` + of + ` THEN 1 ELSE 0 END), 0) AS BIGINT)`
}

// seconds adds up a time that the database keeps in microseconds.
func seconds(of, what string) string {
	return `, CAST(COALESCE(SUM(CASE WHEN ` + of + ` THEN ` + what + ` ELSE 0 END), 0) / 1000000 AS BIGINT)`
}
