package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/guard/acme"
	"frontdesk/mail"
	"frontdesk/mail/bounce"
	"frontdesk/mail/carbon"
	"frontdesk/mail/domain"
	"frontdesk/mail/exclusion"
	"frontdesk/mail/greylist"
	"frontdesk/mail/limit"
	"frontdesk/mail/passwords"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/queue"
	"frontdesk/mail/relay"
	"frontdesk/mail/reports"
	"frontdesk/mail/tally"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/mailapi"
)

// What an administrator sees and changes of a domain: its records, its keys, its policy.
func TestDomainOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		admin := h.asAdmin()
		const path = "/api/v1/mail/domains/acme.test"
		records := read[api.Page[domain.DNSRecord]](admin, path+"/records").Items
		if len(records) != 10 || records[0].Value != "10 mail.acme.test." {
			t.Errorf("records %+v", records)
		}
		check := read[domain.Check](admin, path+"/check")
		if len(check.Findings) < 10 || check.Findings[0].State != domain.Missing || !strings.Contains(check.Zone,
			"IN MX 10 mail.acme.test.") ||
			check.Reach.Problem != "port_unproven" {
			t.Errorf("check %+v", check)
		}
		if s := read[reports.Summary](admin, path+"/reports"); s.DMARC == nil || len(s.Reports) != 0 {
			t.Errorf("reports %+v", s)
		}
		admin.call("GET", "/api/v1/mail/domains/other.test/reports", nil).problem(http.StatusNotFound)
		var d domain.Domain
		admin.call("POST", path+"/keys", nil).want(http.StatusOK).into(&d)
		if len(d.Keys) != 4 {
			t.Errorf("keys %+v", d.Keys)
		}
		admin.call("PATCH", path, object{"sts": "perhaps"}).problem(http.StatusUnprocessableEntity)
		admin.call("PATCH", path, object{"sts": "enforce"}).want(http.StatusOK).into(&d)
		if d.STS != domain.STSEnforce {
			t.Errorf("%+v", d)
		}
		admin.call("GET", "/api/v1/mail/domains/other.test/check", nil).problem(http.StatusNotFound)
		h.asSeller().call("GET", path+"/check", nil).problem(http.StatusForbidden)
	})
}

// Addresses without a mailbox of their own, over the API.
func TestAliasesOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		box, _ := h.mailbox()
		admin := h.asAdmin()
		set := func(address string, to ...string) *response {
			return admin.call("PUT", "/api/v1/mail/aliases", object{"address": address, "mailboxes": to})
		}
		set("Office@acme.test", box.ID).want(http.StatusOK)
		set("@acme.test", box.ID).want(http.StatusOK)
		set("sales@acme.test", box.ID).problem(http.StatusConflict)
		set("x@elsewhere.test", box.ID).problem(http.StatusUnprocessableEntity)
		set("x@acme.test", "nobody").problem(http.StatusNotFound)
		if list := read[api.Page[domain.Alias]](admin, "/api/v1/mail/aliases").Items; len(list) != 2 ||
			list[1].Address != "office@acme.test" {
			t.Errorf("%+v", list)
		}
		admin.call("DELETE", "/api/v1/mail/aliases/@acme.test", nil).want(http.StatusNoContent)
		if list, err := h.box.Resolve(context.Background(), "office+x@acme.test"); err != nil || len(list) != 1 ||
			list[0].ID != box.ID {
			t.Errorf("%+v %v", list, err)
		}
		h.asSeller().call("GET", "/api/v1/mail/aliases", nil).problem(http.StatusForbidden)
	})
}

// A password is told once, is its owner's alone, and an administrator revokes it.
func TestMailPasswordsOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c, admin := h.asSeller(), h.asAdmin()
		ended := make(chan string, 8)
		h.hub.AtEnd(func(user string) { ended <- user })
		var made mailapi.MadePassword
		c.call("POST", "/api/v1/mail/passwords", object{"name": "Phone", "reads": true,
			"sends": false}).want(http.StatusCreated).into(&made)
		if !passwords.Looks(made.Secret) {
			t.Errorf("made %+v", made)
		}
		c.call("POST", "/api/v1/mail/passwords", object{"name": "Phone", "reads": false,
			"sends": false}).problem(http.StatusUnprocessableEntity)
		if list := c.call("GET", "/api/v1/mail/passwords",
			nil).want(http.StatusOK); strings.Contains(string(list.body), made.Secret) {
			t.Errorf("told again: %s", list.body)
		}
		c.call("GET", "/api/v1/mail/passwords?user="+h.admin.ID, nil).problem(http.StatusForbidden)
		if list := read[api.Page[passwords.Password]](admin, "/api/v1/mail/passwords").Items; len(list) != 0 {
			t.Errorf("an administrator's own: %+v", list)
		}
		admin.call("DELETE", "/api/v1/mail/passwords/"+made.ID, nil).problem(http.StatusNotFound)
		admin.call("DELETE", "/api/v1/mail/passwords/"+made.ID+"?user="+h.seller.ID, nil).want(http.StatusNoContent)
		if user := <-ended; user != h.seller.ID {
			t.Errorf("ended %s", user)
		}
		c.call("PUT", "/api/v1/mail/password-rule", object{"only": true, "company": true}).problem(http.StatusForbidden)
		var rule mailapi.MailPasswordRule
		c.call("PUT", "/api/v1/mail/password-rule", object{"only": true,
			"company": false}).want(http.StatusOK).into(&rule)
		if !rule.Only || rule.Company || <-ended != h.seller.ID {
			t.Errorf("%+v", rule)
		}
		admin.call("PUT", "/api/v1/mail/password-rule", object{"only": false,
			"company": true}).want(http.StatusOK).into(&rule)
		if rule.Only || !rule.Company {
			t.Errorf("%+v", rule)
		}
	})
}

// Everybody steers his own mail that waits, an administrator all of it.
func TestQueueOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c, admin := h.asSeller(), h.asAdmin()
		c.call("POST", "/api/v1/mail/send", object{"from": "sales@acme.test", "to": []string{"ana@example.com"},
			"subject": "Offer", "text": "x"}).
			want(http.StatusAccepted)
		c.call("GET", "/api/v1/mail/queue?all=true", nil).problem(http.StatusForbidden)
		mine := read[api.Page[queue.Item]](c, "/api/v1/mail/queue").Items
		if len(mine) != 1 || mine[0].Why != "new" || len(read[api.Page[queue.Item]](admin,
			"/api/v1/mail/queue").Items) != 0 {
			t.Fatalf("%+v", mine)
		}
		path := "/api/v1/mail/queue/" + mine[0].ID
		h.user("other", "pw of another 1", "user")
		other := h.as("other", "pw of another 1")
		other.call("POST", path+"/hold", nil).problem(http.StatusNotFound)
		other.call("DELETE", path, nil).problem(http.StatusNotFound)
		c.call("POST", path+"/hold", nil).want(http.StatusNoContent)
		if l := read[api.Page[queue.Item]](admin, "/api/v1/mail/queue?all=true").Items; len(l) != 1 || !l[0].Held {
			t.Errorf("held %+v", l)
		}
		admin.call("POST", path+"/retry", nil).want(http.StatusNoContent)
		admin.call("DELETE", path+"?notice=true", nil).want(http.StatusNoContent)
		if l := read[api.Page[queue.Item]](admin, "/api/v1/mail/queue?all=true").Items; len(l) != 1 ||
			l[0].To != "sales@acme.test" {
			t.Errorf("the notice: %+v", l)
		}
	})
}

// Servers that send our mail on, and limits of sending, are an administrator's; a password is never told.
func TestWaysOutOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		admin := h.asAdmin()
		const path = "/api/v1/mail/smarthosts"
		var host relay.Host
		admin.call("POST", path, object{"address": "smtp.example:587", "user": "u",
			"password": "open sesame"}).problem(http.StatusUnprocessableEntity)
		made := admin.call("POST", path, object{"address": "127.0.0.1:1", "user": "u", "password": "open sesame",
			"tls": "starttls"}).want(http.StatusCreated)
		if made.into(&host); strings.Contains(string(made.body), "sesame") {
			t.Errorf("told: %s", made.body)
		}
		admin.call("PUT", path+"/"+host.ID, object{"address": "127.0.0.1:1", "user": "u",
			"tls": "tls"}).want(http.StatusOK)
		admin.call("PUT", path+"/"+host.ID, object{"address": "evil.example:1", "user": "u",
			"tls": "tls"}).problem(http.StatusUnprocessableEntity)
		var trial mailapi.HostTrial
		admin.call("POST", path+"/"+host.ID+"/test", nil).want(http.StatusOK).into(&trial)
		if trial.OK || trial.Answer == "" {
			t.Errorf("%+v", trial)
		}
		if list := read[api.Page[relay.Host]](admin, path).Items; len(list) != 1 || list[0].TLS != relay.Immediate {
			t.Errorf("%+v", list)
		}
		admin.call("DELETE", path+"/"+host.ID, nil).want(http.StatusNoContent)
		h.asSeller().call("GET", path, nil).problem(http.StatusForbidden)

		admin.call("PUT", "/api/v1/mail/sending-limits", limit.Exception{User: h.seller.ID,
			Rule: limit.Rule{Day: 1}}).want(http.StatusOK)
		draft := object{"from": "sales@acme.test", "to": []string{"a@example.com", "b@example.com"},
			"subject": "Offer", "text": "x"}
		h.asSeller().call("POST", "/api/v1/mail/send", draft).problem(http.StatusTooManyRequests)
		limits := read[mailapi.SendingLimits](admin, "/api/v1/mail/sending-limits")
		if len(limits.Rules) != 2 || len(limits.Stopped) != 1 || limits.Stopped[0] != h.seller.ID {
			t.Errorf("%+v", limits)
		}
		admin.call("DELETE", "/api/v1/mail/sending-limits/"+h.seller.ID, nil).want(http.StatusNoContent)
		h.asSeller().call("POST", "/api/v1/mail/send", draft).want(http.StatusAccepted)
	})
}

// fetched is what somebody gets who has not logged in, by the name that he asks for.
func (h *house) fetched(method, host, path, body string) (status int, kind, text string) {
	h.t.Helper()
	r, err := http.NewRequest(method, h.http.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(content)
}

// Mail programs and servers find what is for them by the names of the domain, and nothing for domains of others.
func TestSetupIsServed(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	box, _ := h.mailbox()
	const config = "/mail/config-v1.1.xml"
	ask := `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>ana@acme.test</EMailAddress>` +
		`<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`
	for _, test := range []struct {
		method, host, path, body string
		status                   int
		kind, has                string
	}{
		{"GET", "autoconfig.acme.test:443", config, "", 200, "text/xml; charset=utf-8", "<hostname>mail.acme.test</hostname>"},
		{"GET", "", "/.well-known/autoconfig" + config + "?emailaddress=nobody@ACME.test", "", 200, "text/xml; charset=utf-8", "<port>465</port>"},
		{"GET", "", "/.well-known/autoconfig" + config + "?emailaddress=a@other.test", "", 404, "application/problem+json", ""},
		{"POST", "", "/autodiscover/autodiscover.xml", ask, 200, "text/xml; charset=utf-8", "<LoginName>ana@acme.test</LoginName>"},
		{"POST", "", "/Autodiscover/Autodiscover.xml", strings.ReplaceAll(ask, "acme", "other"), 200, "text/xml; charset=utf-8", "<ErrorCode>500<"},
		{"POST", "", "/autodiscover/autodiscover.xml", strings.Repeat("<", 100_000), 200, "text/xml; charset=utf-8", "<ErrorCode>600<"},
		{"GET", "", "/autodiscover/autodiscover.xml", "", 200, "text/xml; charset=utf-8", "<ErrorCode>600<"},
		{"GET", "mta-sts.acme.test", domain.PolicyPath, "", 404, "application/problem+json", ""},
	} {
		status, kind, text := h.fetched(test.method, test.host, test.path, test.body)
		if status != test.status || kind != test.kind || !strings.Contains(text, test.has) {
			t.Errorf("%s %s%s: %d %s %s", test.method, test.host, test.path, status, kind, text)
		}
	}
	h.asAdmin().call("PATCH", "/api/v1/mail/domains/acme.test", object{"sts": "testing"}).want(http.StatusOK)
	const policy = "version: STSv1\r\nmode: testing\r\nmx: mail.acme.test\r\nmax_age: 86400\r\n"
	if status, kind, text := h.fetched("GET", "mta-sts.acme.test", domain.PolicyPath, ""); status != 200 ||
		kind != "text/plain; charset=utf-8" || text != policy {
		t.Errorf("policy: %d %s %q", status, kind, text)
	}
	profile := h.asSeller().call("GET", "/api/v1/mail/mailboxes/"+box.ID+"/profile", nil).want(http.StatusOK)
	if profile.header.Get("Content-Type") != "application/x-apple-aspen-config" ||
		!strings.Contains(string(profile.body), "<string>sales@acme.test</string>") {
		t.Errorf("profile: %v %s", profile.header, profile.body)
	}
	h.asAdmin().call("GET", "/api/v1/mail/mailboxes/"+box.ID+"/profile", nil).problem(http.StatusNotFound)
}

// An address that does not exist is told to whoever asks for it, listed for administrators, and tried again by anybody.
func TestDeadOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		if err := bounce.New(db).Add(t.Context(), db, bounce.Failure{Address: "Gone@far.test", Status: "5.1.1",
			Answer: "550 no"}); err != nil {
			t.Fatal(err)
		}
		c, admin := h.asSeller(), h.asAdmin()
		if list := read[api.Page[bounce.Entry]](admin, "/api/v1/mail/dead").Items; len(list) != 1 ||
			list[0].Address != "gone@far.test" {
			t.Errorf("%+v", list)
		}
		c.call("GET", "/api/v1/mail/dead", nil).problem(http.StatusForbidden)
		if e := read[bounce.Entry](c, "/api/v1/mail/dead/GONE@far.test"); e.Answer != "550 no" {
			t.Errorf("%+v", e)
		}
		const among = "/api/v1/mail/undeliverable?address=Gone@far.test&address=there@far.test"
		if l := read[api.Page[bounce.Entry]](c, among).Items; len(l) != 1 || l[0].Address != "gone@far.test" {
			t.Errorf("among others: %+v", l)
		}
		c.call("DELETE", "/api/v1/mail/dead/gone@far.test", nil).want(http.StatusNoContent)
		c.call("GET", "/api/v1/mail/dead/gone@far.test", nil).problem(http.StatusNotFound)
	})
}

// An administrator sees the heads of stopped mail, releases it, knowing of a virus, or deletes it.
func TestQuarantineOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		box, inbox := h.mailbox()
		admin, ctx := h.asAdmin(), context.Background()
		keeper := quarantine.New(db, h.box)
		for i, cause := range []mail.Cause{mail.Virus, mail.Spam, mail.Forged} {
			blob, size, err := h.box.PutBlob(ctx, strings.NewReader("From: Eve <eve@evil.test>\r\nSubject: No "+
				string(rune('1'+i))+"\r\n\r\nsecret"))
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := h.box.Parse(ctx, blob)
			if err != nil {
				t.Fatal(err)
			}
			if err := keeper.Keep(ctx, cause, "because", mail.Delivery{Blob: blob, Size: size, Parsed: parsed,
				Received: time.Now(), To: []mail.Recipient{{Mailbox: box.ID, Address: box.Address}}}); err != nil {
				t.Fatal(err)
			}
		}
		const path = "/api/v1/mail/quarantine"
		h.asSeller().call("GET", path, nil).problem(http.StatusForbidden)
		first := read[api.Page[quarantine.Held]](admin, path+"?limit=2")
		rest := read[api.Page[quarantine.Held]](admin, path+"?limit=2&after="+first.Next)
		if len(first.Items) != 2 || len(rest.Items) != 1 || rest.Items[0].Cause != mail.Virus ||
			rest.Items[0].From.Name != "Eve" || first.Items[0].Reason != "because" {
			t.Fatalf("%+v %+v", first, rest)
		}
		infected := path + "/" + rest.Items[0].ID
		admin.call("POST", infected+"/release", nil).problem(http.StatusPreconditionRequired)
		admin.call("POST", infected+"/release?anyway=true", nil).want(http.StatusNoContent)
		admin.call("POST", infected+"/release?anyway=true", nil).problem(http.StatusNotFound)
		admin.call("DELETE", path+"/"+first.Items[0].ID, nil).want(http.StatusNoContent)
		in := read[api.Page[mail.Summary]](h.asSeller(), "/api/v1/mail/messages?folder="+inbox.ID).Items
		if len(in) != 2 || in[0].Subject != "No 1" {
			t.Errorf("%+v", in)
		}
		const policy = "/api/v1/mail/quarantine-policy"
		state := read[mailapi.QuarantineState](admin, policy)
		if state.Mails != 1 || state.Bytes == 0 || state.Policy != quarantine.Standard() || state.Scanner {
			t.Errorf("%+v", state)
		}
		admin.call("PUT", policy, object{"virus": "junk", "forged": "junk", "spam": "junk", "days": 1,
			"room": 1}).problem(http.StatusUnprocessableEntity)
		admin.call("PUT", policy, object{"virus": "quarantine", "forged": "reject", "spam": "quarantine", "days": 7,
			"room": 5}).want(http.StatusOK).into(&state)
		if state.Virus != quarantine.Hold || state.Days != 7 {
			t.Errorf("%+v", state)
		}
	})
}

// Who is asked to come again is an administrator's to say; nobody is until then.
func TestGreylistOverTheAPI(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	const path = "/api/v1/mail/greylist"
	admin := h.asAdmin()
	h.asSeller().call("GET", path, nil).problem(http.StatusForbidden)
	if p := read[greylist.Policy](admin, path); p.Mode != greylist.Off || len(p.Trusted) == 0 {
		t.Errorf("%+v", p)
	}
	set := func(mode, trusted string) *response {
		return admin.call("PUT", path, object{"mode": mode, "minutes": 10, "days": 30, "trusted": []string{trusted}})
	}
	set("some", "a.test").problem(http.StatusUnprocessableEntity)
	set("all", "no domain").problem(http.StatusUnprocessableEntity)
	set("all", " A.test ").want(http.StatusOK)
	if p := read[greylist.Policy](admin, path); p.Mode != greylist.Everybody || p.Trusted[0] != "a.test" {
		t.Errorf("%+v", p)
	}
}

// Administrators see the names that are to have certificates, but for those that never led here, and try again for one
// of ours.
func TestCertificatesOverTheAPI(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	if err := h.server.deps.Certificates.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	const path = "/api/v1/certificates"
	admin := h.asAdmin()
	h.asSeller().call("GET", path, nil).problem(http.StatusForbidden)
	all := read[Certificates](admin, path)
	if !all.Ordered || len(all.Items) != 1 || all.Items[0].Name != "desk.acme.test" ||
		all.Items[0].State != acme.Waiting {
		t.Errorf("%+v", all)
	}
	h.asSeller().call("POST", path+"/desk.acme.test/order", nil).problem(http.StatusForbidden)
	admin.call("POST", path+"/evil.test/order", nil).problem(http.StatusNotFound)
	admin.call("POST", path+"/desk.acme.test/order", nil).want(http.StatusNoContent)
}

// Administrators say whether other domains are told of their mail; they are until then.
func TestToldOverTheAPI(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	const path = "/api/v1/mail/told"
	admin := h.asAdmin()
	h.asSeller().call("GET", path, nil).problem(http.StatusForbidden)
	if p := read[tally.Policy](admin, path); p != tally.Standard() {
		t.Errorf("%+v", p)
	}
	h.asSeller().call("PUT", path, tally.Policy{}).problem(http.StatusForbidden)
	admin.call("PUT", path, tally.Policy{TLS: true}).want(http.StatusOK)
	if p := read[tally.Policy](admin, path); p.DMARC || !p.TLS {
		t.Errorf("%+v", p)
	}
}

// Everybody says whose mail in his own mailboxes the CRM does not hear of, an administrator for the company; an address
// for copies is its user's alone.
func TestFilingOverTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		box, _ := h.mailbox()
		admin, seller := h.asAdmin(), h.asSeller()
		const path = "/api/v1/mail/exclusions"
		var own, all exclusion.Exclusion
		seller.call("POST", path, object{"pattern": "Ana@private.test",
			"mailbox": box.ID}).want(http.StatusCreated).into(&own)
		seller.call("POST", path, object{"pattern": "shop.test"}).problem(http.StatusForbidden)
		seller.call("POST", path, object{"pattern": "shop.test", "mailbox": "other"}).problem(http.StatusNotFound)
		admin.call("POST", path, object{"pattern": "no domain"}).problem(http.StatusUnprocessableEntity)
		admin.call("POST", path, object{"pattern": "shop.test"}).want(http.StatusCreated).into(&all)
		if own.Pattern != "ana@private.test" || all.Pattern != "@shop.test" || all.User != h.admin.ID {
			t.Errorf("%+v %+v", own, all)
		}
		list := read[api.Page[exclusion.Exclusion]](seller, path+"?mailbox="+box.ID).Items
		if len(list) != 1 || list[0] != own {
			t.Errorf("%+v", list)
		}
		h.user("other", "pw of another 1", "user")
		other := h.as("other", "pw of another 1")
		other.call("DELETE", path+"/"+own.ID, nil).problem(http.StatusNotFound)
		seller.call("DELETE", path+"/"+all.ID, nil).problem(http.StatusNotFound)
		seller.call("DELETE", path+"/"+own.ID, nil).want(http.StatusNoContent)
		admin.call("DELETE", path+"/"+all.ID, nil).want(http.StatusNoContent)

		const copies = "/api/v1/mail/carbon"
		if p := read[carbon.Place](seller, copies); p.Address != "" || !slices.Contains(p.From, "sales@acme.test") {
			t.Errorf("%+v", p)
		}
		var first, second carbon.Place
		seller.call("POST", copies, nil).want(http.StatusOK).into(&first)
		seller.call("POST", copies, nil).want(http.StatusOK).into(&second)
		if !strings.HasPrefix(first.Address, "crm+") || !strings.HasSuffix(first.Address, "@acme.test") ||
			first.Address == second.Address {
			t.Errorf("%+v %+v", first, second)
		}
		other.call("POST", copies, nil).problem(http.StatusNotFound)
		seller.call("DELETE", copies, nil).want(http.StatusNoContent)
		if p := read[carbon.Place](seller, copies); p.Address != "" {
			t.Errorf("given up: %+v", p)
		}
	})
}
