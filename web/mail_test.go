package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

const withFile = "From: Ana <ana@example.com>\r\nTo: sales@acme.test\r\nSubject: Hello\r\nMessage-ID: <1@example.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<p onclick=x>Hi</p><script>alert(1)</script><img src=https://tracker.example/a.png>\r\n" +
	"--b\r\nContent-Type: text/html; name=\"page.html\"\r\nContent-Disposition: attachment; filename=\"page.html\"\r\n\r\n<script>alert(2)</script>\r\n--b--\r\n"

// mailbox makes a domain and a mailbox of the seller over the API, with one message in it.
func (h *house) mailbox() (box mail.Mailbox, inbox mail.Folder) {
	h.t.Helper()
	admin := h.asAdmin()
	admin.call("POST", "/api/v1/mail/domains", DomainInput{"acme.test"}).want(http.StatusCreated)
	admin.call("POST", "/api/v1/mail/mailboxes", object{"address": "sales@acme.test", "name": "Sales", "users": []string{h.seller.ID}}).
		want(http.StatusCreated).into(&box)
	inbox, err := h.box.Folder(context.Background(), box.ID, "INBOX")
	if err != nil {
		h.t.Fatal(err)
	}
	blob, size, err := h.box.PutBlob(context.Background(), strings.NewReader(withFile))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.box.Append(context.Background(), mail.Addition{Mailbox: box.ID, Folder: "INBOX", Blob: blob, Size: size}); err != nil {
		h.t.Fatal(err)
	}
	return box, inbox
}

func TestMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		box, inbox := h.mailbox()
		c := h.asSeller()
		page := read[Page[mail.Summary]](c, "/api/v1/mail/messages?folder="+inbox.ID)
		if len(page.Items) != 1 || page.Items[0].Subject != "Hello" || page.Items[0].Seen {
			t.Fatalf("messages %+v", page)
		}
		path := "/api/v1/mail/messages/" + page.Items[0].ID
		m := read[mail.Message](c, path)
		if strings.Contains(m.HTML, "script") || strings.Contains(m.HTML, "tracker") || !m.Remote || len(m.Files) != 1 {
			t.Errorf("shown as %+v", m)
		}
		if m := read[mail.Message](c, path+"?remote=true"); !strings.Contains(m.HTML, "https://tracker.example/a.png") {
			t.Errorf("with pictures: %s", m.HTML)
		}
		file := c.call("GET", path+"/files/"+m.Files[0].Part, nil).want(http.StatusOK)
		if !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment; filename=page.html") || !strings.Contains(file.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("a page as an attachment: %v", file.header)
		}
		if raw := c.call("GET", path+"/raw", nil).want(http.StatusOK); !strings.Contains(string(raw.body), "boundary=b") || raw.header.Get("Content-Type") != "message/rfc822" {
			t.Errorf("raw: %v %.80s", raw.header, raw.body)
		}
		c.call("PATCH", path, object{"seen": true, "flagged": true}).want(http.StatusNoContent)
		folders := read[Page[mail.Folder]](c, "/api/v1/mail/mailboxes/"+box.ID+"/folders").Items
		archive := folders[slices.IndexFunc(folders, func(f mail.Folder) bool { return f.Use == "Archive" })]
		c.call("PATCH", "/api/v1/mail/messages", object{"ids": []string{page.Items[0].ID}, "folder": archive.ID}).want(http.StatusNoContent)
		moved := read[Page[mail.Conversation]](c, "/api/v1/mail/threads?folder="+archive.ID)
		if len(moved.Items) != 1 || !moved.Items[0].Seen || !moved.Items[0].Flagged {
			t.Errorf("moved %+v", moved)
		}
	})
}

// Nobody reads a mailbox that is not his, not even an admin.
func TestMailIsPrivate(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	box, inbox := h.mailbox()
	id := read[Page[mail.Summary]](h.asSeller(), "/api/v1/mail/messages?folder="+inbox.ID).Items[0].ID
	admin := h.asAdmin()
	for _, path := range []string{"/mailboxes/" + box.ID + "/folders", "/messages?folder=" + inbox.ID, "/messages/" + id, "/messages/" + id + "/raw", "/messages/" + id + "/files/2"} {
		admin.call("GET", "/api/v1/mail"+path, nil).problem(http.StatusNotFound)
	}
	admin.call("PATCH", "/api/v1/mail/messages/"+id, object{"seen": true}).problem(http.StatusNotFound)
}

func TestSendMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c := h.asSeller()
		draft := object{"from": "sales@acme.test", "to": []string{"ana@example.com"}, "subject": "Offer", "text": "Here it is."}
		var sent Sent
		c.call("POST", "/api/v1/mail/send", draft).want(http.StatusAccepted).into(&sent)
		if m := read[mail.Message](c, "/api/v1/mail/messages/"+sent.Message); !m.Outgoing || m.Subject != "Offer" {
			t.Errorf("the copy in Sent: %+v", m)
		}
		queued := read[Page[struct{ ID, To string }]](h.asAdmin(), "/api/v1/mail/queue")
		if len(queued.Items) != 1 || queued.Items[0].To != "ana@example.com" {
			t.Fatalf("queue %+v", queued)
		}
		h.asAdmin().call("POST", "/api/v1/mail/queue/"+queued.Items[0].ID+"/retry", nil).want(http.StatusNoContent)
		draft["from"] = "boss@acme.test"
		c.call("POST", "/api/v1/mail/send", draft).problem(http.StatusForbidden)
		draft["from"], draft["to"] = "sales@acme.test", []string{"nobody"}
		c.call("POST", "/api/v1/mail/send", draft).problem(http.StatusUnprocessableEntity)
		if p := read[Page[DNSRecord]](h.asAdmin(), "/api/v1/mail/domains/acme.test/records"); len(p.Items) != 4 {
			t.Errorf("records %+v", p)
		}
	})
}
