package crmcore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// office is a small company to test in: sales with a team below it, and support.
type office struct {
	*testing.T
	*Core
	root                 people.User // admin
	chief, seller, other people.User // of sales (department), the team below (own), support (own)
	sales, team, support string
	pipeline             Pipeline
	ctx                  context.Context
}

const ownNumber = "+40310000000"

func each(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newOffice(t, db, Hooks{})) })
}

func newOffice(t *testing.T, db *store.DB, hooks Hooks) *office {
	t.Helper()
	cfg := Config{Region: "RO", KnownPasswords: true, Own: func(_ context.Context, a address.Address) (bool, error) {
		return a.Value == ownNumber || a.Value == "sales@ours.ro", nil
	}}
	o := &office{T: t, ctx: t.Context(), Core: New(db, cfg, hooks, slog.New(slog.DiscardHandler),
		prometheus.NewRegistry())}
	o.root = o.user("root", people.Admin, "", people.AccessAll)
	o.sales = o.department("Sales", "")
	o.team = o.department("Team", o.sales)
	o.support = o.department("Support", "")
	o.chief = o.user("chief", people.Staff, o.sales, people.AccessDepartment)
	o.seller = o.user("seller", people.Staff, o.team, people.AccessOwn)
	o.other = o.user("other", people.Staff, o.support, people.AccessOwn)
	p, err := o.SavePipeline(o.ctx, o.root, Pipeline{Name: "Sales",
		Stages: []Stage{{Name: "New"}, {Name: "Offer"}, {Name: "Won", Kind: "won"}}})
	o.must(err)
	o.pipeline = p
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) user(login string, role people.Role, department string, access people.Access) people.User {
	o.Helper()
	u, err := o.CreateUser(o.ctx, people.System(),
		people.NewUser{User: people.User{Login: login, Name: strings.ToUpper(login),
			Email: login + "@ours.ro", Role: role, Department: department, Access: access}, Password: "correct horse"})
	o.must(err)
	return u
}

func (o *office) department(name, parent string) string {
	o.Helper()
	d, err := o.CreateDepartment(o.ctx, people.System(), people.Department{Name: name, Parent: parent})
	o.must(err)
	return d.ID
}

// contact adds a contact of seller's; an address with @ is a mailbox.
func (o *office) contact(name string, addresses ...string) Contact {
	o.Helper()
	return o.contactOf(o.seller, Contact{Name: name}, addresses...)
}

func (o *office) contactOf(owner people.User, in Contact, addresses ...string) Contact {
	o.Helper()
	in.Points, in.Responsible = points(addresses...), owner.ID
	made, err := o.CreateContact(o.ctx, o.root, in)
	o.must(err)
	return made
}

func (o *office) deal(title string, client Contact) Deal {
	o.Helper()
	d, err := o.CreateDeal(o.ctx, o.root, Deal{Title: title, Contact: client.ID, Responsible: client.Responsible,
		Amount: 100_00})
	o.must(err)
	return d
}

func points(addresses ...string) []record.Point {
	var out []record.Point
	for _, a := range addresses {
		kind := address.Phone
		if strings.Contains(a, "@") {
			kind = address.Email
		}
		out = append(out, record.Point{Kind: kind, Raw: a})
	}
	return out
}

// call is a touch of a call in, just begun, to seller.
func (o *office) call(key, from string) Touch {
	a, _ := address.ParsePhone(from, "RO")
	return Touch{Channel: timeline.Call, Phase: timeline.Began, Key: key, Incoming: true, Client: a, Line: ownNumber,
		Users: []string{o.seller.ID}, At: time.Now()}
}

func (o *office) mail(key, from string) Touch {
	o.Helper()
	a, err := address.ParseEmail(from)
	o.must(err)
	return Touch{Channel: timeline.Mail, Phase: timeline.Ended, Key: key, Incoming: true, Client: a,
		Line: "sales@ours.ro", Users: []string{o.seller.ID}, At: time.Now(), Subject: "Offer", Snippet: "Hello",
		Verified: true}
}

func (t Touch) ended(outcome string, seconds int64) Touch {
	t.Phase, t.Outcome, t.Seconds = timeline.Ended, outcome, seconds
	return t
}

func (o *office) receive(t Touch) Card {
	o.Helper()
	card, err := o.Receive(o.ctx, t)
	o.must(err)
	return card
}

func (o *office) timeline(ref record.Ref, kinds ...string) []timeline.Activity {
	o.Helper()
	list, err := o.Timeline(o.ctx, o.root, ref, record.Page{})
	o.must(err)
	return slices.DeleteFunc(list.Items, func(a timeline.Activity) bool {
		return len(kinds) > 0 &&
			!slices.Contains(kinds, a.Kind)
	})
}

func (o *office) leadsCount() int {
	o.Helper()
	list, err := o.Leads(o.ctx, o.root, record.Filter{})
	o.must(err)
	return len(list.Items)
}

func shown(card Card) string {
	var out []string
	for _, v := range card.Cards {
		out = append(out, v.Name+":"+v.Why)
	}
	return strings.Join(out, " ")
}

func names(card Card) string {
	var out []string
	for _, v := range card.Cards {
		out = append(out, v.Name)
	}
	return strings.Join(out, " ")
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	if !isInvalid(err, field) {
		t.Errorf("error %v, want a problem with %s", err, field)
	}
}

func isInvalid(err error, field string) bool {
	var bad *input.Invalid
	return errors.As(err, &bad) && bad.Field == field
}

func number(i int) string { return fmt.Sprintf("+40722%06d", i) }
