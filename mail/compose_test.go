package mail

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail/letter"
	"frontdesk/mail/mime"
	"frontdesk/store/storetest"
)

func TestCompose(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	ref := o.receive("Message-ID: <2@x>\nReferences: <1@x>\nSubject: Întrebare\n\n?", Verdict{}, o.ana)[0]
	c, err := o.Compose(t.Context(), "u-ana",
		Draft{From: "ana@acme.example", To: []string{"Ștefan <s@x.example>"}, Bcc: []string{"b@x.example"},
			Reply:   ref.ID,
			Subject: "Re: Întrebare\r\nBcc: evil@x.example",
			Text:    "Bună ziua,\n.\nlinie " + strings.Repeat("lungă ", 300),
			HTML:    `<p onclick="x()">Bună</p><script>1</script>`})
	if err != nil {
		t.Fatal(err)
	}
	raw := string(c.Raw)
	for _, bad := range []string{"b@x.example", "\nBcc:", "script", "onclick"} {
		if strings.Contains(raw, bad) {
			t.Errorf("%q in\n%s", bad, raw)
		}
	}
	for _, line := range strings.Split(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes", len(line))
		}
	}
	m := mime.ParseBytes(c.Raw)
	if m.MessageID != c.MessageID || !slices.Equal(m.References, []string{"1@x", "2@x"}) ||
		!slices.Equal(m.InReplyTo, []string{"2@x"}) || m.To[0].Name != "Ștefan" ||
		!strings.HasPrefix(m.Text, "Bună ziua,\n.\nlinie lungă") || !strings.Contains(m.HTML, "<p>Bună</p>") ||
		m.Date.IsZero() || m.From[0].Name != "Ana Pop" {
		t.Errorf("%+v", m)
	}
	if !slices.Equal(c.To, []string{"b@x.example", "s@x.example"}) || !strings.HasSuffix(c.MessageID, "@acme.example") {
		t.Errorf("%+v", c)
	}
	for name, d := range map[string]Draft{"not hers": {From: "boss@acme.example", To: []string{"a@b.c"}},
		"nobody": {From: "ana@acme.example"}, "bad": {From: "ana@acme.example", To: []string{"a@b.c, d@e.f"}}} {
		if _, err := o.Compose(t.Context(), "u-ana", d); err == nil {
			t.Errorf("%s: composed", name)
		}
	}
}

// Files arrive byte for byte, whatever they hold, claim to be or are called.
func TestComposeWithFiles(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	every := make([]byte, 3000)
	for i := range every {
		every[i] = byte(i)
	}
	files := []letter.File{
		{Name: "două oferte.pdf", Type: "application/pdf", Data: every},
		{Name: `C:\temp\..\a "b".txt`, Type: "text/plain; charset=latin1", Data: []byte("a\n.\r\nFrom b\n")},
		{Name: "evil\r\nBcc: x@y.example", Type: "no type\r\nX: y", Data: []byte{}},
		{Name: "mail.eml", Type: "message/rfc822", Data: []byte("Subject: x\n\ny\n")},
	}
	// as readers show names
	want := []struct{ name, kind string }{{"două oferte.pdf", "application/pdf"}, {"a b.txt", "text/plain"},
		{"evil Bcc x@y.example", "application/octet-stream"}, {"mail.eml", "application/octet-stream"}}
	for _, html := range []string{"", "<p>Bună</p>"} {
		c, err := o.Compose(t.Context(), "u-ana",
			Draft{From: "ana@acme.example", To: []string{"s@x.example"}, Subject: "Files", Text: "Bună", HTML: html,
				Files: files})
		if err != nil {
			t.Fatal(err)
		}
		if raw := string(c.Raw); strings.Contains(raw, "\r\nBcc:") || strings.Contains(raw, "\r\nX:") {
			t.Errorf("a name became a field:\n%s", raw)
		}
		blob, size, err := o.PutBlob(t.Context(), bytes.NewReader(c.Raw))
		if err != nil {
			t.Fatal(err)
		}
		ref, err := o.Append(t.Context(), Addition{Mailbox: o.ana.ID, Folder: Inbox, Blob: blob, Size: size})
		if err != nil {
			t.Fatal(err)
		}
		m, err := o.Message(t.Context(), "u-ana", ref.ID, false)
		if err != nil || len(m.Files) != len(files) || strings.TrimSpace(m.Text) != "Bună" ||
			strings.Contains(m.HTML, "<p>Bună</p>") != (html != "") && html != "" {
			t.Fatalf("%+v %v", m, err)
		}
		for i, f := range m.Files {
			_, data, err := o.Attachment(t.Context(), "u-ana", ref.ID, f.Part)
			if err != nil || !bytes.Equal(data, files[i].Data) || f.Name != want[i].name || f.Type != want[i].kind {
				t.Errorf("file %d is %q of %q with %d bytes, %v", i, f.Name, f.Type, len(data), err)
			}
		}
	}
}

func TestAttachment(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	ref := o.receive("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n"+
		"<img src=\"cid:i@x\"><img src=\"https://t.example/p.gif\">\n"+
		"--b\nContent-Type: image/png\nContent-ID: <i@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"+
		"--b\nContent-Type: application/pdf; name=\"../../o.pdf\"\nContent-Transfer-Encoding: base64\n\n"+
		"JVBERi0=\n--b--\n", Verdict{}, o.ana)[0]
	m, err := o.Message(t.Context(), "u-ana", ref.ID, false)
	if err != nil || len(m.Files) != 1 || m.Files[0].Name != "o.pdf" || m.Attachments != 1 || !m.Remote ||
		strings.Contains(m.HTML, "t.example") ||
		!strings.Contains(m.HTML, "data:image/png;base64,iVBORw0KGgo=") {
		t.Fatalf("%+v %v", m, err)
	}
	if a, data, err := o.Attachment(t.Context(), "u-ana", ref.ID, m.Files[0].Part); err != nil ||
		string(data) != "%PDF-" || a.Type != "application/pdf" {
		t.Errorf("%+v %q %v", a, data, err)
	}
	if r, err := o.RawOf(t.Context(), "u-ana", ref.ID); err != nil {
		t.Error(err)
	} else if raw, _ := io.ReadAll(r); !strings.HasPrefix(string(raw), "Content-Type") {
		t.Errorf("%q", raw)
	}
	if _, _, err := o.Attachment(t.Context(), "u-ion", ref.ID, "2"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
