package web

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/mailapi"
)

const withFile = "From: Ana <ana@example.com>\r\nTo: sales@acme.test\r\nSubject: Hello\r\n" +
	"Message-ID: <1@example.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<p onclick=x>Hi</p><script>alert(1)</script><img " +
	"src=https://tracker.example/a.png>\r\n" +
	"--b\r\nContent-Type: text/html; name=\"page.html\"\r\n" +
	"Content-Disposition: attachment; filename=\"page.html\"\r\n\r\n<script>alert(2)</script>\r\n--b--\r\n"

// mailbox makes a domain and a mailbox of the seller over the API, with one message in it.
func (h *house) mailbox() (box mail.Mailbox, inbox mail.Folder) {
	h.t.Helper()
	admin := h.asAdmin()
	admin.call("POST", "/api/v1/mail/domains", mailapi.DomainInput{Name: "acme.test"}).want(http.StatusCreated)
	admin.call("POST", "/api/v1/mail/mailboxes",
		object{"address": "sales@acme.test", "name": "Sales", "users": []string{h.seller.ID}}).
		want(http.StatusCreated).into(&box)
	inbox, err := h.box.Folder(context.Background(), box.ID, "INBOX")
	if err != nil {
		h.t.Fatal(err)
	}
	blob, size, err := h.box.PutBlob(context.Background(), strings.NewReader(withFile))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.box.Append(context.Background(),
		mail.Addition{Mailbox: box.ID, Folder: "INBOX", Blob: blob, Size: size}); err != nil {
		h.t.Fatal(err)
	}
	return box, inbox
}

func TestMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		box, inbox := h.mailbox()
		c := h.asSeller()
		page := read[api.Page[mail.Summary]](c, "/api/v1/mail/messages?folder="+inbox.ID)
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
		if !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment; filename=page.html") ||
			!strings.Contains(file.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("a page as an attachment: %v", file.header)
		}
		if raw := c.call("GET", path+"/raw", nil).want(http.StatusOK); !strings.Contains(string(raw.body),
			"boundary=b") || raw.header.Get("Content-Type") != "message/rfc822" {
			t.Errorf("raw: %v %.80s", raw.header, raw.body)
		}
		c.call("PATCH", path, object{"seen": true, "flagged": true}).want(http.StatusNoContent)
		folders := read[api.Page[mail.Folder]](c, "/api/v1/mail/mailboxes/"+box.ID+"/folders").Items
		archive := folders[slices.IndexFunc(folders, func(f mail.Folder) bool { return f.Use == "Archive" })]
		c.call("PATCH", "/api/v1/mail/messages",
			object{"ids": []string{page.Items[0].ID}, "folder": archive.ID}).want(http.StatusNoContent)
		moved := read[api.Page[mail.Conversation]](c, "/api/v1/mail/threads?folder="+archive.ID)
		if len(moved.Items) != 1 || !moved.Items[0].Seen || !moved.Items[0].Flagged {
			t.Errorf("moved %+v", moved)
		}
	})
}

// Nobody reads a mailbox that is not his, not even an admin.
func TestMailIsPrivate(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	box, inbox := h.mailbox()
	id := read[api.Page[mail.Summary]](h.asSeller(), "/api/v1/mail/messages?folder="+inbox.ID).Items[0].ID
	admin := h.asAdmin()
	for _, path := range []string{"/mailboxes/" + box.ID + "/folders", "/messages?folder=" + inbox.ID,
		"/messages/" + id, "/messages/" + id + "/raw", "/messages/" + id + "/files/2"} {
		admin.call("GET", "/api/v1/mail"+path, nil).problem(http.StatusNotFound)
	}
	admin.call("PATCH", "/api/v1/mail/messages/"+id, object{"seen": true}).problem(http.StatusNotFound)
}

func TestSendMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c := h.asSeller()
		draft := object{"from": "sales@acme.test", "to": []string{"ana@example.com"}, "subject": "Offer",
			"text": "Here it is."}
		var sent mailapi.Sent
		c.call("POST", "/api/v1/mail/send", draft).want(http.StatusAccepted).into(&sent)
		if m := read[mail.Message](c, "/api/v1/mail/messages/"+sent.Message); !m.Outgoing || m.Subject != "Offer" {
			t.Errorf("the copy in Sent: %+v", m)
		}
		queued := read[api.Page[struct{ ID, To string }]](h.asAdmin(), "/api/v1/mail/queue?all=true")
		if len(queued.Items) != 1 || queued.Items[0].To != "ana@example.com" {
			t.Fatalf("queue %+v", queued)
		}
		h.asAdmin().call("POST", "/api/v1/mail/queue/"+queued.Items[0].ID+"/retry", nil).want(http.StatusNoContent)
		draft["from"] = "boss@acme.test"
		c.call("POST", "/api/v1/mail/send", draft).problem(http.StatusForbidden)
		draft["from"], draft["to"] = "sales@acme.test", []string{"nobody"}
		c.call("POST", "/api/v1/mail/send", draft).problem(http.StatusUnprocessableEntity)
	})
}

// part is one part of a form: a file when it has a name.
type part struct{ field, name, kind, content string }

// form posts multipart/form-data.
func (c *client) form(path string, parts ...part) *response {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition(p.field, p.name)},
			"Content-Type": {p.kind}}
		out, err := w.CreatePart(header)
		if err != nil {
			c.t.Fatal(err)
		}
		io.WriteString(out, p.content)
	}
	w.Close()
	request := c.request("POST", path, nil)
	request.Body, request.ContentLength = io.NopCloser(&body), int64(body.Len())
	request.Header.Set("Content-Type", w.FormDataContentType())
	r, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return &response{t: c.t, what: "POST " + path, status: r.StatusCode, header: r.Header, body: data}
}

func TestSendMailWithFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.mailbox()
		c := h.asSeller()
		limits := read[mailapi.MailLimits](c, "/api/v1/mail/limits")
		words := part{"mail", "", "application/json",
			`{"from":"sales@acme.test","to":["ana@example.com"],"subject":"Offer","text":"Here it is."}`}
		content := strings.Repeat("\x00\r\n.\xff", 50_000)
		const path = "/api/v1/mail/send/files"
		var sent mailapi.Sent
		c.form(path, words, part{"file", "oferta ș.pdf", "application/pdf", content},
			part{"file", "note.txt", "text/plain", "x"}).want(http.StatusAccepted).into(&sent)
		m := read[mail.Message](c, "/api/v1/mail/messages/"+sent.Message)
		if len(m.Files) != 2 || m.Files[0].Name != "oferta ș.pdf" || m.Subject != "Offer" || !m.Outgoing {
			t.Fatalf("the copy in Sent: %+v", m)
		}
		file := c.call("GET", "/api/v1/mail/messages/"+sent.Message+"/files/"+m.Files[0].Part, nil).want(http.StatusOK)
		if string(file.body) != content || file.header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%d bytes came back: %v", len(file.body), file.header)
		}
		for name, x := range map[string]struct {
			status int
			parts  []part
		}{
			"too big once built":    {413, []part{words, {"file", "a", "text/plain", strings.Repeat("x", int(limits.MaxSize)*3/4)}}},
			"too big to read":       {413, []part{words, {"file", "a", "text/plain", strings.Repeat("x", int(limits.MaxSize)+2<<20)}}},
			"too many words":        {413, []part{{"mail", "", "application/json", `{"text":"` + strings.Repeat("x", 1<<20) + `"}`}}},
			"the mail is not first": {422, []part{{"file", "a", "text/plain", "x"}, words}},
			"no JSON":               {422, []part{{"mail", "", "application/json", "from"}}},
			"not a file":            {422, []part{words, {"more", "a", "text/plain", "x"}}},
			"no parts":              {400, nil},
			"another's address":     {403, []part{{"mail", "", "application/json", `{"from":"boss@acme.test","to":["ana@example.com"]}`}}},
		} {
			r := c.form(path, x.parts...)
			r.what += " " + name
			r.problem(x.status)
		}
		c.call("POST", path, object{}).problem(http.StatusUnsupportedMediaType)
		if queued := read[api.Page[struct{ ID string }]](h.asAdmin(),
			"/api/v1/mail/queue?all=true"); len(queued.Items) != 1 {
			t.Errorf("queued %+v", queued)
		}
	})
}
