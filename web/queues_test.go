package web

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/pbxapi"
)

// Admins make queues; their agents see those that they are in, log in and pause; nobody else does.
func TestQueues(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		admin, seller := h.asAdmin(), h.asSeller()
		other := h.user("other", sellerPassword, people.Staff)
		queue := object{"name": "Support", "strategy": "longest_idle", "agents": []string{h.seller.ID},
			"leads": object{"nobody": object{"kind": "user", "user": other.ID}}}
		seller.call("POST", "/api/v1/queues", queue).problem(http.StatusForbidden)
		var made dialplan.Queue
		admin.call("POST", "/api/v1/queues", queue).want(http.StatusCreated).into(&made)
		if made.Seconds != 20 || made.MaxWait != 600 || made.Leads.Nobody == nil || made.Leads.Full != nil {
			t.Errorf("%+v", made)
		}
		if made.Callback != (dialplan.QueueCallback{Tries: 3, Minutes: 10}) {
			t.Errorf("%+v", made.Callback)
		}
		admin.call("POST", "/api/v1/queues", queue).problem(http.StatusUnprocessableEntity)
		_, err := db.Exec(t.Context(), `INSERT INTO queue_caller (call, queue, number, name, since, node, epoch, callback_at)
			VALUES ('c1', $1, '+40722000001', 'Ioana', $2, '', 0, $3)`, made.ID, store.Micros(time.Now()),
			store.Micros(time.Now().Add(time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		back := "/api/v1/queues/" + made.ID + "/callbacks/c1"
		h.as("other", sellerPassword).call("DELETE", back, nil).problem(http.StatusNotFound)
		var shown struct{ Items []pbxapi.LiveQueue }
		seller.call("GET", "/api/v1/queues/live", nil).want(http.StatusOK).into(&shown)
		if all := shown.Items; len(all) != 1 || len(all[0].Callers) != 1 || !all[0].Callers[0].Callback {
			t.Errorf("%+v", all)
		}
		seller.call("DELETE", back, nil).want(http.StatusNoContent)
		seller.call("DELETE", back, nil).problem(http.StatusNotFound)
		for name, change := range map[string]any{"agents": []string{"nobody"}, "max_wait": 5,
			"callback": object{"tries": 11},
			"leads":    object{"full": object{"kind": "queue", "queue": made.ID}}} {
			bad := object{"name": "Support", "strategy": "longest_idle", "agents": []string{h.seller.ID}}
			bad[name] = change
			admin.call("PUT", "/api/v1/queues/"+made.ID, bad).problem(http.StatusUnprocessableEntity)
		}
		live := func(c *client) (all struct{ Items []pbxapi.LiveQueue }) {
			t.Helper()
			c.call("GET", "/api/v1/queues/live", nil).want(http.StatusOK).into(&all)
			return all
		}
		state := func(want string) {
			t.Helper()
			if all := live(seller).Items; len(all) != 1 || all[0].Name != "Support" || len(all[0].Agents) != 1 ||
				all[0].Agents[0].State != want || all[0].Agents[0].User != h.seller.ID {
				t.Errorf("%+v, want %s", all, want)
			}
		}
		state("offline")
		if all := live(h.as("other", sellerPassword)).Items; len(all) != 0 {
			t.Errorf("who is no agent sees %+v", all)
		}
		seller.call("PUT", "/api/v1/agents/"+h.seller.ID, object{"logged_in": true}).want(http.StatusNoContent)
		state("free")
		admin.call("PUT", "/api/v1/agents/"+h.seller.ID, object{"paused": true}).want(http.StatusNoContent)
		state("paused")
		seller.call("PUT", "/api/v1/agents/"+h.seller.ID, object{"logged_in": false}).want(http.StatusNoContent)
		seller.call("PUT", "/api/v1/agents/"+h.seller.ID, object{"logged_in": true}).want(http.StatusNoContent)
		state("free")
		seller.call("PUT", "/api/v1/agents/"+other.ID, object{"logged_in": true}).problem(http.StatusForbidden)
		admin.call("PUT", "/api/v1/agents/"+other.ID, object{"logged_in": true}).problem(http.StatusConflict)

		admin.call("PUT", "/api/v1/extensions/400", object{"kind": "queue", "queue": "none"}).
			problem(http.StatusUnprocessableEntity)
		admin.call("PUT", "/api/v1/extensions/400", object{"kind": "queue", "queue": made.ID}).want(http.StatusOK)
		admin.call("DELETE", "/api/v1/queues/"+made.ID, nil).problem(http.StatusConflict)
		var trial pbxapi.Trial
		admin.call("GET", "/api/v1/telephony/route?number=400", nil).want(http.StatusOK).into(&trial)
		admin.call("DELETE", "/api/v1/extensions/400", nil).want(http.StatusNoContent)
		admin.call("DELETE", "/api/v1/queues/"+made.ID, nil).want(http.StatusNoContent)
		if all := live(admin).Items; len(all) != 0 || slices.Contains(trial.Answers, other.ID) {
			t.Errorf("%+v, %+v", all, trial)
		}
	})
}
