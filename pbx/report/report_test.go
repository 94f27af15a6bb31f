package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// call is one of the past: who took it, or else whom it rang.
type call struct {
	at             string // the time in Bucharest on 2 March 2026
	direction      string
	number         string // the other side's
	line           string
	wait, talk     int // seconds
	users          string
	group, outcome string // of a step; a queue where it has an outcome
}

// bucharest is two hours ahead of UTC that day.
func bucharest(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/Bucharest")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// keep writes a call as the ledger does; the id is its own, of the time that it began at.
func (c call) keep(t testing.TB, db *store.DB, n int) string {
	began, err := time.ParseInLocation("2006-01-02 15:04", "2026-03-02 "+c.at, bucharest(t))
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprintf("%s-7000-8000-%012x", store.IDsSince(began), n)
	from, to, outcome, answered := c.number, c.line, "missed", int64(0)
	ended := began.Add(time.Duration(c.wait+c.talk) * time.Second)
	if c.direction == "out" {
		from, to = "101", c.number
	}
	if c.talk > 0 {
		outcome, answered = "answered", store.Micros(began.Add(time.Duration(c.wait)*time.Second))
	}
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk,
		started_at, answered_at, ended_at, seen_at, outcome, cause) VALUES ($1, 'n', 1, $2, $3, '', $4, '', $5, '', $6, $7, $8, $8, $9, '')`,
		id, c.direction, from, to, c.line, store.Micros(began), answered, store.Micros(ended), outcome)
	for i, user := range strings.Fields(c.users) {
		roles := []string{"rang"}
		if c.direction == "out" || c.talk > 0 && i == 0 {
			roles = []string{"rang", "took"}
		}
		for _, role := range roles {
			exec(`INSERT INTO call_user (call, user_id, role, position) VALUES ($1, $2, $3, $4)`, id, user, role, i)
		}
	}
	if c.group != "" {
		kind, outcome := "hunt_group", "together"
		if c.outcome != "" {
			kind, outcome = "queue", c.outcome
		}
		exec(`INSERT INTO call_step (call, position, kind, users, trunk, number, begun_at, ended_at, outcome, answered_by, item)
			VALUES ($1, 0, $2, '["ana","bob"]', '', '', $3, $3, $4, '', $5)`, id, kind, store.Micros(began.Add(2*time.Second)),
			outcome, c.group)
	}
	if taker, _, _ := strings.Cut(c.users, " "); c.talk > 0 {
		exec(`INSERT INTO call_step (call, position, kind, users, trunk, number, begun_at, ended_at, outcome, answered_by, item)
			VALUES ($1, 1, 'ring', $2, '', '', $3, $3, 'answered', $4, '')`, id, `["`+taker+`"]`, store.Micros(began), taker)
	}
	return id
}

func days() []call {
	return []call{
		{at: "09:05", direction: "in", number: "+40722000001", line: "+40311000001", wait: 10, talk: 60, users: "ana bob", group: "sales"},
		{at: "09:50", direction: "in", number: "+40722000002", line: "+40311000001", wait: 30, talk: 120, users: "bob ana", group: "help", outcome: "answered"},
		{at: "10:10", direction: "in", number: "+40722000003", line: "+40311000002", wait: 45, users: "ana bob", group: "help", outcome: "waited"},
		{at: "10:20", direction: "in", number: "+40722000004", line: "+40311000001", wait: 20, users: "ana"},
		{at: "10:40", direction: "out", number: "+40722000004", line: "+40311000001", wait: 5, talk: 300, users: "ana"},
		{at: "11:00", direction: "out", number: "+40722000009", line: "+40311000001", wait: 25, users: "bob"},
		{at: "12:00", direction: "in", number: "+40722000005", line: "+40311000001", wait: 40, talk: 10, users: "cal", group: "sales"},
		{at: "23:30", direction: "in", number: "", line: "+40311000002", wait: 15, users: "cal"},
		{at: "23:40", direction: "internal", number: "102", wait: 5, talk: 5, users: "ana bob"},
	}
}

func said(rows []Row) string {
	var all []string
	for _, r := range rows {
		if r.In+r.Out > 0 {
			all = append(all, fmt.Sprintf("%s: %s", r.Key, r.text()))
		}
	}
	return strings.Join(all, "; ")
}

func (s Sums) text() string {
	return fmt.Sprintf("in %d=%d(%d)+%d(%d) waits %d/%d talks %d, out %d=%d talks %d", s.In, s.Answered,
		s.InTime, s.Missed, s.Left, s.Waited, s.Abandoned, s.Talked, s.Out, s.Reached, s.OutTalked)
}

// What calls came to, by each of what they can be counted by, with each filter, and for who sees some people's alone.
func TestCalls(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := New(db)
		var ids []string
		for i, c := range days() {
			ids = append(ids, c.keep(t, db, i))
		}
		choices := Choices{Results: []string{"Sold", "Not now"}, NextSteps: []string{"Send the offer"}}
		if err := r.SaveChoices(t.Context(), choices); err != nil {
			t.Fatal(err)
		}
		if err := r.Say(t.Context(), ids[0], "ana", Disposition{"Sold", "Send the offer"}); err != nil {
			t.Fatal(err)
		}
		day := time.Date(2026, 3, 2, 0, 0, 0, 0, bucharest(t))
		all := Query{From: day, Until: day.AddDate(0, 0, 2), Zone: bucharest(t), Within: 20 * time.Second}
		only := func(users ...string) func(*query.Builder) {
			return func(b *query.Builder) { b.Add("SELECT user_id FROM call_user WHERE user_id").In(users) }
		}
		for _, c := range []struct {
			name   string
			change func(*Query)
			want   string
		}{
			{"days", func(q *Query) { q.By = ByDay }, "2026-03-02: in 6=3(1)+3(1) waits 80/80 talks 190, out 2=1 talks 300"},
			{"hours of the clock on the wall", func(q *Query) { q.By = ByHour },
				"09: in 2=2(1)+0(0) waits 40/0 talks 180, out 0=0 talks 0; 10: in 2=0(0)+2(1) waits 0/65 " +
					"talks 0, out 1=1 talks 300; " +
					"11: in 0=0(0)+0(0) waits 0/0 talks 0, out 1=0 talks 0; " +
					"12: in 1=1(0)+0(0) waits 40/0 talks 10, out 0=0 talks 0; 23: in 1=0(0)+1(0) waits 0/15 " +
					"talks 0, out 0=0 talks 0"},
			{"users: who took it, or all who were rung in vain", func(q *Query) { q.By = ByUser },
				"ana: in 3=1(1)+2(1) waits 10/65 talks 60, out 1=1 talks 300; bob: in 2=1(0)+1(1) waits " +
					"30/45 talks 120, out 1=0 talks 0; " +
					"cal: in 2=1(0)+1(0) waits 40/15 talks 10, out 0=0 talks 0"},
			{"groups: from when a call came there, taken where a member did", func(q *Query) { q.By = ByGroup },
				"help: in 2=1(0)+1(1) waits 28/43 talks 120, out 0=0 talks 0; sales: in 2=1(1)+1(0) waits " +
					"8/48 talks 60, out 0=0 talks 0"},
			{"numbers", func(q *Query) { q.By = ByNumber },
				"+40311000001: in 4=3(1)+1(0) waits 80/20 talks 190, out 2=1 talks 300; +40311000002: in " +
					"2=0(0)+2(1) waits 0/60 talks 0, out 0=0 talks 0"},
			{"results", func(q *Query) { q.By, q.Number = ByResult, "+40311000001" },
				": in 3=2(0)+1(0) waits 70/20 talks 130, out 2=1 talks 300; Sold: in 1=1(1)+0(0) waits 10/0 " +
					"talks 60, out 0=0 talks 0"},
			{"next steps of a group", func(q *Query) { q.By, q.Group = ByNextStep, "sales" },
				": in 1=1(0)+0(0) waits 40/0 talks 10, out 0=0 talks 0; Send the offer: in 1=1(1)+0(0) " +
					"waits 10/0 talks 60, out 0=0 talks 0"},
			{"a colleague's, by user", func(q *Query) { q.By, q.People = ByUser, only("bob") },
				"bob: in 2=1(0)+1(1) waits 30/45 talks 120, out 1=0 talks 0"},
			{"a colleague's, by number", func(q *Query) { q.By, q.People = ByNumber, only("cal") },
				"+40311000001: in 1=1(0)+0(0) waits 40/0 talks 10, out 0=0 talks 0; +40311000002: in " +
					"1=0(0)+1(0) waits 0/15 talks 0, out 0=0 talks 0"},
			{"one user", func(q *Query) { q.By, q.User = ByDay, "cal" },
				"2026-03-02: in 2=1(0)+1(0) waits 40/15 talks 10, out 0=0 talks 0"},
			{"nobody's", func(q *Query) { q.By, q.People = ByUser, only() }, ""},
			{"another day", func(q *Query) { q.By, q.From = ByGroup, day.AddDate(0, 0, 1) }, ""},
		} {
			q := all
			c.change(&q)
			got, err := r.Calls(t.Context(), q)
			if err != nil || said(got.Rows) != c.want {
				t.Errorf("%s:\n%s\n%s, %v", c.name, said(got.Rows), c.want, err)
			}
			if len(got.Hours) != 24 || len(got.Days) != int(q.Until.Sub(q.From).Hours()/24) {
				t.Errorf("%s: %d hours, %d days", c.name, len(got.Hours), len(got.Days))
			}
		}
		var bad *input.Invalid
		all.Until = all.From.Add(Longest + time.Second)
		if _, err := r.Calls(t.Context(), all); !errors.As(err, &bad) || bad.Field != "until" {
			t.Errorf("too long a time: %v", err)
		}
	})
}

// What came of a call is of the company's lists; what was said stays when it is on them no more.
func TestDispositions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, r := t.Context(), New(db)
		id := days()[0].keep(t, db, 1)
		if c, err := r.Choices(ctx); err != nil || len(c.Results) != 0 || len(c.NextSteps) != 0 {
			t.Errorf("%+v, %v", c, err)
		}
		for field, c := range map[string]Choices{"results": {Results: []string{"a", " a"}},
			"next_steps": {NextSteps: []string{" "}}} {
			var bad *input.Invalid
			if err := r.SaveChoices(ctx, c); !errors.As(err, &bad) || bad.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		steps := []func() error{
			func() error { return r.SaveChoices(ctx, Choices{Results: []string{" Sold", "Lost"}}) },
			func() error { return r.Say(ctx, id, "ana", Disposition{Result: "Lost"}) },
			func() error { return r.Say(ctx, id, "bob", Disposition{Result: "Sold"}) },
			func() error { return r.SaveChoices(ctx, Choices{Results: []string{"Lost"}}) },
		}
		if err := query.Steps(steps...); err != nil {
			t.Fatal(err)
		}
		if of, err := r.Said(ctx, []string{id, "none"}); err != nil || len(of) != 1 || of[id].Result != "Sold" {
			t.Errorf("%v, %v", of, err)
		}
		for field, d := range map[string]Disposition{"result": {Result: "Sold"}, "next_step": {NextStep: "Wait"}} {
			var bad *input.Invalid
			if err := r.Say(ctx, id, "ana", d); !errors.As(err, &bad) || bad.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := r.Say(ctx, id, "ana", Disposition{}); err != nil {
			t.Fatal(err)
		}
		if of, err := r.Said(ctx, []string{id}); err != nil || len(of) != 0 {
			t.Errorf("%v, %v", of, err)
		}
	})
}
