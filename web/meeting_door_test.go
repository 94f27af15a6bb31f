package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	pion "github.com/pion/webrtc/v4"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/live/livetest"
	"frontdesk/web/pbxapi"
)

func TestInvite(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	m := directory.Meeting{Title: "Monday", Owner: h.admin.ID}
	if err := h.dir.CreateMeeting(t.Context(), &m); err != nil {
		t.Fatal(err)
	}
	host, _ := h.asAdmin().open()
	guest, _ := h.asSeller().open()
	if in := host.Do("meet.invite", roomTold{Room: m.ID, User: h.seller.ID}); in.Error != nil ||
		string(in.Data) != `{"rings":true}` {
		t.Fatalf("invite: %+v", in)
	}
	var rung roomTold
	if guest.Until("meet.invite", &rung); rung.Title != "Monday" || rung.From != h.admin.ID || rung.Room != m.ID {
		t.Errorf("rung by %+v", rung)
	}
	if in := guest.Do("meet.decline", roomTold{Room: m.ID, From: rung.From}); in.Error != nil {
		t.Fatalf("decline: %+v", in.Error)
	}
	var declined roomTold
	if host.Until("meet.declined", &declined); declined.User != h.seller.ID {
		t.Errorf("declined by %+v", declined)
	}
	away := h.user("away", sellerPassword, people.Staff)
	if in := guest.Do("meet.invite", roomTold{Room: m.ID, User: away.ID}); in.Error != nil ||
		string(in.Data) != `{"rings":false}` {
		t.Errorf("who is not there: %+v", in)
	}
	if list := read[api.Page[pbxapi.MeetingView]](h.as("away", sellerPassword),
		"/api/v1/meetings").Items; len(list) != 1 || list[0].Title != "Monday" || len(list[0].People) != 2 {
		t.Errorf("who was away has %+v", list)
	}
	for _, to := range []roomTold{{Room: m.ID, User: "nobody"}, {Room: "nowhere", User: away.ID}} {
		if in := guest.Do("meet.invite", to); in.Error == nil {
			t.Errorf("%+v is invited", to)
		}
	}
}

// silentOffer is the offer of a browser that has a microphone and never connects.
func silentOffer(t *testing.T) string {
	t.Helper()
	pc, err := pion.NewPeerConnection(pion.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	if _, err := pc.AddTransceiverFromKind(pion.RTPCodecTypeAudio,
		pion.RTPTransceiverInit{Direction: pion.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return offer.SDP
}

// joins comes into a meeting: the leg, or the code of the refusal.
func joins(tb *livetest.Tab, room string) (leg, refused string) {
	tb.T.Helper()
	in := tb.Do("meet.join", object{"room": room, "sdp": silentOffer(tb.T)})
	if in.Error != nil {
		return "", in.Error.Code
	}
	var out struct{ Leg string }
	if err := json.Unmarshal(in.Data, &out); err != nil {
		tb.T.Fatal(err)
	}
	return out.Leg, ""
}

// untilKnocks reads on until those users, and nobody else, knock at the meeting that the tab is in.
func untilKnocks(tb *livetest.Tab, users ...string) {
	tb.T.Helper()
	for v := (pbx.View{Knocks: []string{"?"}}); !slices.Equal(v.Knocks, users); {
		v = pbx.View{}
		tb.Until("call.state", &v)
	}
}

// A meeting and its title are for those who are invited. A colleague who is not comes in by nobody's leave but that of
// those inside.
func TestDoorOfAMeeting(t *testing.T) {
	t.Run("one node", func(t *testing.T) { h := newHouse(t, storetest.SQLite(t)); testDoor(t, h, h) })
	t.Run("two nodes", func(t *testing.T) {
		one := newHouse(t, storetest.Postgres(t))
		two := &house{t: t, db: one.db, admin: one.admin, seller: one.seller}
		two.rooms(one.bus)
		testDoor(t, one, two)
	})
}

func testDoor(t *testing.T, here, there *house) {
	here.user("boss", sellerPassword, people.Staff)
	spy := here.user("spy", sellerPassword, people.Staff)
	boss, seller := here.as("boss", sellerPassword), there.asSeller()
	var room pbxapi.MeetingView
	boss.call("POST", "/api/v1/meetings", pbxapi.MeetingInput{Title: theirs}).want(http.StatusCreated).into(&room)
	at := "/api/v1/meetings/" + room.ID
	host, _ := boss.open()
	guest, _ := seller.open()
	knock := object{"room": room.ID}

	hidden := func(why string) {
		t.Helper()
		seller.call("GET", at, nil).problem(http.StatusNotFound)
		seller.call("PATCH", at, object{"title": "Mine"}).problem(http.StatusNotFound)
		seller.call("DELETE", at, nil).problem(http.StatusNotFound)
		if list := read[api.Page[pbxapi.MeetingView]](seller, "/api/v1/meetings").Items; len(list) != 0 {
			t.Errorf("%s: the list has %+v", why, list)
		}
		if _, code := joins(guest, room.ID); code != "not_invited" {
			t.Errorf("%s: joins: %q", why, code)
		}
		guest.Wants("not_invited", "meet.invite", roomTold{Room: room.ID, User: here.seller.ID})
		if _, hello := seller.open(); len(hello.Rooms) != 0 {
			t.Errorf("%s: the rooms are %+v", why, hello.Rooms)
		}
	}
	hidden("at first")
	guest.Wants("empty", "meet.knock", knock)
	guest.Wants("no_room", "meet.knock", object{"room": "nowhere"})
	guest.Wants("bad_request", "meet.knock", object{})
	if _, code := joins(guest, "nowhere"); code != "no_room" {
		t.Errorf("joins no room: %q", code)
	}

	leg, refused := joins(host, room.ID)
	if refused != "" {
		t.Fatal(refused)
	}
	hidden("while it runs")
	guest.Wants("asked", "meet.knock", knock)
	untilKnocks(host, here.seller.ID)
	outside, _ := here.as("spy", sellerPassword).open()
	for _, of := range []string{leg, "made-up", there.server.cfg.Node + ".made-up"} {
		outside.Wants("not_found", "meet.admit", object{"leg": of, "user": spy.ID, "on": true})
	}
	guest.Wants("not_found", "meet.admit", object{"leg": leg, "user": here.seller.ID, "on": true})
	guest.Wants("", "meet.knock", object{"room": room.ID, "over": true})
	untilKnocks(host)
	guest.Wants("asked", "meet.knock", knock)
	host.Wants("", "meet.admit", object{"leg": leg, "user": here.seller.ID, "on": true})
	var told roomTold
	if guest.Until("meet.admitted", &told); told.Room != room.ID {
		t.Errorf("admitted to %+v", told)
	}
	if seen := read[pbxapi.MeetingView](boss, at); !slices.Equal(seen.Inside, []string{seen.Owner}) {
		t.Errorf("inside are %v", seen.Inside)
	}
	mine, refused := joins(guest, room.ID)
	both := []string{room.Owner, here.seller.ID}
	slices.Sort(both)
	for _, list := range [][]pbxapi.MeetingView{{read[pbxapi.MeetingView](seller, at)},
		read[api.Page[pbxapi.MeetingView]](seller, "/api/v1/meetings").Items} {
		if len(list) != 1 || !slices.Equal(list[0].Inside, both) || list[0].Guests != 0 {
			t.Errorf("inside are %+v", list)
		}
	}
	if seen := read[pbxapi.MeetingView](seller, at); refused != "" || seen.Title != theirs ||
		!slices.Equal(seen.People, []string{here.seller.ID}) {
		t.Fatalf("let in: %q, sees %+v", refused, seen)
	}
	if _, hello := seller.open(); len(hello.Rooms) != 1 || hello.Rooms[0].Title != theirs {
		t.Errorf("the rooms are %+v", hello.Rooms)
	}
	seller.call("PATCH", at, object{"title": "Mine"}).problem(http.StatusForbidden)

	boss.call("PATCH", at, object{"people": []string{}}).want(http.StatusOK)
	var gone struct{ Leg, Cause string }
	if guest.Until("meet.gone", &gone); gone.Leg != mine || gone.Cause != string(pbx.CauseForbidden) {
		t.Errorf("put out: %+v", gone)
	}
	hidden("after he was put out")
	guest.Wants("asked", "meet.knock", knock)
	host.Wants("", "meet.admit", object{"leg": leg, "user": here.seller.ID, "on": false})
	guest.Until("meet.refused", &told)
	guest.Wants("turned_away", "meet.knock", knock)
	limited := 0
	for range 12 {
		if in := guest.Do("meet.knock", knock); in.Error != nil && in.Error.Code == "limit" {
			limited++
		}
	}
	if limited == 0 {
		t.Error("he may knock as often as he likes")
	}
	if admin, _ := there.asAdmin().open(); admin != nil {
		if _, code := joins(admin, room.ID); code != "" {
			t.Errorf("an administrator: %q", code)
		}
	}
	if now := read[pbxapi.MeetingView](boss, at); !slices.Equal(now.People, []string{here.admin.ID}) {
		t.Errorf("the administrator who came in is not among %v", now.People)
	}
}

// What runs, and what ran, is told to who sees all calls without the titles of meetings that he is not invited to.
func TestTitlesOfMeetingsInTheHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		boss, all := h.user("boss", sellerPassword, people.Staff), h.user("all", sellerPassword, people.Staff)
		all.Access = people.AccessAll
		if _, err := h.core.UpdateUser(t.Context(), h.admin, all); err != nil {
			t.Fatal(err)
		}
		contact, err := h.core.CreateContact(t.Context(), h.admin,
			crmcore.Contact{Name: "Client", Responsible: boss.ID})
		if err != nil {
			t.Fatal(err)
		}
		m := directory.Meeting{Title: theirs, Owner: boss.ID}
		if err := h.dir.CreateMeeting(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
		host, _ := h.as("boss", sellerPassword).open()
		if _, refused := joins(host, m.ID); refused != "" {
			t.Fatal(refused)
		}
		v := read[api.Page[pbx.View]](h.asAdmin(), "/api/v1/calls/active").Items[0]
		if _, err := h.core.Receive(t.Context(),
			crmcore.Touch{Channel: timeline.Meeting, Phase: timeline.Began, Key: v.Call, Users: []string{boss.ID},
				Subject: theirs,
				Source:  m.ID, About: []record.Ref{{Kind: record.Contact, ID: contact.ID}}}); err != nil {
			t.Fatal(err)
		}
		asks := []string{"/calls", "/calls/active", "/calls/" + v.Call, "/contacts/" + contact.ID + "/timeline"}
		for _, user := range []string{"boss", "all"} {
			c := h.as(user, sellerPassword)
			for _, path := range asks {
				// the record is written meanwhile
				livetest.Await(t, path,
					func() bool { return c.call("GET", api.Prefix+path, nil).status == http.StatusOK })
				if body := string(c.call("GET", api.Prefix+path, nil).want(http.StatusOK).body); strings.Contains(body,
					theirs) != (user == "boss") || !strings.Contains(body, m.ID) {
					t.Errorf("%s reads at %s: %s", user, path, body)
				}
			}
		}
		if body := string(h.asAdmin().call("GET", api.Prefix+asks[3], nil).body); !strings.Contains(body, theirs) {
			t.Errorf("the administrator reads %s", body)
		}
	})
}

// roomTold is the data of the messages about invitations, both ways.
type roomTold struct {
	Room  string `json:"room"`
	Title string `json:"title,omitempty"`
	User  string `json:"user,omitempty"`
	From  string `json:"from,omitempty"`
}
