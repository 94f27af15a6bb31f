package web

import (
	"net/http"
	"testing"

	"frontdesk/pbx/ledger"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
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
		if len(one.Steps) != 2 || one.Steps[0].Outcome != "no_answer" || one.Steps[0].Users[0] != "ana" || one.Steps[1].Number != "0722999888" {
			t.Errorf("%+v", one.Steps)
		}
		if list := read[api.Page[ledger.Record]](h.asAdmin(), "/api/v1/calls"); len(list.Items) != 1 || list.Items[0].Steps != nil {
			t.Errorf("%+v", list.Items)
		}
		h.asSeller().call("GET", "/api/v1/calls/c1", nil).problem(http.StatusNotFound) // neither took nor heard it, and is limited to own records
	})
}
