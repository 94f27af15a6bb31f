package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/crmapi"
	"frontdesk/web/live/livetest"
	"frontdesk/web/mailapi"
	"frontdesk/web/pbxapi"
)

// usersIn says what becomes, when somebody is dismissed, of each column that says who a user is: whatever the schema
// has, is here.
func usersIn() map[string]string {
	const over, ends, stays = "goes to an heir", "ends", "stays: it tells what was"
	return map[string]string{
		"contact.responsible": over, "company.responsible": over, "lead.responsible": over, "deal.responsible": over,
		"voicemail_box.users": over, "voice_menu.keys": over, "queue.agents": over, "queue.leads": over,
		"hunt_group.members": over,
		"agent.user_id":      ends, "call_handling.user_id": ends,
		"activity.user_id":         "goes to an heir while it waits, and stays when it is done",
		"meeting.owner":            over,
		"mailbox_user.user_id":     over,
		"phone_number.destination": over, "extension.destination": over, "rule.action": over,
		"device.user_id":    "stays, switched off",
		"api_token.user_id": ends,
		"session.user_id":   ends, "mail_password.user_id": ends, "mail_carbon.user_id": ends,
		"mail_exclusion.by_user":     stays,
		"mail_password_only.user_id": "stays, for when he comes back",
		"mail_sent_limit.user_id":    "stays, for when he comes back",
		"mail_sent.user_id":          stays, "mail_sent_over.user_id": stays,
		"socket.user_id":      ends,
		"handed_over.user_id": stays, "handed_over.heir": stays,
		"call_user.user_id": stays, "mail_out.user_id": stays, "meeting_user.user_id": stays,
		"call_step.users": stays, "event.audience": stays, "event.data": stays, "outbox.audience": stays,
		"outbox.data": stays, "rotation.last_user": stays, "call_disposition.user_id": stays,
		"recording_heard.user_id":  stays,
		"call_supervision.user_id": stays,
		"mail_scheduled.user_id":   over, "mail_reminder.user_id": over, "mail_template.owner": over,
		"mail_signature.user_id": ends,
		"bin.responsible":        "stays: who brings it back gets the record",
		"bin.user_id":            stays, "bin.kept": stays,
		"mail_assigned.user_id": over, "mail_assigned.by_user": stays,
		"mail_comment.user_id": stays, "mail_comment.mentions": stays,
		"mail_look.user_id": ends, "mail_notice.user_id": ends, "mail_notice.by_user": stays,
		"mail_answered.user_id": stays,
		"saved_view.owner":      stays, "bulk_change.user_id": stays, "bulk_change.before": stays,
		"import.user_id": stays, "import_result.before": stays,
		"calling_list.owner": over, "calling_agent.user_id": ends,
		"calling_item.agent": ends, "calling_item.promised": ends,
		"do_not_call.user_id": stays, "offer.user_id": stays, "offer_letter.user_id": stays,
		"notice.user_id": stays,
		"audit.user_id":  stays, "audit.about": stays, "record_merge.user_id": stays, "record_merge.kept": stays,
		"second_factor.user_id": stays, "recovery_code.user_id": stays, // for when he comes back
	}
}

// columns are those of the whole schema, as table.column.
func columns(t *testing.T, db *store.DB) (all []string) {
	t.Helper()
	query := `SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY 1`
	if db.Dialect() == store.PostgreSQL {
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1`
	}
	all, err := api.QueryAll(t.Context(), db, func(rows store.Row) (c string, err error) { return c, rows.Scan(&c) },
		query)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// leaver is a house in which somebody holds something of every kind.
type leaver struct {
	*house
	user, heir, deals people.User
	contact, deal     string
	number            string
}

func newLeaver(t *testing.T, db *store.DB) *leaver {
	l := &leaver{house: newHouse(t, db), number: "+40311000001"}
	l.user, l.heir, l.deals = l.house.user("leaver", sellerPassword, people.Staff),
		l.house.user("heir", sellerPassword, people.Staff), l.house.user("dealer", sellerPassword, people.Staff)
	admin, c := l.asAdmin(), l.as("leaver", sellerPassword)
	make := func(by *client, path string, body any) string {
		t.Helper()
		var made struct{ ID string }
		by.call("POST", "/api/v1"+path, body).want(http.StatusCreated).into(&made)
		return made.ID
	}
	make(admin, "/pipelines", object{"name": "Sales", "stages": []object{{"name": "New", "kind": "open"}}})
	company := make(c, "/companies", object{"name": "Firm"})
	l.contact = make(c, "/contacts", object{"name": "Ana", "company": company, "phones": []string{"0722000001"}})
	make(c, "/leads", object{"title": "Lead"})
	make(c, "/mail/templates", object{"name": "Offer", "subject": "", "html": "<p>x</p>"})
	l.deal = make(c, "/deals", object{"title": "Deal", "contact": l.contact})
	make(c, "/tasks", object{"entity": object{"kind": "contact", "id": l.contact}, "title": "Call"})
	make(c, "/notes", object{"entity": object{"kind": "contact", "id": l.contact}, "body": "Said no"})
	make(c, "/tokens", object{"name": "x"})
	make(c, "/meetings", object{"title": "Room"})
	make(c, "/mail/passwords", object{"name": "Phone", "reads": true, "sends": true})
	make(admin, "/rules", crmapi.RuleInput{Name: "To him", Active: true,
		Then: rules.Action{Create: true, Assign: rules.ToUser, User: l.user.ID}})
	admin.call("POST", "/api/v1/mail/domains", mailapi.DomainInput{Name: "acme.test"}).want(http.StatusCreated)
	own := make(admin, "/mail/mailboxes", object{"address": "leaver@acme.test", "users": []string{l.user.ID}})
	c.call("POST", "/api/v1/mail/carbon", nil).want(http.StatusOK)
	make(c, "/mail/exclusions", object{"pattern": "private.test", "mailbox": own})
	make(admin, "/mail/mailboxes", object{"address": "info@acme.test", "users": []string{l.user.ID, l.heir.ID}})
	trunk := make(admin, "/trunks", object{"name": "Carrier", "host": "192.0.2.1"})
	admin.call("PUT", "/api/v1/numbers/"+l.number,
		object{"trunk": trunk, "destination": object{"kind": "group",
			"users": []string{l.user.ID, l.heir.ID}}}).want(http.StatusOK)
	admin.call("PUT", "/api/v1/extensions/101", object{"kind": "user", "user": l.user.ID}).want(http.StatusOK)
	l.machines(admin, c)
	list := make(c, "/calling-lists", object{"name": "Calls", "kind": "contact", "tries": 3, "minutes": 60,
		"users": []string{l.user.ID}})
	c.call("POST", "/api/v1/calling-lists/"+list+"/records", object{"ids": []string{l.contact}}).want(http.StatusOK)
	c.call("POST", "/api/v1/calling-lists/"+list+"/next", nil).want(http.StatusOK)
	c.call("PUT", "/api/v1/do-not-call/+40722000009", object{"why": "Said so"}).want(http.StatusOK)
	var phone pbxapi.NewDevice
	admin.call("POST", "/api/v1/devices", pbxapi.DeviceInput{User: l.user.ID}).want(http.StatusCreated).into(&phone)
	account, err := l.dir.Device(t.Context(), phone.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.dir.Register(t.Context(), directory.Registration{Device: phone.ID, Login: account.Login(),
		CallID: "1", CSeq: 1,
		Add: []directory.Binding{{Contact: "sip:x@192.0.2.9", Expires: time.Now().Add(time.Hour)}}},
		time.Now()); err != nil {
		t.Fatal(err)
	}
	return l
}

// machines are what answers calls and names him.
func (l *leaver) machines(admin, c *client) {
	l.t.Helper()
	to := object{"kind": "user", "user": l.user.ID}
	if _, err := l.db.Exec(l.t.Context(), `INSERT INTO prompt (id, name, source, text, language, length, blob, created_at)
		VALUES ('p', 'Welcome', 'upload', '', '', 1000, 'x', 0)`); err != nil {
		l.t.Fatal(err)
	}
	for path, body := range map[string]object{
		"/menus":           {"name": "Menu", "prompt": "p", "language": "en", "keys": []object{{"key": "1", "to": to}}, "otherwise": to},
		"/voicemail-boxes": {"name": "Box", "users": []string{l.user.ID}, "language": "en"},
		"/hunt-groups":     {"name": "Group", "strategy": "together", "members": []string{l.user.ID}},
		"/queues":          {"name": "Queue", "strategy": "in_order", "agents": []string{l.user.ID}, "leads": object{"full": to}},
	} {
		admin.call("POST", "/api/v1"+path, body).want(http.StatusCreated)
	}
	c.call("PUT", "/api/v1/agents/"+l.user.ID, object{"logged_in": true}).want(http.StatusNoContent)
	c.call("PUT", "/api/v1/me/call-handling", object{"dnd": true, "waiting": false}).want(http.StatusOK)
	admin.call("PUT", "/api/v1/me/call-handling", object{"dnd": false, "waiting": false, "busy": to}).
		want(http.StatusOK)
}

// Dismissing hands all over in one step and ends every log-in; nothing that comes later is given to who is gone.
func TestDismissal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := newLeaver(t, db)
		admin, c := l.asAdmin(), l.as("leaver", sellerPassword)
		tab, _ := c.open()
		ended := make(chan string, 100)
		l.hub.AtEnd(func(user string) { ended <- user })
		held := read[Holdings](admin, "/api/v1/users/"+l.user.ID+"/holdings")
		if held.Contacts != 1 || held.Companies != 1 || held.Leads != 1 || held.Deals != 1 || held.Tasks != 1 ||
			held.Phones != 1 || len(held.Rules) != 1 ||
			!slices.Equal(held.Numbers, []string{l.number, "101", "Box", "Group", "Menu", "Queue"}) ||
			len(held.Mailboxes) != 2 {
			t.Errorf("he holds %+v", held)
		}
		at := "/api/v1/users/" + l.user.ID + "/dismiss"
		admin.call("POST", at, object{"to": l.user.ID}).problem(http.StatusUnprocessableEntity)
		admin.call("POST", at, object{"to": "nobody"}).problem(http.StatusUnprocessableEntity)
		admin.call("POST", "/api/v1/users/"+l.admin.ID+"/dismiss",
			object{"to": l.heir.ID}).problem(http.StatusUnprocessableEntity)
		l.asSeller().call("POST", at, object{"to": l.heir.ID}).problem(http.StatusForbidden)
		c.call("GET", "/api/v1/me", nil).want(http.StatusOK)
		l.tell()
		before, err := l.server.events.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		admin.call("POST", at, Dismissal{To: l.heir.ID, Deals: l.deals.ID}).want(http.StatusOK)
		l.toldChanged(before, "company.changed", "contact.changed", "deal.changed", "lead.changed")
		if code := tab.Closed(); code != loggedOut {
			t.Errorf("the tab: %d", code)
		}
		c.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
		if user := <-ended; user != l.user.ID {
			t.Errorf("the mail doors are told that %q is out", user)
		}
		if read[crmcore.Contact](admin, "/api/v1/contacts/"+l.contact).Responsible != l.heir.ID ||
			read[crmcore.Deal](admin, "/api/v1/deals/"+l.deal).Responsible != l.deals.ID {
			t.Error("client and deal did not go where they were to")
		}
		livetest.Await(t, "the end of the tab's row", func() bool {
			var n int
			return db.QueryRow(t.Context(), `SELECT COUNT(*) FROM socket`).Scan(&n) == nil && n == 0
		})
		l.nothingLeft()
		l.neverAgain(admin)
		l.comesBack(admin)
	})
}

// toldChanged checks, in the order of the alphabet, the events after one.
func (h *house) toldChanged(after int64, want ...string) {
	h.t.Helper()
	h.tell()
	events, _, err := h.server.events.After(h.t.Context(), after)
	if err != nil {
		h.t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.Type)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		h.t.Errorf("told %v, want %v", got, want)
	}
}

// nothingLeft looks for the leaver in each column of each table.
func (l *leaver) nothingLeft() {
	l.t.Helper()
	fate, found := usersIn(), map[string]bool{}
	for _, column := range columns(l.t, l.db) {
		table, name, _ := strings.Cut(column, ".")
		if strings.HasPrefix(table, "sqlite_") {
			continue
		}
		if regexp.MustCompile(`(^|_)(users?|owner|responsible|audience|heir|assignee|actor)(_ids?)?$`).MatchString(name) && fate[column] == "" {
			l.t.Errorf("%s may say who a user is: what becomes of it when he is dismissed?", column)
		}
		where := fmt.Sprintf(`SELECT COUNT(*) FROM "%s" WHERE CAST("%s" AS TEXT) LIKE $1`, table, name)
		if column == "activity.user_id" {
			where += " AND waiting"
		}
		var n int
		if err := l.db.QueryRow(l.t.Context(), where, "%"+l.user.ID+"%").Scan(&n); err != nil {
			l.t.Errorf("%s: %v", column, err)
		}
		if n > 0 && column != "app_user.id" && !strings.HasPrefix(fate[column], "stays") {
			l.t.Errorf("%s still names him", column)
		}
		found[column] = true
	}
	for column := range fate {
		if !found[column] {
			l.t.Errorf("there is no %s any more", column)
		}
	}
}

// neverAgain tries to give something to who is gone.
func (l *leaver) neverAgain(admin *client) {
	l.t.Helper()
	gone, entity := l.user.ID, object{"kind": "contact", "id": l.contact}
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/contacts", object{"name": "X", "responsible": gone}},
		{"PATCH", "/contacts/" + l.contact, object{"responsible": gone}},
		{"POST", "/companies", object{"name": "X", "responsible": gone}},
		{"POST", "/leads", object{"title": "X", "responsible": gone}},
		{"POST", "/deals", object{"title": "X", "contact": l.contact, "responsible": gone}},
		{"POST", "/tasks", object{"entity": entity, "title": "X", "user": gone}},
		{"POST", "/rules",
			crmapi.RuleInput{Name: "X", Then: rules.Action{Create: true, Assign: rules.ToUser, User: gone}}},
		{"PUT", "/extensions/102", object{"kind": "user", "user": gone}},
		{"PUT", "/extensions/102", object{"kind": "group", "users": []string{gone, l.heir.ID}}},
		{"POST", "/devices", pbxapi.DeviceInput{User: gone}},
		{"POST", "/mail/mailboxes", object{"address": "x@acme.test", "users": []string{gone}}},
	} {
		if r := admin.call(c.method, "/api/v1"+c.path, c.body); r.status != http.StatusUnprocessableEntity ||
			!strings.Contains(string(r.body), "active") {
			l.t.Errorf("%s %s: %d %s", c.method, c.path, r.status, r.body)
		}
	}
	devices, err := l.dir.Devices(l.t.Context(), gone)
	if err != nil || len(devices) != 1 || !devices[0].Off {
		l.t.Fatalf("his phones: %+v, %v", devices, err)
	}
	if _, err := l.dir.Digest(l.t.Context(), devices[0].Username); err == nil {
		l.t.Error("his phone may register")
	}
	if _, err := l.box.MaySend(l.t.Context(), gone, "leaver@acme.test"); err == nil {
		l.t.Error("he may send as the mailbox")
	}
}

// comesBack lets him in again: he gets back what his heirs have still.
func (l *leaver) comesBack(admin *client) {
	l.t.Helper()
	admin.call("PATCH", "/api/v1/deals/"+l.deal, object{"responsible": l.admin.ID}).want(http.StatusOK)
	admin.call("POST", "/api/v1/users/"+l.user.ID+"/reinstate", nil).want(http.StatusOK)
	if read[crmcore.Contact](admin, "/api/v1/contacts/"+l.contact).Responsible != l.user.ID {
		l.t.Error("he did not get his client back")
	}
	if read[crmcore.Deal](admin, "/api/v1/deals/"+l.deal).Responsible != l.admin.ID {
		l.t.Error("he was given what somebody else was given since")
	}
	l.as("leaver", sellerPassword)
	if devices, err := l.dir.Devices(l.t.Context(), l.user.ID); err != nil || devices[0].Off {
		l.t.Errorf("his phone is off, %v", err)
	}
	var left int
	if err := l.db.QueryRow(l.t.Context(), `SELECT COUNT(*) FROM handed_over`).Scan(&left); err != nil || left != 0 {
		l.t.Errorf("%d notes left, %v", left, err)
	}
}

// Who is switched off for a while keeps what is his, but no phone of his rings or registers.
func TestSwitchedOffForAWhile(t *testing.T) {
	l := newLeaver(t, storetest.SQLite(t))
	admin := l.asAdmin()
	for _, active := range []bool{false, true} {
		admin.call("PATCH", "/api/v1/users/"+l.user.ID, object{"active": active}).want(http.StatusOK)
		devices, err := l.dir.Devices(t.Context(), l.user.ID)
		if err != nil || devices[0].Off == active {
			t.Errorf("active %v: %+v, %v", active, devices, err)
		}
		if bindings, err := l.dir.Bindings(t.Context(), devices[0].ID, time.Now()); err != nil || len(bindings) != 0 {
			t.Errorf("registered at %v, %v", bindings, err)
		}
		card, err := l.core.Receive(t.Context(),
			crmcore.Touch{Channel: timeline.Call, Phase: timeline.Ended, Key: fmt.Sprint(active), Incoming: true,
				Client: address.Address{Kind: address.Phone, Value: "+40722000001"}, Outcome: "missed"})
		if err != nil || slices.Contains(card.LeadFor, l.user.ID) != active {
			t.Errorf("active %v: the card is for %v, %v", active, card.LeadFor, err)
		}
	}
	var his int
	if err := l.db.QueryRow(t.Context(), `SELECT COUNT(*) FROM activity WHERE waiting AND channel = 'followup' AND user_id = $1`, l.user.ID).Scan(&his); err != nil || his != 0 {
		t.Errorf("%d of the calls back of when he was off are his, %v", his, err)
	}
	if read[crmcore.Contact](admin, "/api/v1/contacts/"+l.contact).Responsible != l.user.ID {
		t.Error("his client is somebody else's")
	}
}
