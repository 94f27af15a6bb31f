package live

import (
	"testing"

	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/store/storetest"
)

func TestWhoMayEndACall(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	m := directory.Meeting{Title: "Monday", Owner: h.seller.ID}
	if err := h.dir.CreateMeeting(t.Context(), &m); err != nil {
		t.Fatal(err)
	}
	legs := func(state string) []pbx.LegView { return []pbx.LegView{{User: h.seller.ID, State: state}} }
	for name, c := range map[string]struct {
		user people.User
		view pbx.View
		may  bool
	}{
		"who talks":              {h.seller, pbx.View{Legs: legs("active")}, true},
		"who calls":              {h.seller, pbx.View{Legs: legs("calling")}, true},
		"who is only rung":       {h.seller, pbx.View{Legs: legs("ringing")}, false},
		"somebody else":          {people.User{ID: "x"}, pbx.View{Legs: legs("active")}, false},
		"an admin":               {h.admin, pbx.View{Legs: legs("active")}, true},
		"the owner of a meeting": {h.seller, pbx.View{Meeting: m.ID}, true},
		"a guest of that meeting": {people.User{ID: "x"},
			pbx.View{Meeting: m.ID, Legs: []pbx.LegView{{User: "x", State: "active"}}}, false},
	} {
		if may, err := h.server.mayEnd(t.Context(), c.user, c.view); may != c.may || err != nil {
			t.Errorf("%s: %v, %v", name, may, err)
		}
	}
	h.asSeller().open()
	if h.hub.Send("", "", "changed", nil) {
		t.Error("a message to nobody was delivered")
	}
}
