package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/mail/compose"
	"frontdesk/mail/desk"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/mailapi"
)

// A template is filled with what the sender may see of the client, and with nothing of what is a colleague's.
func TestTemplatesAreFilled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c := h.asSeller()
		var company, contact struct{ ID string }
		c.call("POST", "/api/v1/companies", object{"name": "Acme <Ltd>"}).want(http.StatusCreated).into(&company)
		c.call("POST", "/api/v1/contacts", object{"name": "Ana Maria Pop", "company": company.ID,
			"emails": []string{"ana@example.com"},
			"phones": []string{"+40722000001"}}).want(http.StatusCreated).into(&contact)
		h.asAdmin().call("POST", "/api/v1/contacts", object{"name": "Zzsecret",
			"emails": []string{"hidden@example.com"}}).want(http.StatusCreated)
		var template compose.Template
		c.call("POST", "/api/v1/mail/templates", object{"name": "Offer", "subject": "For {{contact.name}}",
			"html": "<p>{{contact.first_name}} of {{company.name}}, {{contact.phone}}, " +
				"{{deal.title}}, {{me.name}}</p>"}).want(http.StatusCreated).into(&template)
		fill := func(to string) (f compose.Filled) {
			c.call("POST", "/api/v1/mail/templates/"+template.ID+"/fill", object{"from": "sales@acme.test",
				"to": to}).want(http.StatusOK).into(&f)
			return f
		}
		if f := fill("ANA@example.com"); f.Subject != "For Ana Maria Pop" ||
			f.HTML != "<p>Ana of Acme &lt;Ltd&gt;, +40722000001, {{deal.title}}, SELLER</p>" ||
			!slices.Equal(f.Unknown, []string{"deal.title"}) {
			t.Errorf("filled %+v", f)
		}
		if f := fill("hidden@example.com"); strings.Contains(f.Subject+f.HTML, "Zzsecret") || len(f.Unknown) != 5 {
			t.Errorf("another's client: %+v", f)
		}
		h.asAdmin().call("POST", "/api/v1/mail/templates/"+template.ID+"/fill", object{}).problem(http.StatusNotFound)
		h.asAdmin().call("DELETE", "/api/v1/mail/templates/"+template.ID, nil).problem(http.StatusNotFound)
		c.call("DELETE", "/api/v1/mail/templates/"+template.ID, nil).want(http.StatusNoContent)
	})
}

// A formatted draft with a picture comes back as it was saved; it goes out when its writer says, or is taken back.
func TestFormattedDrafts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c := h.asSeller()
		words := `{"from":"sales@acme.test","to":["ana@example.com"],"subject":"Offer","text":"","html":"<p>Hi <strong>you</strong><script>x</script> <img src=\"cid:p1@frontdesk\" alt=\"plan\"></p>` +
			`<div class=\"frontdesk_signature\"><p>Sales</p></div>","ids":["p1@frontdesk",""]}`
		var saved mail.SavedDraft
		c.form("/api/v1/mail/drafts/files", part{"mail", "", "application/json", words}, part{"file", "plan.png",
			"image/png", "\x89PNG"},
			part{"file", "a.txt", "text/plain", "A"}).want(http.StatusOK).into(&saved)
		want := `<p>Hi <strong>you</strong> <img src="cid:p1@frontdesk" alt="plan"/></p><div class="frontdesk_signature"><p>Sales</p></div>`
		if got := strings.TrimSpace(saved.HTML); got != want && got != strings.ReplaceAll(want, `"/>`, `">`) ||
			saved.Formatted || len(saved.Stored) != 2 ||
			saved.Stored[0].ID != "p1@frontdesk" || saved.Stored[1].ID != "" || !strings.Contains(saved.Text,
			"Hi you [plan]") || !strings.Contains(saved.Text, "\n-- \nSales") {
			t.Fatalf("saved %+v", saved)
		}
		file := c.call("GET", "/api/v1/mail/messages/"+saved.ID+"/files/"+saved.Stored[0].Part, nil).want(http.StatusOK)
		if string(file.body) != "\x89PNG" {
			t.Errorf("the picture is %q", file.body)
		}
		send := "/api/v1/mail/drafts/" + saved.ID + "/send"
		c.call("POST", send, object{"version": saved.Version,
			"at": "2020-01-01T00:00:00Z"}).problem(http.StatusUnprocessableEntity)
		var sent mailapi.Sent
		c.call("POST", send, object{"version": saved.Version, "undo": 60}).want(http.StatusAccepted).into(&sent)
		if sent.At == nil || sent.ID != "" {
			t.Errorf("sent %+v", sent)
		}
		list := read[api.Page[desk.Scheduled]](c, "/api/v1/mail/scheduled").Items
		if len(list) != 1 || list[0].Draft != saved.ID || !list[0].Undo ||
			len(read[api.Page[desk.Scheduled]](h.asAdmin(), "/api/v1/mail/scheduled").Items) != 0 {
			t.Errorf("scheduled %+v", list)
		}
		h.asAdmin().call("DELETE", "/api/v1/mail/scheduled/"+saved.ID, nil).problem(http.StatusGone)
		c.call("DELETE", "/api/v1/mail/scheduled/"+saved.ID, nil).want(http.StatusNoContent)
		c.call("DELETE", "/api/v1/mail/scheduled/"+saved.ID, nil).problem(http.StatusGone)
		c.call("POST", send, object{"version": saved.Version}).want(http.StatusAccepted).into(&sent)
		m := read[mail.Message](c, "/api/v1/mail/messages/"+sent.Message)
		if !strings.Contains(m.HTML, `src="data:image/png;base64,`) || len(m.Files) != 1 || m.Files[0].Name != "a.txt" {
			t.Errorf("the copy in Sent: %+v", m)
		}
	})
}
