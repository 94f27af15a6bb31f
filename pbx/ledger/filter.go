package ledger

import (
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Filter chooses records. The zero value of each field chooses all.
type Filter struct {
	Viewer string   // only calls this user took part in, was rung by, or has a voice message of
	User   string   // the same, as a search
	Missed bool     // only calls to us that nobody took
	Number string   // the other side's or ours, as records have it: E.164, an extension, or raw
	Calls  []string // ids: only these, and none where there are none; nil: all
	Since  time.Time
	Until  time.Time // before it

	Recorded bool   // only calls with a recording that Hears admits
	Said     []Span // only those in whose recordings, which Hears admits, is a word of each of these
	// Hears is the condition that what was said in the call whose id a column has may be heard.
	Hears func(column string) func(*query.Builder)

	Before string // the cursor of the page before
	Limit  int    // default 50, at most 200
}

// Span are the words from one on, and before another.
type Span struct{ From, Until []byte }

// condition is what a filter asks of calls.
type condition struct {
	lists []list // together the calls that satisfy it
	holds clause // tells whether a call does
}

// clause is a condition in SQL of the call whose id a column has.
type clause func(call string) func(*query.Builder)

// list is a part of an index: calls in their order.
type list struct {
	call  string               // the column with the id of the call
	where func(*query.Builder) // the table and its condition
}

// as the index call_record_missed has it
const missedCalls = `direction <> 'out' AND outcome IN ('missed', 'busy', 'declined')`

func (f Filter) conditions() (all []condition) {
	for _, c := range []struct {
		asked bool
		condition
	}{
		{f.Viewer != "", viewed(f.Viewer)}, {f.User != "", with(f.User)}, {f.Number != "", numbered(f.Number)},
		{f.Missed, missed()}, {f.Calls != nil, among(f.Calls)},
		{!f.Since.IsZero() || !f.Until.IsZero(), between(f.Since, f.Until)},
		{f.Recorded, recorded(f.Hears)},
	} {
		if c.asked {
			all = append(all, c.condition)
		}
	}
	for _, words := range f.Said {
		all = append(all, said(words, f.Hears))
	}
	return all
}

// clauseOf is SQL in which ? stands for an argument.
func clauseOf(text string, args ...any) func(*query.Builder) {
	return func(q *query.Builder) { q.Add(text, args...) }
}

// took: a user took part in the call, or was rung by it.
func took(user string) (list, clause) {
	return list{`call_user.call`, clauseOf(`call_user WHERE user_id = ?`, user)}, func(call string) func(*query.Builder) {
		return clauseOf(`(SELECT 1 FROM call_user u WHERE u.user_id = ? AND u.call = `+call+` LIMIT 1) = 1`, user)
	}
}

func with(user string) condition {
	of, holds := took(user)
	return condition{[]list{of}, holds}
}

// itsBoxes: a box has its users as a JSON list of their ids.
const itsBoxes = `SELECT b.id FROM voicemail_box b WHERE b.users LIKE '%"' || ? || '"%'`

func viewed(viewer string) condition {
	of, holds := took(viewer)
	return condition{[]list{of, {`voicemail.call`, clauseOf(`voicemail WHERE box IN (`+itsBoxes+`)`, viewer)}},
		func(call string) func(*query.Builder) {
			return func(q *query.Builder) {
				q.Add("(").With(holds(call)).Add(` OR (SELECT 1 FROM voicemail v WHERE v.call = `+call+` AND v.box IN (`+
					itsBoxes+`) LIMIT 1) = 1)`, viewer)
			}
		}}
}

func numbered(number string) condition {
	lists := make([]list, 3)
	for i, column := range []string{"from_number", "to_number", "line"} {
		lists[i] = list{`call_record.id`, clauseOf(`call_record WHERE `+column+` = ?`, number)}
	}
	return condition{lists, func(call string) func(*query.Builder) {
		return clauseOf(`(SELECT 1 FROM call_record r WHERE r.id = `+call+` AND ? IN (r.from_number, r.to_number, r.line) LIMIT 1) = 1`, number)
	}}
}

func missed() condition {
	return condition{[]list{{`call_record.id`, clauseOf(`call_record WHERE ` + missedCalls)}}, func(call string) func(*query.Builder) {
		return clauseOf(`(SELECT 1 FROM call_record r WHERE r.id = ` + call + ` AND ` + missedCalls + ` LIMIT 1) = 1`)
	}}
}

func among(calls []string) condition {
	return condition{[]list{{`call_record.id`, func(q *query.Builder) { q.Add(`call_record WHERE id`).In(calls) }}},
		func(call string) func(*query.Builder) {
			return func(q *query.Builder) { q.Add(call).In(calls) }
		}}
}

// between: an id tells when the call began.
func between(since, until time.Time) condition {
	holds := func(call string) func(*query.Builder) {
		return func(q *query.Builder) {
			q.Add(call+" >= ?", store.IDsSince(since))
			if !until.IsZero() {
				q.Add(" AND "+call+" < ?", store.IDsSince(until))
			}
		}
	}
	return condition{[]list{{`call_record.id`, func(q *query.Builder) { q.Add("call_record WHERE ").With(holds("id")) }}}, holds}
}

func recorded(hears clause) condition {
	return condition{[]list{{`recording.call`, func(q *query.Builder) { q.Add("recording WHERE ").With(hears("recording.call")) }}},
		func(call string) func(*query.Builder) {
			return func(q *query.Builder) {
				q.Add(`(SELECT 1 FROM recording r WHERE r.call = ` + call + ` AND `).With(hears("r.call")).Add(` LIMIT 1) = 1`)
			}
		}}
}

// said: one of the words is said in the call.
func said(words Span, hears clause) condition {
	these := func(table string) func(*query.Builder) {
		return clauseOf(table+`.word >= ? AND `+table+`.word < ? AND `, words.From, words.Until)
	}
	return condition{[]list{{`transcript_word.call`, func(q *query.Builder) {
		q.Add("transcript_word WHERE ").With(these("transcript_word")).With(hears("transcript_word.call"))
	}}}, func(call string) func(*query.Builder) {
		return func(q *query.Builder) {
			q.Add(`(SELECT 1 FROM transcript_word w WHERE w.call = ` + call + ` AND `).With(these("w")).With(hears("w.call")).
				Add(` LIMIT 1) = 1`)
		}
	}}
}
