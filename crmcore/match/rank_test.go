package match

import (
	"strings"
	"testing"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
)

func contact(id string) Hit { return Hit{Ref: record.Contact.Ref(id), Why: "number"} }

func order(hits []Hit) string {
	var words []string
	for _, h := range hits {
		words = append(words, h.ID+":"+h.Why)
	}
	return strings.Join(words, " ")
}

// Who has an open deal comes first, then who was heard of last, then the called user's own, then whose main address it
// is; each says why.
func TestRank(t *testing.T) {
	deal, recent, older := contact("deal"), contact("recent"), contact("older")
	yours, main := contact("yours"), contact("main")
	deal.deals, deal.primary = 1, true
	recent.last, older.last = 20, 10
	yours.Responsible, older.Responsible = "maria", "maria"
	main.primary = true
	hits := []Hit{contact("b"), main, yours, contact("a"), older, recent, deal}
	rank(hits, []string{"maria"})
	want := "deal:open_deal recent:recent older:recent yours:yours main:primary a:number b:number"
	if got := order(hits); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// An extension chooses among those who share a number; one that nobody has chooses nobody. Each record counts once.
func TestExtensions(t *testing.T) {
	first, second, again := contact("a"), contact("b"), contact("a")
	first.ext, second.ext = "1", "2"
	hits := func() []Hit { return []Hit{first, second, again} }
	for ext, want := range map[string]string{"": "a:number b:number", "2": "b:number", "3": "a:number b:number"} {
		if got := order(distinct(hits(), Question{Client: address.Address{Ext: ext}})); got != want {
			t.Errorf("extension %q: %s, want %s", ext, got, want)
		}
	}
}

// Whoever enters another's client's address as his own takes nobody's place.
func TestClaims(t *testing.T) {
	first, taker := contact("first"), contact("taker")
	taker.claimed = true
	if got := order(unclaimed([]Hit{taker, first})); got != "first:number" {
		t.Error(got)
	}
	if got := order(unclaimed([]Hit{taker})); got != "taker:number" {
		t.Errorf("alone: %s", got)
	}
}

// Whoever knows a conversation's Message-ID is no client of it for that.
func TestNewcomerInAThread(t *testing.T) {
	client, deal, stranger := contact("client"), Hit{Ref: record.Deal.Ref("deal")}, contact("known")
	thread := []Hit{client, deal}
	own := Found{}.inThread(thread, []Hit{client})
	if own.Newcomer || own.Match != Exact || order(own.Hits) != "client:number" || len(own.Thread) != 2 {
		t.Errorf("the client: %+v", own)
	}
	known := Found{}.inThread(thread, []Hit{stranger})
	if !known.Newcomer || known.Hits[0].ID != "known" || len(known.Thread) != 3 {
		t.Errorf("somebody known: %+v", known)
	}
	unknown := Found{}.inThread(thread, nil)
	if !unknown.Newcomer || unknown.Match != Maybe || order(unknown.Hits) != "client:number" {
		t.Errorf("a stranger: %+v", unknown)
	}
}

// What went to different clients under one Message-ID is nobody's conversation.
func TestAlike(t *testing.T) {
	a, b := record.Contact.Ref("a"), record.Contact.Ref("b")
	if !alike(map[string][]record.Ref{"1": {a, b}, "2": {a, b}}) || alike(map[string][]record.Ref{"1": {a}, "2": {b}}) {
		t.Error("touches are alike when they are on the same timelines")
	}
}
