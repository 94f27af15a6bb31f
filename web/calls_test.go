package web

import (
	"net/http"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/pbxapi"
)

// One call tells what happened on its way, to who sees the call; the list does not.
func TestStepsOfOneCall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		for _, statement := range []string{
			`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at, seen_at, outcome, cause)
				VALUES ('c1', 'n1', 1, 'in', '+40722123456', 'Ion', '+40311000001', '', '', '', 1, 30, 60, 60, 'answered', 'normal')`,
			`INSERT INTO call_step (call, position, kind, users, trunk, number, begun_at, ended_at, outcome, answered_by) VALUES
				('c1', 1, 'dial', '[]', 't', '0722999888', 20, 30, 'answered', ''), ('c1', 0, 'ring', '["ana"]', '', '', 1, 20, 'no_answer', '')`,
		} {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		one := read[ledger.Record](h.asAdmin(), "/api/v1/calls/c1")
		if len(one.Steps) != 2 || one.Steps[0].Outcome != "no_answer" || one.Steps[0].Users[0] != "ana" ||
			one.Steps[1].Number != "0722999888" {
			t.Errorf("%+v", one.Steps)
		}
		if list := read[api.Page[ledger.Record]](h.asAdmin(), "/api/v1/calls"); len(list.Items) != 1 ||
			list.Items[0].Steps != nil {
			t.Errorf("%+v", list.Items)
		}
		// neither took nor heard it, and is limited to own records
		h.asSeller().call("GET", "/api/v1/calls/c1", nil).problem(http.StatusNotFound)
	})
}

// The private number that a colleague's phone forwards to is his own and the administrators'; whom it is the way of a
// transfer to, everybody knows.
func TestForwardsAreHidden(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	colleague := h.user("colleague", sellerPassword, people.Staff)
	for _, statement := range []string{
		`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at, seen_at, outcome, cause)
			VALUES ('c1', 'n1', 1, 'in', '+40722123456', 'Ion', '+40311000001', '', '', '', 1, 30, 60, 60, 'answered', 'normal')`,
		`INSERT INTO call_user (call, user_id, role, position) VALUES ('c1', '` + h.seller.ID +
			`', 'rang', 0), ('c1', '` + colleague.ID + `', 'rang', 1)`,
		`INSERT INTO call_step (call, position, kind, users, trunk, number, begun_at, ended_at, outcome, answered_by) VALUES
			('c1', 0, 'ring', '["` + colleague.ID + `"]', '', '', 1, 20, 'no_answer', ''), ('c1', 1, 'dial', '[]', 't', '0722999888', 20, 25, 'busy', ''),
			('c1', 2, 'ring', '["` + h.seller.ID + `"]', '', '', 25, 30, 'answered', '` + h.seller.ID + `'), ('c1', 3, 'dial', '[]', 't', '0311222333', 30, 60, 'answered', '')`,
	} {
		if _, err := h.db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for login, want := range map[string]string{"seller": "", "colleague": "0722999888"} {
		steps := read[ledger.Record](h.as(login, sellerPassword), "/api/v1/calls/c1").Steps
		if len(steps) != 4 || steps[1].Number != want || steps[3].Number != "0311222333" {
			t.Errorf("%s sees %+v", login, steps)
		}
	}
	if steps := read[ledger.Record](h.asAdmin(), "/api/v1/calls/c1").Steps; steps[1].Number != "0722999888" {
		t.Errorf("the administrator sees %+v", steps)
	}
}

// The history names whom one called as it names who called, where the client is one's own to read.
func TestHistoryNamesWhomOneCalled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		known := func(name, number string, of people.User) {
			points := []record.Point{{Kind: address.Phone, Raw: number}}
			if _, err := h.core.CreateContact(t.Context(), h.admin,
				crmcore.Contact{Name: name, Responsible: of.ID, Points: points}); err != nil {
				t.Fatal(err)
			}
		}
		known("Mine", "+40722000001", h.seller)
		known("Theirs", "+40722000002", h.admin)
		for id, to := range map[string]string{"c1": "+40722000001", "c2": "+40722000002"} {
			for _, statement := range []string{
				`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at, seen_at, outcome, cause)
					VALUES ('` + id + `', 'n1', 1, 'out', '101', '', '` + to + `', '', '', '', 1, 30, 60, 60, 'answered', 'normal')`,
				`INSERT INTO call_user (call, user_id, role, position) VALUES ('` + id + `', '` + h.seller.ID +
					`', 'took', 0)`,
			} {
				if _, err := db.Exec(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		named := func(c *client) map[string]string {
			names := map[string]string{}
			for _, r := range read[api.Page[ledger.Record]](c, "/api/v1/calls").Items {
				names[r.ID] = r.ToName
			}
			return names
		}
		if got := named(h.asSeller()); got["c1"] != "Mine" || got["c2"] != "" {
			t.Errorf("the seller reads %v", got)
		}
		if got := named(h.asAdmin()); got["c1"] != "Mine" || got["c2"] != "Theirs" {
			t.Errorf("the administrator reads %v", got)
		}
	})
}

// Whose box a caller left a message in finds his call in the history, opens it and hears the message; others don't.
func TestVoicemailIsFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		other := h.user("other", sellerPassword, people.Staff)
		for call, of := range map[string]people.User{"c1": h.seller, "c2": other} {
			for _, statement := range []string{
				`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at, seen_at, outcome, cause)
					VALUES ('` + call + `', 'n1', 1, 'in', '+40722000001', '', '+40311000001', '', '', '', 1, 0, 60, 60, 'missed', 'normal')`,
				`INSERT INTO voicemail_box (id, name, users, greeting, language, seconds) VALUES ('` + call + `', 'Box of ` + call + `', '["x","` + of.ID + `"]', '', 'en', 60)`,
				`INSERT INTO voicemail (id, box, call, from_number, from_name, at, length, blob, heard_at, heard_by) VALUES ('m` + call + `', '` + call + `', '` + call + `', '', '', 1, 1, 'x', 0, '')`,
			} {
				if _, err := db.Exec(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.dir.Changed() // the boxes were written behind its back
		for login, sees := range map[string]string{"seller": "c1", "other": "c2"} {
			c := h.as(login, sellerPassword)
			if list := read[api.Page[ledger.Record]](c, "/api/v1/calls").Items; len(list) != 1 || list[0].ID != sees {
				t.Errorf("%s finds %+v", login, list)
			}
			if one := read[ledger.Record](c, "/api/v1/calls/"+sees); one.ID != sees {
				t.Errorf("%s opens %+v", login, one)
			}
		}
		mine := read[api.Page[voicemail.Message]](h.asSeller(), "/api/v1/voicemail").Items
		if len(mine) != 1 || mine[0].Call != "c1" || mine[0].Heard {
			t.Errorf("the seller's messages: %+v", mine)
		}
		h.asSeller().call("DELETE", "/api/v1/voicemail/mc2", nil).problem(http.StatusNotFound)
		if boxes := read[api.Page[pbxapi.OwnBox]](h.asSeller(), "/api/v1/me/voicemail-boxes").Items; len(boxes) != 1 ||
			boxes[0].New != 1 {
			t.Errorf("the seller's boxes: %+v", boxes)
		}
		for _, path := range []string{"/api/v1/voicemail/mc2/sound", "/api/v1/calls/c2", "/api/v1/calls/c2/voicemail",
			"/api/v1/calls/c2/card"} {
			h.asSeller().call("GET", path, nil).problem(http.StatusNotFound)
		}
	})
}
