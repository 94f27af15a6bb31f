package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/report"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// Reports count the calls of whom one may see: oneself, one's department and those below it, or all. What came of a
// call says who took part in it.
func TestReportsAndDispositions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		head, junior := h.user("head", sellerPassword, people.Staff), h.user("junior", sellerPassword, people.Staff)
		for _, statement := range []string{
			`INSERT INTO department (id, name, parent) VALUES ('sales', 'Sales', ''), ('juniors', 'Juniors', 'sales')`,
			`UPDATE app_user SET department = 'sales' WHERE login IN ('seller', 'head')`,
			`UPDATE app_user SET department = 'juniors' WHERE login = 'junior'`,
			`UPDATE app_user SET access = 'department' WHERE login = 'head'`,
		} {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		calls := map[string]string{} // by who took them
		for i, user := range []people.User{h.seller, head, junior, h.admin} {
			id := fmt.Sprintf("%s-7000-8000-00000000000%d", store.IDsSince(began), i)
			calls[user.Login] = id
			at := store.Micros(began)
			for _, statement := range []string{
				fmt.Sprintf(`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk,
					started_at, answered_at, ended_at, seen_at, outcome, cause)
					VALUES ('%s', 'n1', 1, 'in', '+40722123456', '', '', '', '', '', %d, %d, %d, %d, 'answered', '')`,
					id, at, at+5_000_000, at+65_000_000, at),
				`INSERT INTO call_user (call, user_id, role, position) VALUES ('` + id + `', '` + user.ID + `', 'took', 0)`,
			} {
				if _, err := db.Exec(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		const march = "/api/v1/reports/calls?from=2026-03-01&until=2026-03-31&zone=Europe/Bucharest&by="
		for login, want := range map[string]int64{"seller": 1, "junior": 1, "head": 3} {
			got := read[report.Report](h.as(login, sellerPassword), march+"user")
			if got.Total.Answered != want || got.Total.Talked != 60*want || len(got.Rows) != int(want) ||
				len(got.Days) != 31 {
				t.Errorf("%s sees %+v in %d rows", login, got.Total, len(got.Rows))
			}
		}
		admin := h.asAdmin()
		if got := read[report.Report](admin, march+"hour"); got.Total.Answered != 4 || got.Rows[11].Answered != 4 {
			t.Errorf("the administrator sees %+v", got.Total)
		}
		for _, wrong := range []string{"2026-03-40", "1999-01-01"} {
			admin.call("GET", "/api/v1/reports/calls?from="+wrong+"&until=2026-03-31", nil).
				problem(http.StatusUnprocessableEntity)
		}

		seller := h.as("seller", sellerPassword)
		choices := object{"results": []string{"Sold"}, "next_steps": []string{"Call again"}}
		seller.call("PUT", "/api/v1/telephony/dispositions", choices).problem(http.StatusForbidden)
		admin.call("PUT", "/api/v1/telephony/dispositions", choices).want(http.StatusOK)
		say := func(c *client, of string) *response {
			return c.call("PUT", "/api/v1/calls/"+calls[of]+"/disposition",
				object{"result": "Sold", "next_step": "Call again"})
		}
		say(seller, "junior").problem(http.StatusNotFound)
		say(seller, "seller").want(http.StatusNoContent)
		if got := read[api.Page[ledger.Record]](seller, "/api/v1/calls").Items; len(got) != 1 ||
			got[0].Result != "Sold" ||
			got[0].NextStep != "Call again" {
			t.Errorf("%+v", got)
		}
		if got := read[report.Report](admin, march+"result").Rows; len(got) != 2 || got[1].Key != "Sold" ||
			got[1].In != 1 {
			t.Errorf("by result: %+v", got)
		}
	})
}
