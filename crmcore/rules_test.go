package crmcore

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var busy []string
		o := newOffice(t, db, Hooks{Available: func(_ context.Context, users []string) []string {
			return slices.DeleteFunc(slices.Clone(users), func(id string) bool { return slices.Contains(busy, id) })
		}})
		second := o.user("second", people.Staff, o.team, people.AccessOwn)
		third := o.user("third", people.Staff, o.sales, people.AccessOwn)
		save := func(name string, when rules.Condition, then rules.Action) rules.Rule {
			r, err := o.SaveRule(o.ctx, o.root, rules.Rule{Name: name, Active: true, When: when, Then: then})
			o.must(err)
			return r
		}
		is := func(field string, values ...string) rules.Condition {
			return rules.Condition{Field: field, Op: "is", Values: values}
		}
		save("Spam", rules.Condition{All: []rules.Condition{is("source", "mail"),
			{Field: "subject", Op: "contains",
				Values: []string{"CASINO"}}}}, rules.Action{Create: false, Assign: rules.ToAdmin})
		save("Moldova", is("country", "MD"),
			rules.Action{Create: true, Assign: rules.ToDepartment, Department: o.support})
		save("Russian", rules.Condition{All: []rules.Condition{is("language", "ru"),
			{Not: &rules.Condition{Field: "time", Op: "between", Values: []string{"00:00", "00:00"}}}}},
			rules.Action{Create: true, Assign: rules.ToUser, User: o.other.ID})
		save("Calls", is("source", "call"),
			rules.Action{Create: true, Assign: rules.ToNextAvailable, Department: o.sales})

		junk := o.mail("m", "x@y.com")
		junk.Subject = "Casíno bonus"
		if card := o.receive(junk); card.Lead != "" {
			o.Errorf("spam made a lead: %+v", card)
		}
		card := o.receive(o.call("md", "+37322123456"))
		if !slices.Contains(card.For, o.other.ID) || card.Responsible != "" || card.Rule != "Moldova" {
			o.Errorf("to a department: %+v", card)
		}
		if lead, err := o.Lead(o.ctx, o.other, card.Lead); err != nil || lead.Department != o.support {
			o.Errorf("its people see the lead: %+v %v", lead, err)
		}
		if _, err := o.Lead(o.ctx, o.seller, card.Lead); err != people.ErrForbidden {
			o.Errorf("others: %v", err)
		}
		if card := o.receive(o.call("ru", "+74951234567")); card.Responsible != o.other.ID {
			o.Errorf("to a user: %+v", card)
		}
		var turns []string
		users := []string{o.chief.ID, o.seller.ID, second.ID, third.ID}
		busy = []string{o.seller.ID}
		for i := range 4 {
			turns = append(turns, o.receive(o.call(fmt.Sprint("t", i), number(i))).Responsible)
		}
		if want := []string{users[0], users[2], users[3], users[0]}; !slices.Equal(turns, want) {
			o.Errorf("turns %v, want %v", turns, want)
		}

		trace, decision, err := o.DryRun(o.ctx, o.call("dry", number(50)))
		o.must(err)
		if decision.Rule != "Calls" || decision.User != second.ID || len(trace) != 4 || trace[0].Matched ||
			trace[0].Why == "" || !trace[3].Matched {
			o.Errorf("dry run %+v: %+v", decision, trace)
		}
		if _, decision, _ := o.DryRun(o.ctx, o.call("dry", number(0))); len(decision.Known) != 1 || decision.Create {
			o.Errorf("dry run of a known caller: %+v", decision)
		}
		if trace, decision, _ := o.DryRun(o.ctx, o.call("dry", "anonymous")); decision.Create || len(trace) != 1 {
			o.Errorf("dry run of an anonymous caller: %+v %+v", decision, trace)
		}
	})
}

// Until the admin chooses, he keeps the leads of whom nobody knows and is not rung for them: by no rule of ours, nor
// the second time they call.
func TestNobodyIsChosenInANewInstallation(t *testing.T) {
	each(t, func(o *office) {
		is := func(what string, card Card, kept bool, responsible string, rung ...string) {
			o.Helper()
			if card.Kept != kept || card.Responsible != responsible || !slices.Equal(card.For, rung) {
				o.Errorf("%s: kept %v by %s, for %v", what, card.Kept, card.Responsible, card.For)
			}
		}
		call := func(key, from string) Card {
			touch := o.call(key, from)
			touch.Users = nil
			return o.receive(touch)
		}
		first := call("1", "0722000001")
		is("the first call", first, true, o.root.ID)
		if !slices.Equal(first.LeadFor, []string{o.root.ID}) {
			o.Errorf("who keeps the lead is not told: %v", first.LeadFor)
		}
		is("the second", call("2", "0722000001"), true, o.root.ID)
		_, decision, err := o.DryRun(o.ctx, o.call("dry", "0722000009"))
		o.must(err)
		if !decision.Kept || decision.User != o.root.ID {
			o.Errorf("the dry run does not tell: %+v", decision)
		}
		o.must(o.Assign(o.ctx, o.root, record.Lead.Ref(first.Lead), o.seller.ID))
		is("assigned", call("3", "0722000001"), false, o.seller.ID, o.seller.ID)
		lead, err := o.Lead(o.ctx, o.root, call("4", "0722000004").Lead)
		o.must(err)
		lead.Stage = LeadInProgress
		_, err = o.UpdateLead(o.ctx, o.root, lead)
		o.must(err)
		is("at work", call("5", "0722000004"), false, o.root.ID, o.root.ID)
		made, err := o.ConvertLead(o.ctx, o.chief, o.converted(call("6", "0722000006").Lead), Conversion{})
		o.must(err)
		if made.Contact.Responsible != o.chief.ID {
			o.Errorf("the client is of %s", made.Contact.Responsible)
		}
		list, err := o.Rules(o.ctx)
		o.must(err)
		rule := list[len(list)-1]
		if rule.Then.Assign != rules.ToNobody {
			o.Errorf("the last rule: %+v", rule)
		}
		rule.Then.Assign = rules.ToAdmin
		_, err = o.SaveRule(o.ctx, o.root, rule)
		o.must(err)
		is("the admin chose himself", call("7", "0722000007"), false, o.root.ID, o.root.ID)
	})
}

// converted is a lead that chief may see.
func (o *office) converted(lead string) string {
	o.Helper()
	_, err := o.db.Exec(o.ctx, "UPDATE lead SET responsible = $1 WHERE id = $2", o.seller.ID, lead)
	o.must(err)
	return lead
}
