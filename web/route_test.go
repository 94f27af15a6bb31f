package web

import (
	"maps"
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
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx/dialplan"
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

		before := crmcore.Touch{Channel: timeline.Call, Key: "before", Incoming: true,
			Client:  address.Address{Kind: address.Phone, Raw: "+40722000001", Value: "+40722000001"},
			Outcome: "answered", Users: []string{h.admin.ID}, At: time.Now().Add(-time.Hour), Source: "before"}
		if _, err := h.core.Close(t.Context(), before, nil); err != nil {
			t.Fatal(err)
		}
		if tied := try(ours, "+40722000001", later); len(tied.Steps) != 2 || tied.Caller.Ties != nil {
			t.Errorf("the number asks for no ties: %+v", tied)
		}
		to["ties"] = []string{"deal", "spoke"}
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID, "destination": to}).want(http.StatusOK)
		if tied := try(ours, "+40722000001", later); len(tied.Steps) != 3 ||
			!slices.Equal(tied.Answers, []string{h.admin.ID}) ||
			!slices.Equal(tied.Caller.Ties["spoke"], []string{h.admin.ID}) {
			t.Errorf("who last spoke with him: %+v", tied)
		}
		delete(to, "ties")
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID, "destination": to}).want(http.StatusOK)

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
		var hours dialplan.Schedule
		office := object{"name": "Office", "zone": "Europe/Bucharest",
			"hours":    []object{{"days": []string{"mon", "tue", "wed", "thu", "fri"}, "from": "09:00", "to": "18:00"}},
			"holidays": []object{{"name": "Christmas", "date": "12-25"}}}
		admin.call("POST", "/api/v1/schedules", office).want(http.StatusCreated).into(&hours)
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID, "destination": to, "schedule": hours.ID,
			"closed": object{"kind": "user", "user": "nobody"}}).problem(http.StatusUnprocessableEntity)
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID, "destination": to, "schedule": hours.ID,
			"closed": object{"kind": "refuse"}}).want(http.StatusOK)
		night := try(ours, "", "2027-01-04T20:00:00+02:00")
		if want := map[string]int{"open": 1, "closed": 2, "holiday": 2}; len(night.Steps) != 3 ||
			night.Steps[0].Kind != "hours" || night.Steps[0].Schedule != hours.ID ||
			!maps.Equal(night.Steps[0].Next, want) ||
			night.Steps[0].Why != "outside working hours (Mon-Fri 09:00-18:00, Europe/Bucharest)" ||
			!slices.Equal(night.Way,
				[]pbxapi.TrialWay{{Step: 0, Outcome: "closed"}, {Step: 2, Outcome: "no_answer"}}) ||
			night.Steps[2].Kind != "refuse" || len(night.Answers) != 0 {
			t.Errorf("at night: %+v", night)
		}
		if off := try(ours, "", "2026-12-25T10:00:00+02:00"); off.Steps[0].Why != "holiday: Christmas" ||
			off.Steps[0].Holiday != "Christmas" ||
			off.Way[0].Outcome != "holiday" {
			t.Errorf("on a holiday: %+v", off)
		}
		office["zone"] = "Europe/Bukarest"
		admin.call("PUT", "/api/v1/schedules/"+hours.ID, office).problem(http.StatusUnprocessableEntity)
		office["zone"] = "America/New_York"
		admin.call("PUT", "/api/v1/schedules/"+hours.ID, office).want(http.StatusOK)
		if day := try(ours, "", "2027-01-04T20:00:00+02:00"); day.Way[0].Outcome != "open" || len(day.Answers) != 1 {
			t.Errorf("it is 13:00 in New York: %+v", day)
		}
		admin.call("DELETE", "/api/v1/schedules/"+hours.ID, nil).problem(http.StatusConflict)
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID, "destination": to}).want(http.StatusOK)
		admin.call("DELETE", "/api/v1/schedules/"+hours.ID, nil).want(http.StatusNoContent)
		h.asSeller().call("GET", "/api/v1/schedules", nil).problem(http.StatusForbidden)
		h.asSeller().call("POST", "/api/v1/schedules", office).problem(http.StatusForbidden)

		var group dialplan.HuntGroup
		sales := object{"name": "Sales", "strategy": "round_robin", "members": []string{h.seller.ID, boss.ID},
			"otherwise": object{"kind": "user", "user": boss.ID}}
		admin.call("POST", "/api/v1/hunt-groups", sales).want(http.StatusCreated).into(&group)
		admin.call("POST", "/api/v1/hunt-groups", sales).problem(http.StatusUnprocessableEntity)
		admin.call("PUT", "/api/v1/numbers/"+ours, object{"trunk": trunk.ID,
			"destination": object{"kind": "hunt_group", "hunt_group": group.ID}}).want(http.StatusOK)
		for _, first := range []string{h.seller.ID, boss.ID} {
			if now := try(ours, "", later); len(now.Steps) != 2 || now.Steps[0].Kind != "hunt_group" ||
				now.Steps[0].Name != "Sales" || now.Steps[0].Strategy != "round_robin" || now.Steps[0].Seconds != 20 ||
				now.Steps[0].Users[0] != first || !slices.Equal(now.Answers, []string{first}) ||
				now.Steps[0].Next["no_answer"] != 1 {
				t.Errorf("a hunt group: %+v", now)
			}
			if _, err := db.Exec(t.Context(), `UPDATE hunt_group SET turn = turn + 1`); err != nil {
				t.Fatal(err)
			}
		}
		if now := try(ours, "", ""); len(now.Answers) != 1 || now.Answers[0] != boss.ID || len(now.Steps[0].Away) != 1 {
			t.Errorf("a hunt group of which one is there: %+v", now)
		}
		sales["members"] = []string{"nobody"}
		admin.call("PUT", "/api/v1/hunt-groups/"+group.ID, sales).problem(http.StatusUnprocessableEntity)
		admin.call("DELETE", "/api/v1/hunt-groups/"+group.ID, nil).problem(http.StatusConflict)
		h.asSeller().call("DELETE", "/api/v1/hunt-groups/"+group.ID, nil).problem(http.StatusForbidden)

		admin.call("GET", "/api/v1/telephony/route?number=%2B40311000001&from=%3F%3F%3F",
			nil).problem(http.StatusUnprocessableEntity)
		h.asSeller().call("GET", "/api/v1/telephony/route?number=%2B40311000001", nil).problem(http.StatusForbidden)
		var left int
		if err := db.QueryRow(t.Context(), `SELECT (SELECT COUNT(*) FROM lead) + (SELECT COUNT(*) FROM call_record) +
			(SELECT COUNT(*) FROM activity WHERE channel = 'call' AND dedupe <> 'before')`).Scan(&left); err != nil || left != 0 {
			t.Errorf("it left %d rows (%v)", left, err)
		}
	})
}
