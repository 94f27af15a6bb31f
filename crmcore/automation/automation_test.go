package automation

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/crmcore/notice"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
	"frontdesk/store/query"
)

// A deal that comes to a stage, and is as the condition says, is worked on: all that the rule says, once.
func TestADealEntersAStage(t *testing.T) {
	each(t, func(o *office) {
		o.runs(o.Automation, "one")
		o.save(Routine{Name: "Big ones", On: Trigger{What: entered, Stages: []string{o.won}},
			When: asks("amount", "from", "10000"),
			Then: []Effect{
				{Do: task, To: toResponsible(), Title: "Send the contract of {name}", In: 2, Unit: days},
				{Do: tag, Values: []string{"big"}},
				{Do: set, Field: "source", Values: []string{"website"}},
				{Do: assign, To: &Whom{Who: oneUser, User: o.dan.ID}},
				{Do: notify, To: &Whom{Who: department, Department: o.sales}, Title: "{name} is won"},
			}})
		small, big := o.deal("Small", 9_999), o.deal("Big", 10_000)
		o.move(small, o.won)
		o.move(big, o.won)
		o.settled()
		if got := o.entries(small, "automation"); len(got) > 0 {
			t.Errorf("the small one: %+v", got)
		}
		tasks := o.entries(big, "task")
		if len(tasks) != 1 || tasks[0].Title != "Send the contract of Big" || tasks[0].User != o.dan.ID {
			t.Fatalf("tasks %+v", tasks)
		}
		now, err := o.core.Deal(o.ctx, o.root, big.ID)
		o.must(err)
		if now.Responsible != o.dan.ID || !slices.Equal(now.Fields["tags"], []string{"big"}) ||
			!slices.Equal(now.Fields["source"], []string{"website"}) {
			t.Errorf("the big one is %+v", now)
		}
		trace := o.entries(big, "automation")
		if len(trace) != 1 || trace[0].Made.Name != "Big ones" || len(trace[0].Made.Did) != 5 ||
			trace[0].Made.By != "rule" {
			t.Fatalf("trace %+v", trace)
		}
		for _, u := range []string{o.ana.ID, o.dan.ID} {
			if list, err := notice.Of(o.ctx, o.db, u); err != nil || len(list) != 1 || list[0].Text != "Big is won" {
				t.Errorf("notices of %s: %+v, %v", u, list, err)
			}
		}
		if done := o.log(""); len(done) != 1 || done[0].State != Done || done[0].Called != "Big" {
			t.Errorf("log %+v", done)
		}
	})
}

// What sets rules off: each trigger, and what is near it and does not.
func TestWhatSetsRulesOff(t *testing.T) {
	each(t, func(o *office) {
		o.runs(o.Automation, "one")
		add := func(name string, on Trigger) {
			o.save(Routine{Name: name, On: on, Then: []Effect{{Do: notify, To: toResponsible(), Title: "x"}}})
		}
		add("made", Trigger{What: made})
		add("left new", Trigger{What: left, Stages: []string{o.fresh}})
		add("left won", Trigger{What: left, Stages: []string{o.won}})
		add("entered any", Trigger{What: entered})
		add("amount", Trigger{What: changed, Fields: []string{"amount"}})
		add("source", Trigger{What: changed, Fields: []string{"source", "tags"}})
		add("responsible", Trigger{What: changed, Fields: []string{"responsible"}})
		d := o.deal("One", 5)
		o.settled()
		o.move(d, o.won)
		o.settled()
		d, err := o.core.Deal(o.ctx, o.root, d.ID)
		o.must(err)
		d.Amount = 700
		d, err = o.core.UpdateDeal(o.ctx, o.ana, d)
		o.must(err)
		d.Fields = record.Values{"source": {"website"}}
		d, err = o.core.UpdateDeal(o.ctx, o.ana, d)
		o.must(err)
		_, err = o.core.UpdateDeal(o.ctx, o.ana, d) // nothing is other than before
		o.must(err)
		o.must(o.core.Assign(o.ctx, o.root, record.Deal.Ref(d.ID), o.dan.ID))
		o.settled()
		var names []string
		for _, run := range o.log(Done) {
			names = append(names, run.Name)
		}
		slices.Sort(names)
		if got := strings.Join(names, ", "); got != "amount, entered any, left new, made, responsible, source" {
			t.Errorf("set off: %s", got)
		}
	})
}

// Several nodes read one cursor, and some die: each deal gets its task once.
func TestEachOnceOnAnyNode(t *testing.T) {
	each(t, func(o *office) {
		o.save(Routine{On: Trigger{What: made}, Then: []Effect{{Do: task, To: toResponsible(), Title: "Call"}}})
		var deals []crmcore.Deal
		dies := []func(){o.runs(o.Automation, "one"), o.runs(o.node(), "two")}
		for i := range 60 {
			deals = append(deals, o.deal(fmt.Sprint("Deal ", i), 1))
			if i%20 == 10 { // a node dies in the midst of it, and another one comes
				dies[0]()
				dies = append(dies[1:], o.runs(o.node(), fmt.Sprint("more", i)))
			}
		}
		o.settled()
		for _, d := range deals {
			if got := len(o.entries(d, "task")); got != 1 {
				t.Errorf("%s has %d tasks", d.Title, got)
			}
		}
		if got := len(o.log(Done)); got != len(deals) {
			t.Errorf("%d runs of %d deals", got, len(deals))
		}
	})
}

// What was told before a rule was, or while nobody ran, is taken as it should be: not, and later.
func TestNothingIsLostOrTakenBefore(t *testing.T) {
	each(t, func(o *office) {
		die := o.runs(o.Automation, "one")
		early := o.deal("Early", 1)
		o.settled()
		o.save(Routine{On: Trigger{What: made}, Then: []Effect{{Do: task, To: toResponsible(), Title: "Call"}}})
		die()
		late := o.deal("Late", 1)
		o.runs(o.node(), "two")
		o.settled()
		if a, b := len(o.entries(early, "task")), len(o.entries(late, "task")); a != 0 || b != 1 {
			t.Errorf("tasks: %d of what was before, %d of what came while nobody ran", a, b)
		}
	})
}

// Rules that set each other off are stopped, and the administrators are told; so is one that runs without end.
func TestALoopIsStopped(t *testing.T) {
	each(t, func(o *office) {
		o.runs(o.Automation, "one")
		swap := func(name, from, to string) Routine {
			return o.save(Routine{Name: name, On: Trigger{What: entered, Stages: []string{from}},
				Then: []Effect{{Do: move, Stage: to}}})
		}
		there, back := swap("There", o.fresh, o.won), swap("Back", o.won, o.fresh)
		d := o.deal("Round", 1)
		o.move(d, o.won)
		o.settled()
		list, err := o.Rules(o.ctx, o.root)
		o.must(err)
		stopped := 0
		for _, r := range list {
			if r.Stopped == loop && !r.Active && r.StoppedBy != nil && r.StoppedBy.Name == "Round" {
				stopped++
			}
		}
		if stopped != 1 || len(o.log(Done)) != maxChain || len(o.log(Halted)) != 1 {
			t.Errorf("%d stopped, %d done, %d halted", stopped, len(o.log(Done)), len(o.log(Halted)))
		}
		if told, err := notice.Of(o.ctx, o.db, o.root.ID); err != nil || len(told) != 1 ||
			told[0].What != notice.RuleStopped {
			t.Errorf("the admin is told %+v, %v", told, err)
		}
		for _, r := range []Routine{there, back} { // switched on again, it begins anew
			r.Active = true
			saved, err := o.Save(o.ctx, o.root, r)
			o.must(err)
			if saved.Stopped != "" || saved.StoppedBy != nil {
				t.Errorf("switched on: %+v", saved)
			}
		}
	})
}

// A rule has no more than so many runs with one record in an hour.
func TestABusyRuleIsStopped(t *testing.T) {
	each(t, func(o *office) {
		r := o.save(Routine{On: Trigger{What: changed}, Then: []Effect{{Do: notify, To: toResponsible(), Title: "x"}}})
		d := record.Deal.Ref(o.deal("One", 1).ID)
		began := 0
		o.must(o.db.Tx(o.ctx, func(tx *store.Tx) error {
			for i := range maxHour + 1 {
				rule := r
				run, err := o.begin(o.ctx, tx, &rule, occasion{what: changed, ref: d, key: fmt.Sprint("e", i)})
				if err != nil {
					return err
				}
				if run != "" {
					began++
				}
				again, err := o.begin(o.ctx, tx, &rule, occasion{what: changed, ref: d, key: fmt.Sprint("e", i)})
				if again != "" {
					t.Errorf("begun twice: %v", err)
				}
				if i == maxHour && rule.Active {
					t.Error("it goes on")
				}
			}
			return nil
		}))
		if began != maxHour {
			t.Errorf("begun %d times", began)
		}
	})
}

// What can't be done is undone as a whole, and the log says why; other rules go on.
func TestWhatCannotBeDone(t *testing.T) {
	each(t, func(o *office) {
		o.runs(o.Automation, "one")
		p, err := o.core.SavePipeline(o.ctx, o.root, crmcore.Pipeline{Name: "Old",
			Stages: []crmcore.Stage{{Name: "A", Kind: "open"},
				{Name: "W", Kind: "won"}, {Name: "L", Kind: "lost"}}})
		o.must(err)
		o.save(Routine{Name: "Bad", On: Trigger{What: made}, Then: []Effect{{Do: task, To: toResponsible(), Title: "x"},
			{Do: move, Stage: p.Stages[0].ID}}})
		o.save(Routine{Name: "Good", On: Trigger{What: made},
			Then: []Effect{{Do: task, To: toResponsible(), Title: "y"}}})
		o.must(o.core.DeletePipeline(o.ctx, o.root, p.ID))
		d := o.deal("One", 1)
		o.settled()
		if got := o.entries(d, "task"); len(got) != 1 || got[0].Title != "y" {
			t.Errorf("tasks %+v", got)
		}
		if bad := o.log(Failed); len(bad) != 1 || !strings.Contains(bad[0].Problem, "2. move") {
			t.Errorf("failed: %+v", bad)
		}
	})
}

// Nobody who can't take it gets a deal, and nothing is anybody's.
func TestWhoGetsIt(t *testing.T) {
	each(t, func(o *office) {
		o.runs(o.Automation, "one")
		o.save(Routine{On: Trigger{What: made},
			Then: []Effect{{Do: assign, To: &Whom{Who: leastBusy, Department: o.sales}}}})
		owner := func(d crmcore.Deal) string {
			o.settled()
			d, err := o.core.Deal(o.ctx, o.root, d.ID)
			o.must(err)
			return map[string]string{o.root.ID: "root", o.ana.ID: "ana", o.dan.ID: "dan"}[d.Responsible]
		}
		got := owner(o.deal("1", 1)) + owner(o.deal("2", 1)) + owner(o.deal("3", 1))
		if strings.Count(got, "ana") == 0 || strings.Count(got, "dan") == 0 {
			t.Errorf("by turns: %s", got)
		}
		o.free = []string{o.dan.ID}
		if got := owner(o.deal("4", 1)); got != "dan" {
			t.Errorf("ana is away: %s gets it", got)
		}
		for _, u := range []string{o.ana.ID, o.dan.ID} {
			o.must(o.core.Dismiss(o.ctx, o.root, u, crmcore.Heirs{Clients: o.root.ID, Deals: o.root.ID,
				Tasks: o.root.ID},
				func(tx *store.Tx) error { return Give(o.ctx, tx, u, o.root.ID) }))
		}
		d, err := o.core.CreateDeal(o.ctx, o.root, crmcore.Deal{Title: "5"})
		o.must(err)
		if got := owner(d); got != "root" {
			t.Errorf("all are dismissed: %s gets it", got)
		}
	})
}

// A trial does what the rule would do, and nothing stays of it; a test says of how many it holds.
func TestTrials(t *testing.T) {
	each(t, func(o *office) {
		d := o.deal("One", 50)
		o.deal("Two", 500)
		r := Routine{Name: "Try", Kind: record.Deal, On: Trigger{What: made},
			When: rules.Condition{Any: []rules.Condition{
				asks("amount", "to", "100"),
				{Not: &rules.Condition{Field: "stage", Op: "is", Values: []string{o.fresh}}}}},
			Then: []Effect{{Do: task, To: toResponsible(), Title: "Call {name}"}, {Do: move, Stage: o.won}}}
		got, err := o.Try(o.ctx, o.root, r, d.ID)
		o.must(err)
		if !got.Matches || len(got.Would) != 2 || got.Would[0].Name != "Call One" || got.Would[1].To != "Won" ||
			!strings.Contains(got.Why, "amount") {
			t.Errorf("tried: %+v", got)
		}
		if now, err := o.core.Deal(o.ctx, o.root, d.ID); err != nil || now.Stage != o.fresh ||
			!now.Updated.Equal(d.Updated) ||
			len(o.entries(d, "")) > 0 {
			t.Errorf("after the trial: %+v, %v", now, err)
		}
		if test, err := o.Test(o.ctx, o.root, record.Deal, r.When); err != nil || test.Of != 2 || test.Matched != 1 ||
			test.Records[0].Name != "One" {
			t.Errorf("tested: %+v, %v", test, err)
		}
	})
}

// What rules did is forgotten after a long time, but not what they have still to do.
func TestOldRunsAreForgotten(t *testing.T) {
	each(t, func(o *office) {
		for _, state := range []State{Done, Waiting} {
			_, err := o.db.Exec(o.ctx, `INSERT INTO automation_run (id, rule, name, kind, record, occasion, state, at, chain,
				depth, did, problem) VALUES ($1, 'r', 'R', 'deal', 'd', $1, $1, $2, '', 0, '[]', '')`, string(state),
				store.Micros(o.clock))
			o.must(err)
		}
		o.must(o.db.Tx(o.ctx, func(tx *store.Tx) error {
			return notice.Tell(o.ctx, tx, notice.UserNotice{What: notice.Rule, Text: "x"}, o.ana.ID)
		}))
		left := func() (runs []string, notices int) {
			runs, err := query.All(o.ctx, o.db, query.Text, query.New("SELECT id FROM automation_run ORDER BY id"))
			o.must(err)
			list, err := notice.Of(o.ctx, o.db, o.ana.ID)
			o.must(err)
			return runs, len(list)
		}
		o.must(o.Prune(o.ctx))
		if runs, notices := left(); len(runs) != 2 || notices != 1 {
			o.Errorf("at once: %v and %d notices", runs, notices)
		}
		o.clock = o.clock.AddDate(0, 0, 401)
		o.must(o.Prune(o.ctx))
		if runs, notices := left(); len(runs) != 1 || runs[0] != string(Waiting) || notices != 0 {
			o.Errorf("after a year: %v and %d notices", runs, notices)
		}
	})
}
