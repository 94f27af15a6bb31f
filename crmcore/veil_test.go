package crmcore

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// boxes are mailboxes with their users; one that begins with sales is shared.
type boxes map[string][]string

func (b boxes) Open(_ context.Context, user string, lines []string) (open []string, _ error) {
	for _, line := range lines {
		if strings.HasPrefix(line, "sales") || slices.Contains(b[line], user) {
			open = append(open, line)
		}
	}
	return open, nil
}

func (b boxes) Own(_ context.Context, user string) (own []string, _ error) {
	for line, users := range b {
		if slices.Contains(users, user) {
			own = append(own, line)
		}
	}
	return own, nil
}

// Who makes a contact of somebody who writes to a colleague learns that he wrote, never what, by any door; the
// colleague reads it.
func TestMailOfAClosedMailboxIsItsUsersAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Hooks{})
		lines := boxes{}
		o.Core = New(db, Config{Region: "RO", Lines: lines}, Hooks{}, slog.New(slog.DiscardHandler),
			prometheus.NewRegistry())
		lines["other@ours.ro"] = []string{o.other.ID}
		ana := o.contact("Ana", "ana@firm.ro") // seller's
		const secret = "Salary"
		touch := Touch{Channel: timeline.Mail, Key: "m1", MessageID: "1@firm", Incoming: true,
			Client: address.Address{Kind: address.Email, Value: "ana@firm.ro"}, Line: "other@ours.ro",
			Users: []string{o.other.ID}, Subject: secret, Snippet: secret, Source: secret, Verified: true}
		card := o.receive(touch)
		if !slices.Equal(card.For, []string{o.other.ID}) {
			o.Errorf("the card opens for %v, want the mailbox's user alone", card.For)
		}
		sees := func(user people.User, want bool, door string, what any, err error) {
			o.Helper()
			o.must(err)
			text, err := json.Marshal(what)
			o.must(err)
			if strings.Contains(string(text), secret) != want {
				o.Errorf("%s of %s: %s", door, user.Login, text)
			}
		}
		doors := func(user people.User, want bool) {
			o.Helper()
			ref := record.Contact.Ref(ana.ID)
			list, err := o.Timeline(o.ctx, user, ref, record.Page{})
			sees(user, want, "timeline", list, err)
			view, err := o.Card(o.ctx, user, ref)
			sees(user, want, "card", view, err)
			cut, err := o.Redact(o.ctx, o.receive(touch), user)
			sees(user, want, "card of the touch", cut, err)
			a, err := o.Activity(o.ctx, user, card.Activity)
			sees(user, want, "activity", a, err)
			if a.Private == want || a.Line != "other@ours.ro" || !a.Incoming ||
				!slices.ContainsFunc(list.Items, func(in timeline.Activity) bool { return in.ID == a.ID }) {
				o.Errorf("%s sees %+v", user.Login, a)
			}
		}
		doors(o.seller, false)
		doors(o.root, false)
		for _, row := range []struct {
			user people.User
			want bool
		}{{o.seller, false}, {o.root, false}, {o.other, true}} {
			day, err := o.MyDay(o.ctx, row.user)
			sees(row.user, row.want, "day", day, err)
			if waits := len(day.Mails) == 1; waits != row.want {
				o.Errorf("%s has %d mails to answer", row.user.Login, len(day.Mails))
			}
		}
		public, err := o.Public(o.ctx, card)
		sees(o.root, false, "event", public, err)
		o.must(o.Assign(o.ctx, o.root, record.Contact.Ref(ana.ID), o.other.ID))
		doors(o.other, true) // now that it is his client
		lines["other@ours.ro"] = append(lines["other@ours.ro"], o.root.ID)
		doors(o.root, true) // asked anew each time
		a, err := o.Choose(o.ctx, o.chiefOf(o.other), card.Activity, record.Contact.Ref(ana.ID))
		sees(o.chief, false, "choice", a, err)
	})
}

// chiefOf is chief, who now sees the records of a user.
func (o *office) chiefOf(user people.User) people.User {
	chief := o.chief
	chief.Access = people.AccessAll
	return chief
}

// An entry on records of several people names to each only those he may see.
func TestAnEntryNamesNoRecordsOfOthers(t *testing.T) {
	each(t, func(o *office) {
		mine := o.contactOf(o.seller, Contact{Name: "Mine"}, "0722 333 333")
		o.contactOf(o.other, Contact{Name: "Other's"}, "0722 333 333")
		card := o.receive(o.call("c1", "0722333333"))
		a, err := o.Activity(o.ctx, o.seller, card.Activity)
		o.must(err)
		if !slices.Equal(a.Entities, []record.Ref{record.Contact.Ref(mine.ID)}) {
			o.Errorf("seller is told of %+v", a.Entities)
		}
	})
}
