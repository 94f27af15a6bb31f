package web

import (
	"net/http"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/mailapi"
)

// What a browser does while a mail is written: saves, files, another tab's save, and the sending.
func TestDrafts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c := h.asSeller()
		const path = "/api/v1/mail/drafts"
		draft := object{"from": "sales@acme.test", "to": []string{"ana@example.com"}, "subject": "Offer",
			"text": "Here"}
		var saved mail.SavedDraft
		c.call("POST", path, draft).want(http.StatusOK).into(&saved)
		words := `{"from":"sales@acme.test","to":["ana@example.com"],"subject":"Offer","text":"Here it is","id":"` +
			saved.ID + `","version":"` + saved.Version + `"}`
		var second mail.SavedDraft
		c.form(path+"/files", part{"mail", "", "application/json", words},
			part{"file", "a ș.txt", "text/plain", "A"}).want(http.StatusOK).into(&second)
		if second.ID != saved.ID || len(second.Stored) != 1 || second.Stored[0].Name != "a ș.txt" ||
			second.Text != "Here it is" {
			t.Fatalf("saved with a file: %+v", second)
		}
		draft["id"], draft["version"] = saved.ID, saved.Version
		c.call("POST", path, draft).problem(http.StatusConflict)
		if read := read[mail.SavedDraft](c, path+"/"+saved.ID); read.Text != "Here it is" ||
			read.Version != second.Version {
			t.Errorf("read %+v", read)
		}
		for _, call := range []struct {
			method, path string
			body         any
		}{{"GET", path + "/" + saved.ID, nil},
			{"POST", path + "/" + saved.ID + "/send", object{"version": second.Version}}} {
			h.asAdmin().call(call.method, call.path, call.body).problem(http.StatusNotFound)
		}
		h.asAdmin().call("POST", path, draft).problem(http.StatusForbidden)
		c.call("POST", path+"/"+saved.ID+"/send", object{"version": saved.Version}).problem(http.StatusConflict)
		var sent mailapi.Sent
		c.call("POST", path+"/"+saved.ID+"/send",
			object{"version": second.Version}).want(http.StatusAccepted).into(&sent)
		if m := read[mail.Message](c, "/api/v1/mail/messages/"+sent.Message); m.Draft || !m.Outgoing ||
			len(m.Files) != 1 || !strings.Contains(m.Text, "Here it is") {
			t.Errorf("the copy in Sent: %+v", m)
		}
		c.call("POST", path+"/"+saved.ID+"/send", object{"version": second.Version}).problem(http.StatusNotFound)
		delete(draft, "id")
		delete(draft, "version")
		draft["to"] = []string{"nobody"}
		c.call("POST", path, draft).want(http.StatusOK).into(&saved)
		c.call("POST", path+"/"+saved.ID+"/send",
			object{"version": saved.Version}).problem(http.StatusUnprocessableEntity)
	})
}
