package web

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/pbxapi"
)

// A dry run tells whom a call would ring, by whom it is from and by who is there, and leaves nothing behind.
func TestRouteTrial(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		admin, boss := h.asAdmin(), h.user("boss", sellerPassword, people.Staff)
		const ours = "+40311000001"
		var trunk struct{ ID string }
		admin.call("POST", "/api/v1/trunks", object{"name": "Carrier",
			"host": "192.0.2.1"}).want(http.StatusCreated).into(&trunk)
		to := object{"kind": "user", "user": boss.ID, "responsible": true, "seconds": 20}
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID, "destination": to}).want(http.StatusOK)
		contact := crmcore.Contact{Name: "Ion", Responsible: h.seller.ID,
			Points: []record.Point{{Kind: address.Phone, Raw: "+40722000001"}}}
		if _, err := h.core.CreateContact(t.Context(), h.admin, contact); err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		try := func(number, from, at string) (out pbxapi.Trial) {
			t.Helper()
			ask := url.Values{"number": {number}, "from": {from}}
			if at != "" {
				ask.Set("at", at)
			}
			admin.call("GET", "/api/v1/telephony/route?"+ask.Encode(), nil).want(http.StatusOK).into(&out)
			return out
		}

		known := try("0311000001", "0722000001", later)
		if c := known.Caller; !c.Known || c.Name != "Ion" || c.Responsible != h.seller.ID ||
			known.From != "+40722000001" {
			t.Errorf("a client: %+v", known)
		}
		if len(known.Steps) != 2 || !slices.Equal(known.Steps[0].Users, []string{h.seller.ID}) ||
			!slices.Equal(known.Steps[1].Users, []string{boss.ID}) ||
			known.Steps[0].Next["no_answer"] != 1 || known.Steps[1].Seconds != 20 ||
			!slices.Equal(known.Answers, []string{h.seller.ID}) {
			t.Errorf("rings %+v", known.Steps)
		}
		if want := []pbxapi.TrialWay{{Step: 0, Outcome: "no_answer"},
			{Step: 1, Outcome: "no_answer"}}; !slices.Equal(known.Way, want) {
			t.Errorf("goes %+v", known.Way)
		}

		if away := try(ours, "+40722000001", ""); len(away.Answers) != 0 || len(away.Way) != 2 ||
			away.Way[0].Outcome != "unavailable" ||
			!slices.Equal(away.Steps[0].Away, []string{h.seller.ID}) {
			t.Errorf("nobody is there: %+v", away)
		}
		if tab, _ := h.as("boss", sellerPassword).open(); tab != nil {
			if now := try(ours, "+40722000001", ""); !slices.Equal(now.Answers, []string{boss.ID}) ||
				len(now.Steps[1].Away) != 0 {
				t.Errorf("one is there: %+v", now)
			}
		}

		if _, err := h.core.SaveRule(t.Context(), h.admin, rules.Rule{Name: "All to the boss", Active: true,
			Then: rules.Action{Create: true, Assign: rules.ToUser, User: boss.ID}}); err != nil {
			t.Fatal(err)
		}
		if stranger := try(ours, "+40722999999", later); stranger.Caller.Known || len(stranger.Caller.Trace) == 0 ||
			stranger.Caller.Rule == "All to the boss" &&
				(stranger.Caller.Responsible != boss.ID || len(stranger.Steps) != 1) {
			t.Errorf("a stranger: %+v", stranger)
		}
		if hidden := try(ours, "", later); hidden.From != "" || hidden.Caller.Responsible != "" ||
			len(hidden.Steps) != 1 {
			t.Errorf("a number withheld: %+v", hidden)
		}
		if none := try("+40311999999", "+40722000001", later); len(none.Steps) != 1 || none.Steps[0].Kind != "refuse" ||
			none.Steps[0].Cause != "not_found" {
			t.Errorf("no number of ours: %+v", none)
		}
		admin.call("GET", "/api/v1/telephony/route?number=%2B40311000001&from=%3F%3F%3F",
			nil).problem(http.StatusUnprocessableEntity)
		h.asSeller().call("GET", "/api/v1/telephony/route?number=%2B40311000001", nil).problem(http.StatusForbidden)
		var left int
		if err := db.QueryRow(t.Context(), `SELECT (SELECT COUNT(*) FROM lead) + (SELECT COUNT(*) FROM call_record) +
			(SELECT COUNT(*) FROM activity WHERE channel = 'call')`).Scan(&left); err != nil || left != 0 {
			t.Errorf("it left %d rows (%v)", left, err)
		}
	})
}
