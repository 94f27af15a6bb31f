package rules

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// book is the rules of a company that has one admin.
type book struct {
	*testing.T
	*Book
	admin, seller people.User
}

func each(t *testing.T, test func(b *book)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := &book{T: t, Book: New(db, func(_ context.Context, users []string) []string { return users }),
			seller: people.User{ID: "seller", Role: people.Staff}}
		var err error
		b.admin, err = people.New(db, true, prometheus.NewRegistry()).CreateUser(t.Context(), people.System(),
			people.NewUser{User: people.User{Login: "root", Name: "Root", Role: people.Admin,
				Access: people.AccessAll}, Password: "correct horse"})
		b.must(err)
		test(b)
	})
}

func (b *book) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *book) save(r Rule) Rule {
	b.Helper()
	r, err := b.SaveRule(b.Context(), b.admin, r)
	b.must(err)
	return r
}

// named are the names of all rules, in their order.
func (b *book) named() (names string) {
	b.Helper()
	list, err := b.Rules(b.Context())
	b.must(err)
	for _, r := range list[:len(list)-1] {
		names += r.Name
	}
	if last := list[len(list)-1]; last.ID != builtIn {
		b.Errorf("last is %+v", last)
	}
	return names
}

func (b *book) wantInvalid(err error, field string) {
	b.Helper()
	var bad *input.Invalid
	if !errors.As(err, &bad) || bad.Field != field {
		b.Errorf("%v, want something about %s", err, field)
	}
}

func TestRulesAreSavedOrderedAndDeleted(t *testing.T) {
	each(t, func(b *book) {
		ctx, toAdmin := b.Context(), Action{Create: true, Assign: ToAdmin}
		one := b.save(Rule{Name: " A ", Active: true, When: is("source", "call"), Then: toAdmin})
		two := b.save(Rule{Name: "B", Then: Action{Assign: ToUser, User: b.admin.ID}})
		if got := b.named(); got != "AB" {
			t.Errorf("saved: %s", got)
		}
		b.must(b.OrderRules(ctx, b.admin, []string{builtIn, two.ID, one.ID}))
		one.Name = "C"
		b.save(one)
		three := b.save(Rule{Name: "D", Then: toAdmin})
		if got := b.named(); got != "BCD" {
			t.Errorf("ordered, renamed, one more: %s", got)
		}
		if err := b.OrderRules(ctx, b.admin, []string{two.ID, one.ID}); err != record.ErrConflict {
			t.Errorf("an order that lacks a new rule: %v", err)
		}
		b.must(b.DeleteRule(ctx, b.admin, three.ID))
		_, saved := b.SaveRule(ctx, b.admin, three)
		if err := b.DeleteRule(ctx, b.admin, three.ID); err != store.ErrNotFound || saved != store.ErrNotFound {
			t.Errorf("a rule that is gone is deleted: %v, is saved: %v", err, saved)
		}
		b.wantInvalid(b.DeleteRule(ctx, b.admin, builtIn), "rule")
		_, saved = b.SaveRule(ctx, b.seller, one)
		ordered := b.OrderRules(ctx, b.seller, []string{one.ID, two.ID})
		for _, err := range []error{b.DeleteRule(ctx, b.seller, one.ID), saved, ordered} {
			if err != people.ErrForbidden {
				t.Errorf("a seller edits the rules: %v", err)
			}
		}
		if got := b.named(); got != "BC" {
			t.Errorf("in the end: %s", got)
		}
	})
}

func TestRulesThatAreRefused(t *testing.T) {
	each(t, func(b *book) {
		for field, bad := range map[string]Rule{
			"name":            {Name: " ", Then: Action{Assign: ToAdmin}},
			"when":            {Name: "X", When: is("colour", "red"), Then: Action{Assign: ToAdmin}},
			"then.assign":     {Name: "X"},
			"then.user":       {Name: "X", Then: Action{Assign: ToUser, User: "nobody"}},
			"then.department": {Name: "X", Then: Action{Assign: ToNextAvailable}},
			"department":      {Name: "X", Then: Action{Assign: ToDepartment, Department: "none"}},
		} {
			_, err := b.SaveRule(b.Context(), b.admin, bad)
			b.wantInvalid(err, field)
		}
		if got := b.named(); got != "" {
			t.Errorf("kept: %s", got)
		}
	})
}
