package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/crmcore/merging"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/crmapi"
	"frontdesk/web/live/livetest"
	"frontdesk/web/pbxapi"
)

type object = map[string]any

func TestContacts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asSeller()
		var made crmcore.Contact
		c.call("POST", "/api/v1/contacts", object{"name": "Ana Pop", "phones": []string{"0721 234 567"},
			"emails": []string{"Ana@Example.com"}}).
			want(http.StatusCreated).into(&made)
		if len(made.Points) != 2 || made.Points[0].Value != "+40721234567" ||
			made.Points[1].Value != "ana@example.com" || made.Responsible != h.seller.ID {
			t.Fatalf("made %+v", made)
		}
		var changed crmcore.Contact
		c.call("PATCH", "/api/v1/contacts/"+made.ID,
			object{"position": "Director", "phones": []string{"+40 21 123 4567"}}).want(http.StatusOK).into(&changed)
		if changed.Name != "Ana Pop" || changed.Position != "Director" || len(changed.Points) != 2 ||
			changed.Points[0].Value != "+40211234567" {
			t.Errorf("changed to %+v", changed)
		}
		c.call("PATCH", "/api/v1/contacts/"+made.ID,
			object{"name": "Late", "updated": made.Updated}).problem(http.StatusConflict)
		if found := read[api.Page[crmcore.Contact]](c, "/api/v1/contacts?q=ana"); len(found.Items) != 1 ||
			found.Items[0].ID != made.ID {
			t.Errorf("found %+v", found)
		}
		c.call("DELETE", "/api/v1/contacts/"+made.ID, nil).want(http.StatusNoContent)
		c.call("GET", "/api/v1/contacts/"+made.ID, nil).problem(http.StatusNotFound)
	})
}

// The old id of a record that was merged leads to the one that stands, for who reads and who changes; who deletes by it
// deletes nothing.
func TestMergedIDs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asSeller()
		var one, two crmcore.Contact
		c.call("POST", "/api/v1/contacts", object{"name": "A. Pop"}).want(http.StatusCreated).into(&one)
		c.call("POST", "/api/v1/contacts", object{"name": "Ana Pop"}).want(http.StatusCreated).into(&two)
		var done merging.Merged
		c.call("POST", "/api/v1/merges", object{"kind": "contact", "ids": []string{one.ID, two.ID}}).
			want(http.StatusCreated).into(&done)
		old, stands := "/api/v1/contacts/"+two.ID, "/api/v1/contacts/"+one.ID
		for path, to := range map[string]string{old: stands, old + "/card": stands + "/card",
			old + "/timeline?limit=3": stands + "/timeline?limit=3"} {
			if r := c.call("GET", path, nil).want(http.StatusTemporaryRedirect); r.header.Get("Location") != to {
				t.Errorf("%s leads to %s", path, r.header.Get("Location"))
			}
		}
		c.call("PATCH", old, object{"name": "B"}).want(http.StatusTemporaryRedirect)
		c.call("DELETE", old, nil).problem(http.StatusNotFound)
		h.user("other", "other's password", people.Staff)
		h.as("other", "other's password").call("GET", old, nil).problem(http.StatusNotFound)
		c.call("POST", "/api/v1/merges/"+done.ID+"/undo", nil).want(http.StatusOK)
		c.call("GET", old, nil).want(http.StatusOK)
		told := read[api.Page[timeline.Activity]](c, stands+"/timeline?kind=change")
		if len(told.Items) != 0 {
			t.Errorf("told of a merge that was taken back: %+v", told.Items)
		}
	})
}

func TestPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asSeller()
		const count = 7
		for i := range count {
			c.call("POST", "/api/v1/companies", object{"name": fmt.Sprintf("Company %d", i)}).want(http.StatusCreated)
		}
		seen := map[string]bool{}
		pages := 0
		for after := ""; ; pages++ {
			p := read[api.Page[crmcore.Company]](c, "/api/v1/companies?limit=3&after="+url.QueryEscape(after))
			for _, one := range p.Items {
				seen[one.ID] = true
			}
			if after = p.Next; after == "" {
				break
			}
		}
		if len(seen) != count || pages != 2 {
			t.Errorf("%d companies on %d pages before the last", len(seen), pages)
		}
	})
}

// What the API refuses, it refuses with a problem that says where and why.
func TestProblems(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	for _, x := range []struct {
		name, method, path string
		body               any
		status             int
	}{
		{"unknown record", "GET", "/api/v1/contacts/nope", nil, 404},
		{"unknown operation", "GET", "/api/v1/nope", nil, 404},
		{"no JSON", "POST", "/api/v1/contacts", "text", 422},
		{"unknown field", "POST", "/api/v1/contacts", object{"name": "A", "nme": "B"}, 422},
		{"wrong type", "POST", "/api/v1/contacts", object{"name": 1}, 422},
		{"bad number", "POST", "/api/v1/contacts", object{"name": "A", "phones": []string{"not a number"}}, 422},
		{"too many a page", "GET", "/api/v1/contacts?limit=100000", nil, 422},
		{"bad cursor", "GET", "/api/v1/contacts?after=%00", nil, 422},
		{"admins only", "GET", "/api/v1/trunks", nil, 403},
		{"admins only, writing", "PUT", "/api/v1/settings", Settings{"X", "en", 7}, 403},
		{"no demo", "POST", "/api/v1/demo/call", object{}, 404},
		{"no mailbox of ours", "GET", "/api/v1/mail/mailboxes/nope/folders", nil, 404},
		{"no such call", "POST", "/api/v1/calls/nope/hangup", nil, 404},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := c.call(x.method, x.path, x.body)
			r.t = t
			r.problem(x.status)
		})
	}
}

func TestBodyLimit(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	big := make([]byte, 2<<20)
	for i := range big {
		big[i] = 'x'
	}
	h.asSeller().call("POST", "/api/v1/contacts", object{"name": string(big)}).problem(http.StatusRequestEntityTooLarge)
}

// A seller limited to his own records neither sees nor finds those of others.
func TestOwnRecordsOnly(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	admin, seller := h.asAdmin(), h.asSeller()
	var made crmcore.Contact
	admin.call("POST", "/api/v1/contacts", object{"name": "Hidden Client"}).want(http.StatusCreated).into(&made)
	r := seller.call("GET", "/api/v1/contacts/"+made.ID, nil)
	if r.status != http.StatusForbidden && r.status != http.StatusNotFound {
		t.Errorf("status %d", r.status)
	}
	if p := read[api.Page[crmapi.Hit]](seller, "/api/v1/search?q=hidden"); len(p.Items) != 0 {
		t.Errorf("found %+v", p.Items)
	}
	if p := read[api.Page[crmapi.Hit]](admin, "/api/v1/search?q=hidden"); len(p.Items) != 1 {
		t.Errorf("the admin found %+v", p.Items)
	}
}

func TestAdministration(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	admin := h.asAdmin()
	var u people.User
	admin.call("POST", "/api/v1/users", object{"login": "maria", "name": "Maria", "email": "maria@example.com",
		"password": "a long password"}).want(http.StatusCreated).into(&u)
	maria := h.as("maria", "a long password")
	admin.call("PATCH", "/api/v1/users/"+u.ID, object{"active": false}).want(http.StatusOK)
	maria.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)

	var device pbxapi.NewDevice
	admin.call("POST", "/api/v1/devices", object{"user": h.seller.ID,
		"label": "Desk"}).want(http.StatusCreated).into(&device)
	if len(device.Password) < 16 || device.Username == "" {
		t.Errorf("device %+v", device)
	}
	var renewed pbxapi.NewDevice
	admin.call("POST", "/api/v1/devices/"+device.ID+"/password", nil).want(http.StatusOK).into(&renewed)
	if renewed.ID != device.ID || renewed.Username != device.Username || len(renewed.Password) < 16 ||
		renewed.Password == device.Password {
		t.Errorf("device %+v became %+v", device, renewed)
	}
	h.asSeller().call("POST", "/api/v1/devices/"+device.ID+"/password", nil).problem(http.StatusForbidden)
	if p := read[api.Page[pbxapi.DeviceState]](admin, "/api/v1/devices"); len(p.Items) != 1 ||
		p.Items[0].Bindings == nil {
		t.Errorf("devices %+v", p)
	}
	admin.call("PUT", "/api/v1/extensions/201", object{"kind": "user", "user": h.seller.ID}).want(http.StatusOK)
	if me := read[Me](h.asSeller(), "/api/v1/me"); len(me.Extensions) != 1 || me.Extensions[0] != "201" {
		t.Errorf("extensions %v", me.Extensions)
	}
	admin.call("PUT", "/api/v1/settings", Settings{"ACME", "ro", 3}).want(http.StatusOK)
	if got := read[Settings](h.asSeller(), "/api/v1/settings"); got.Company != "ACME" {
		t.Errorf("settings %+v", got)
	}
	if sys := read[System](admin, "/api/v1/system"); !sys.Database.OK || !sys.Bus.OK || sys.Version != "test" {
		t.Errorf("system %+v", sys)
	}
}

// A trunk is tried against a real SIP server: our own.
func TestTrunkTest(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	admin := h.asAdmin()
	var good, bad struct{ ID string }
	admin.call("POST", "/api/v1/trunks", object{"name": "Good", "host": h.sip,
		"codecs": []string{"PCMA"}}).want(http.StatusCreated).into(&good)
	admin.call("POST", "/api/v1/trunks", object{"name": "Off", "host": "127.0.0.1:9", "codecs": []string{"PCMA"},
		"active": false}).want(http.StatusCreated).into(&bad)
	var test pbxapi.TrunkTest
	admin.call("POST", "/api/v1/trunks/"+good.ID+"/test", nil).want(http.StatusOK).into(&test)
	if !test.OK || len(test.Steps) != 2 {
		t.Errorf("test %+v", test)
	}
	livetest.Await(t, "the trunk's state", func() bool {
		r := admin.call("GET", "/api/v1/trunks/"+good.ID+"/status", nil)
		return r.status == http.StatusOK && strings.Contains(string(r.body), `"reachable":true`)
	})
	admin.call("GET", "/api/v1/trunks/"+bad.ID+"/status", nil).problem(http.StatusNotFound)
	admin.call("POST", "/api/v1/trunks/nope/test", nil).problem(http.StatusNotFound)
	called := func(to string) (told string) {
		var test pbxapi.TrunkTest
		admin.call("POST", "/api/v1/trunks/"+good.ID+"/call", object{"to": to}).want(http.StatusOK).into(&test)
		for _, s := range test.Steps {
			told += fmt.Sprintf("%s %v %s;", s.Kind, s.OK, s.Told)
		}
		return told
	}
	admin.call("PUT", "/api/v1/outbound", object{"countries": []string{"RO"}, "short": []string{}, "premium": false}).
		want(http.StatusOK)
	if got := called("+88213000000"); got != "allowed false forbidden;" {
		t.Errorf("a satellite: %s", got)
	}
	if got := called("0722000111"); !strings.HasPrefix(got, "taken false 4") {
		t.Errorf("a number that nobody has there: %s", got)
	}
	admin.call("POST", "/api/v1/trunks/nope/call", object{"to": "112"}).problem(http.StatusNotFound)
	h.asSeller().call("POST", "/api/v1/trunks/"+good.ID+"/call", object{"to": "112"}).problem(http.StatusForbidden)
}

func TestTrunkPasswordsStayInside(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	admin := h.asAdmin()
	r := admin.call("POST", "/api/v1/trunks",
		object{"name": "Carrier", "host": "127.0.0.1", "register": true, "username": "acme", "password": "s3cret",
			"codecs": []string{"PCMA"}})
	r.want(http.StatusCreated)
	if got := string(r.body); strings.Contains(got, "s3cret") {
		t.Errorf("the password is in %s", got)
	}
	var trunk struct{ ID string }
	r.into(&trunk)
	admin.call("PATCH", "/api/v1/trunks/"+trunk.ID, object{"name": "Carrier 2"}).want(http.StatusOK)
	stored, err := h.dir.Trunk(t.Context(), trunk.ID)
	if err != nil || stored.Password != "s3cret" || stored.Name != "Carrier 2" {
		t.Errorf("stored %+v, %v", stored, err)
	}
}

func TestPeerLogsInAtTrunk(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	admin := h.asAdmin()
	admin.call("POST", "/api/v1/trunks", object{"name": "PBX", "host": "127.0.0.1",
		"in_username": "peer"}).problem(http.StatusUnprocessableEntity)
	var trunk struct{ ID string }
	admin.call("POST", "/api/v1/trunks", object{"name": "PBX", "host": "127.0.0.1", "in_username": "peer",
		"in_password": "s3cret"}).want(http.StatusCreated).into(&trunk)
	path := "/api/v1/trunks/" + trunk.ID
	for _, step := range []struct {
		change         object
		status         int
		username, pass string
	}{
		{object{"in_username": "peer", "name": "PBX 2"}, http.StatusOK, "peer", "s3cret"},
		{object{"in_username": "other"}, http.StatusUnprocessableEntity, "peer", "s3cret"},
		{object{"in_username": "other", "in_password": "more s3cret"}, http.StatusOK, "other", "more s3cret"},
		{object{"host": ""}, http.StatusOK, "other", "more s3cret"}, // registers here from now on
		{object{"in_username": ""}, http.StatusUnprocessableEntity, "other", "more s3cret"},
		{object{"register": true}, http.StatusUnprocessableEntity, "other", "more s3cret"},
		{object{"host": "127.0.0.1", "in_username": ""}, http.StatusOK, "", ""},
	} {
		admin.call("PATCH", path, step.change).want(step.status)
		want := ""
		if step.username != "" {
			want = h.dir.HA1(step.username, step.pass)
		}
		if got, err := h.dir.Trunk(t.Context(), trunk.ID); err != nil || got.InUsername != step.username ||
			got.InHA1 != want {
			t.Errorf("after %v: %+v, %v", step.change, got, err)
		}
	}
}

func TestLeadToDeal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asSeller()
		h.asAdmin().call("POST", "/api/v1/pipelines",
			object{"name": "Sales", "stages": []object{{"name": "New", "kind": "open"},
				{"name": "Won", "kind": "won"}}}).want(http.StatusCreated)
		pipelines := read[api.Page[crmcore.Pipeline]](c, "/api/v1/pipelines").Items
		pipeline := pipelines[len(pipelines)-1]

		var lead crmcore.Lead
		c.call("POST", "/api/v1/leads", object{"title": "Site request", "name": "Ion Rusu",
			"phones": []string{"+40722000111"}}).want(http.StatusCreated).into(&lead)
		var made crmcore.Converted
		c.call("POST", "/api/v1/leads/"+lead.ID+"/convert",
			object{"deal": object{"pipeline": pipeline.ID, "amount": 120000}}).want(http.StatusOK).into(&made)
		if made.Contact.Name != "Ion Rusu" || made.Deal == nil || made.Deal.Amount != 120000 ||
			made.Lead.Stage != "converted" {
			t.Fatalf("converted to %+v", made)
		}
		var moved crmcore.Deal
		c.call("POST", "/api/v1/deals/"+made.Deal.ID+"/move",
			crmapi.MoveInput{Stage: pipeline.Stages[1].ID}).want(http.StatusOK).into(&moved)
		if moved.Stage != pipeline.Stages[1].ID {
			t.Errorf("moved to %+v", moved)
		}
		sums := "/api/v1/pipelines/" + pipeline.ID + "/sums"
		want := crmcore.StageSum{Stage: moved.Stage, Currency: moved.Currency, Count: 1, Amount: 120000}
		if got := read[api.Page[crmcore.StageSum]](c, sums+"?q=ion&mine=true").Items; len(got) != 1 || got[0] != want {
			t.Errorf("sums %+v", got)
		}
		if got := read[api.Page[crmcore.StageSum]](c, sums+"?q=nobody").Items; len(got) != 0 {
			t.Errorf("sums of nothing %+v", got)
		}
		ref := record.Ref{Kind: record.Contact, ID: made.Contact.ID}
		c.call("POST", "/api/v1/notes", crmapi.NoteInput{Entity: ref, Body: "Wants an offer"}).want(http.StatusCreated)
		var task timeline.Activity
		c.call("POST", "/api/v1/tasks", crmapi.TaskInput{Entity: ref,
			Title: "Call back"}).want(http.StatusCreated).into(&task)
		if day := read[timeline.Day](c, "/api/v1/my-day"); len(day.Tasks) != 1 {
			t.Errorf("my day %+v", day)
		}
		c.call("PATCH", "/api/v1/tasks/"+task.ID, crmapi.TaskPatch{Done: true}).want(http.StatusOK)
		kinds := map[string]bool{}
		for _, a := range read[api.Page[timeline.Activity]](c, "/api/v1/contacts/"+ref.ID+"/timeline").Items {
			kinds[a.Kind] = true
		}
		if !kinds["note"] || !kinds["task"] {
			t.Errorf("timeline of %v", kinds)
		}
		if card := read[crmcore.CardView](c, "/api/v1/contacts/"+ref.ID+"/card"); card.Name != "Ion Rusu" ||
			len(card.Deals) != 1 {
			t.Errorf("card %+v", card)
		}
	})
}

func TestRules(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	admin := h.asAdmin()
	var rule rules.Rule
	admin.call("POST", "/api/v1/rules", crmapi.RuleInput{
		Name: "Calls to the seller", Active: true,
		When: rules.Condition{Field: "source", Op: "is", Values: []string{"call"}},
		Then: rules.Action{Create: true, Assign: "user", User: h.seller.ID},
	}).want(http.StatusCreated).into(&rule)
	var run crmapi.DryRun
	admin.call("POST", "/api/v1/rules/dry-run",
		crmapi.DryRunInput{Channel: timeline.Call, From: "+40722000111"}).want(http.StatusOK).into(&run)
	if run.Decision.User != h.seller.ID || run.Decision.Rule != rule.Name || len(run.Trace) == 0 {
		t.Errorf("dry run %+v", run)
	}
	admin.call("POST", "/api/v1/rules/dry-run",
		crmapi.DryRunInput{Channel: timeline.Mail, From: "ana@example.com"}).want(http.StatusOK).into(&run)
	if run.Decision.Rule == rule.Name {
		t.Errorf("dry run of a mail %+v", run)
	}
	admin.call("POST", "/api/v1/rules/dry-run",
		crmapi.DryRunInput{Channel: timeline.Call, From: "???"}).problem(http.StatusUnprocessableEntity)
	admin.call("DELETE", "/api/v1/rules/"+rule.ID, nil).want(http.StatusNoContent)
}

func TestDemo(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	var called []string
	h.server.deps.Demo = &Demo{
		Info: DemoInfo{Domain: "acme.test", Users: []DemoUser{{Login: "seller", Password: sellerPassword}}},
		Call: func(_ context.Context, number, from string) error { called = append(called, number, from); return nil },
	}
	if info := read[DemoInfo](h.client(), "/api/v1/demo"); info.Domain != "acme.test" || len(info.Users) != 1 ||
		info.Numbers == nil {
		t.Errorf("demo %+v", info)
	}
	h.client().call("POST", "/api/v1/demo/call", object{}).problem(http.StatusUnauthorized)
	h.asSeller().call("POST", "/api/v1/demo/call", object{"number": "+40310000001"}).want(http.StatusNoContent)
	if len(called) != 2 || called[0] != "+40310000001" {
		t.Errorf("called %v", called)
	}
}
