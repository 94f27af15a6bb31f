package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// inRoom is somebody from outside as the people of a meeting see him.
type inRoom struct{ Number, Name, State, Cause, Call, By, Kind string }

// guests of the meeting a tab is in, as told last, by number.
func (tb *tab) guests() map[string]inRoom {
	told, found := tb.events("meet.state"), map[string]inRoom{}
	if len(told) == 0 {
		return found
	}
	var room struct{ People []inRoom }
	json.Unmarshal(told[len(told)-1], &room)
	for _, p := range room.People {
		if p.Call != "" {
			found[p.Number] = p
		}
	}
	return found
}

// awaitGuest waits until a number is in a state.
func (tb *tab) awaitGuest(number, state string) (guest inRoom) {
	tb.t.Helper()
	await(tb.t, number+" "+state, func() bool {
		guest = tb.guests()[number]
		return guest.State == state
	})
	return guest
}

// cardsOf counts the cards of a client that opened in a tab with a call.
func (tb *tab) cardsOf(name, call string) (count int) {
	for _, data := range tb.events("card.open") {
		var card struct {
			Reason, Call string
			Cards        []struct{ Name string }
		}
		json.Unmarshal(data, &card)
		if card.Reason == "call" && card.Call == call && len(card.Cards) > 0 && card.Cards[0].Name == name {
			count++
		}
	}
	return count
}

// visitRecord is what tests read of the record of a call into a meeting.
type visitRecord struct {
	Direction, From, To, Outcome, Cause, Meeting, Line string
	Users                                              []string
	Answered                                           time.Time
}

func (c *company) visits() (list []visitRecord) {
	var calls items[visitRecord]
	c.api("GET", "/calls", nil, &calls)
	for _, r := range calls.Items {
		if r.Direction != "meeting" {
			list = append(list, r)
		}
	}
	return list
}

// answered counts the calls that are written down as answered.
func (c *company) answered() (count int) {
	for _, r := range c.visits() {
		if !r.Answered.IsZero() {
			count++
		}
	}
	return count
}

// callsOn counts the calls with an outcome on a timeline that say which meeting they belong to.
func (c *company) callsOn(kind, id, meeting, outcome string) (count int) {
	for _, a := range c.timeline(kind, id) {
		if a.Kind == "call" && a.Title == meeting && a.Outcome == outcome {
			count++
		}
	}
	return count
}

// leadsTo has a number of the company lead into a new room.
func (c *company) leadsTo(number, title string) (room string) {
	c.t.Helper()
	made := c.room(title)
	var numbers items[struct{ Trunk string }]
	c.api("GET", "/numbers", nil, &numbers)
	to := map[string]any{"trunk": numbers.Items[0].Trunk,
		"destination": map[string]any{"kind": "meeting", "meeting": made}}
	if code := c.api("PUT", "/numbers/"+number, to, nil); code >= 300 {
		c.t.Fatalf("the number's destination: %d", code)
	}
	return made
}

// room makes a meeting to which everybody is invited.
func (c *company) room(title string, about ...map[string]string) string {
	c.t.Helper()
	var all items[struct{ ID string }]
	c.api("GET", "/users", nil, &all)
	people := []string{}
	for _, u := range all.Items {
		people = append(people, u.ID)
	}
	var made struct{ ID string }
	if code := c.api("POST", "/meetings", map[string]any{"title": title, "about": about, "people": people},
		&made); code != 201 {
		c.t.Fatalf("a room: %d", code)
	}
	return made.ID
}

// Clients are called into a meeting: each is a call of its own, on the client's card and in the history, with its
// outcome; a process that is killed loses none.
func TestClientsCalledIntoAMeeting(t *testing.T) {
	t.Parallel() // much of it is waiting
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, args := t.TempDir(), database(t)
			c := startCompany(t, data, args...)
			room := c.leadsTo(c.Numbers[1], "Prices")
			tab, other := c.open("maria"), c.open("andrei")
			leg := tab.meet(room)
			other.meet(room)
			ask := func(number string) error {
				return tab.do("meet.call", map[string]any{"leg": leg, "to": number},
					nil)
			}
			for _, number := range []string{"0722 550 002", "0733 000 486"} {
				if err := ask(number); err != nil {
					t.Fatal(err)
				}
			}
			if err := ask("+1 202 555 0100"); err == nil || err.Error() != "refused: refused: forbidden" {
				t.Errorf("a country that is not listed: %v", err)
			}
			in := tab.awaitGuest("+40722550002", "active")
			if in.Name != "Ioana Marin" || in.By != c.user("maria") || in.Kind != "trunk" {
				t.Errorf("%+v", in)
			}
			busy := other.awaitGuest("+40733000486", "failed")
			if busy.Cause != "busy" || busy.By != c.user("maria") {
				t.Errorf("%+v", busy)
			}
			await(t, "the card of who came in", func() bool { return other.cardsOf("Ioana Marin", in.Call) == 1 })
			if n := tab.cardsOf("Ioana Marin", in.Call); n != 1 {
				t.Errorf("who called has the card %d times", n)
			}
			ioana := c.contact("Ioana Marin")
			if n := c.callsOn("contacts", ioana, "Prices", ""); n != 1 {
				t.Errorf("%d running calls on the timeline", n)
			}
			tab.must("meet.remove", map[string]any{"leg": leg, "whom": busy.Call}, nil)
			tab.must("meet.remove", map[string]any{"leg": leg, "whom": in.Call}, nil)
			await(t, "nobody from outside", func() bool { return len(other.guests()) == 0 })
			await(t, "the call on the client's timeline",
				func() bool { return c.callsOn("contacts", ioana, "Prices", "answered") == 1 })
			tab.await("changed", func(data json.RawMessage) bool { return has(data, "kind", "call") })

			if err := ask("0726 550 008"); err != nil {
				t.Fatal(err)
			}
			tab.awaitGuest("+40726550008", "active")
			await(t, "his answer in the record", func() bool { return !c.visits()[0].Answered.IsZero() })
			c.cmd.Process.Kill()
			<-c.over
			c = startCompany(t, data, args...)
			await(t, "the end of what was cut off", func() bool { return c.visits()[0].Outcome != "" })
			var got []string
			for _, r := range slices.Backward(c.visits()) {
				if r.Direction != "out" || r.From != "101" || r.Meeting != room || r.Users[0] != c.user("maria") {
					t.Errorf("%+v", r)
				}
				got = append(got, r.To+" "+r.Outcome+" "+r.Cause)
			}
			if want := []string{"+40722550002 answered normal", "+40733000486 busy busy",
				"+12025550100 failed forbidden", "+40726550008 answered cut_off"}; !slices.Equal(got, want) {
				t.Errorf("%q", got)
			}
		})
	}
}

func has(data json.RawMessage, key, value string) bool {
	var m map[string]any
	json.Unmarshal(data, &m)
	return m[key] == value
}

// Who phones into a meeting is treated as every caller: a stranger becomes a lead once, by the rules; who withholds his
// number none; and all see who it is.
func TestStrangersPhoneIntoAMeeting(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		room := c.leadsTo(c.Numbers[1], "Prices")
		tab := c.open("maria")
		tab.meet(room)
		comes := func(from string) inRoom {
			t.Helper()
			ring := startPeer(t, program(t.Context(), "ring", "--to", c.Numbers[1], "--from", from, "--server",
				c.SIPUDP, "--duration", "1s"))
			guest := tab.awaitGuest(from, "active")
			await(t, "the end", ring.printed("over: normal"))
			await(t, "his leaving", func() bool { return len(tab.guests()) == 0 })
			return guest
		}
		first, again := comes("+40744123456"), comes("+40744123456")
		comes("")
		if first.By != "" || again.Call == first.Call {
			t.Errorf("%+v %+v", first, again)
		}
		await(t, "the card of the new lead", func() bool {
			return tab.cardsOf("+40744123456", first.Call)+tab.cardsOf("+40744123456", again.Call) == 2
		})
		var leads items[struct{ ID, Responsible, Source string }]
		c.api("GET", "/leads?q=%2B40744123456", nil, &leads)
		if len(leads.Items) != 1 || cmp.Or(leads.Items[0].Responsible, "none") == "none" ||
			leads.Items[0].Source != "call" {
			t.Fatalf("leads: %+v", leads.Items)
		}
		await(t, "both calls on the lead's timeline",
			func() bool { return c.callsOn("leads", leads.Items[0].ID, "Prices", "answered") == 2 })
		var all items[struct{ ID string }]
		c.api("GET", "/leads?limit=200", nil, &all)
		if len(all.Items) != 3 { // two of the demo, one of ours
			t.Errorf("%d leads", len(all.Items))
		}
		await(t, "the end of all three", func() bool {
			return !slices.ContainsFunc(c.visits(), func(r visitRecord) bool { return r.Outcome == "" })
		})
		for _, r := range c.visits() {
			if r.Direction != "in" || r.Line != c.Numbers[1] || r.Outcome != "answered" ||
				!slices.Contains(r.Users, c.user("maria")) {
				t.Errorf("%+v", r)
			}
		}
	})
}
