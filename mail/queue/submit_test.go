package queue

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestSubmitRefuses(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t), Config{}, nil)
	letter := "From: " + author + "\r\n\r\nHi\r\n"
	tests := []struct {
		name, message string
		envelope      Envelope
		want          error
	}{
		{"another's address", "From: ben@acme.test\r\n\r\nHi\r\n", Envelope{From: author, To: []string{"x@far.test"}, User: "u-anna"}, mail.ErrNotOurs},
		{"nobody to send to", letter, Envelope{From: author, User: "u-anna"}, mail.ErrInvalid},
		{"no address", letter, Envelope{From: author, To: []string{"far.test"}, User: "u-anna"}, mail.ErrInvalid},
		{"no header", "\r\nHi\r\n", Envelope{From: author, To: []string{"x@far.test"}, User: "u-anna"}, mail.ErrInvalid},
	}
	for _, test := range tests {
		if _, err := o.Submit(t.Context(), test.envelope, strings.NewReader(test.message)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if len(o.list(t)) != 0 || len(o.in(t, o.anna, "Sent")) != 0 {
		t.Error("something was kept")
	}
}

// The reply written in the browser joins the thread and marks what it answers.
func TestSubmitDraft(t *testing.T) {
	far := newPeer(t, nil)
	o := newOffice(t, storetest.SQLite(t), Config{}, far)
	question := "From: carl@far.test\r\nTo: anna@acme.test\r\nSubject: Price?\r\nMessage-ID: <q1@far.test>\r\n\r\n" +
		"How much?\r\n"
	if _, err := o.Submit(t.Context(), Envelope{From: "carl@far.test", To: []string{author}},
		strings.NewReader(question)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "question", func() bool { return len(o.in(t, o.anna, "INBOX")) == 1 })
	asked := o.in(t, o.anna, "INBOX")[0]
	draft := mail.Draft{From: author, To: []string{"Carl <carl@far.test>"}, Subject: "Re: Price?", Text: "Ten.",
		Reply: asked.ID}
	receipt := must(o.SubmitDraft(t.Context(), "u-anna", draft))(t)
	eventually(t, "answer", func() bool { return len(far.got()) == 1 })
	if data := far.got()[0].data; !strings.Contains(data, "In-Reply-To: <q1@far.test>") ||
		!strings.Contains(data, "DKIM-Signature: ") {
		t.Errorf("sent\n%s", data)
	}
	sent := o.in(t, o.anna, "Sent")
	if len(sent) != 1 || sent[0].ID != receipt.Copy.ID || sent[0].Thread != asked.Thread ||
		!o.in(t, o.anna, "INBOX")[0].Answered {
		t.Errorf("sent %+v, asked %+v", sent, o.in(t, o.anna, "INBOX")[0])
	}
	if _, err := o.SubmitDraft(t.Context(), "u-ben", draft); !errors.Is(err, mail.ErrNotOurs) {
		t.Errorf("as another: %v", err)
	}
}

// What another mail program left in Drafts is sent as it is, with all its forms, once.
func TestSendDraftOfAMailProgram(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{}, nil)
		const body = "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n" +
			"Content-Type: text/plain\r\n\r\nHello\r\n" +
			"--b\r\nContent-Type: text/html\r\n\r\n<b>Hello</b>\r\n--b--\r\n"
		const text = "Date: Thu, 1 Jan 2015 10:00:00 +0000\r\nX-Mozilla-Draft-Info: internal/draft\r\n" +
			"Fcc: imap://here/Sent\r\nFrom: Anna <" + author + ">\r\n" +
			"To: Ben <ben@acme.test>\r\nBcc: ben@acme.test\r\nSubject: Prices\r\nMessage-ID: <draft@acme.test>\r\n" +
			body
		blob, size, err := o.box.PutBlob(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ref := must(o.box.Append(t.Context(),
			mail.Addition{Mailbox: o.anna.ID, Folder: "Drafts", Blob: blob, Size: size, Outgoing: true}))(t)
		draft := must(o.box.Draft(t.Context(), "u-anna", ref.ID))(t)
		if listed := o.in(t, o.anna, "Drafts"); !draft.Formatted || draft.Text != "Hello" || !listed[0].Draft {
			t.Errorf("read %+v, listed %+v", draft, listed)
		}
		var sent, refused atomic.Int32
		var tabs sync.WaitGroup
		for range 4 {
			tabs.Go(func() {
				switch _, err := o.SendDraft(t.Context(), "u-anna", draft.ID, draft.Version, nil); {
				case err == nil:
					sent.Add(1)
				case errors.Is(err, mail.ErrNotFound):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		tabs.Wait()
		if sent.Load() != 1 || refused.Load() != 3 {
			t.Errorf("sent %d times, refused %d", sent.Load(), refused.Load())
		}
		if left, copies := o.in(t, o.anna, "Drafts"), o.in(t, o.anna, "Sent"); len(left) != 0 || len(copies) != 1 {
			t.Fatalf("drafts %+v, sent %+v", left, copies)
		}
		eventually(t, "Ben has it", func() bool { return len(o.in(t, o.ben, "INBOX")) == 1 })
		got := o.raw(t, o.in(t, o.ben, "INBOX")[0].ID)
		if !strings.HasSuffix(got, body) || strings.Contains(got, "Bcc:") || strings.Contains(got, "Fcc:") ||
			strings.Contains(got, "X-Mozilla") ||
			strings.Contains(got, "2015") || !strings.Contains(got, "<draft@acme.test>") {
			t.Errorf("Ben got\n%s", got)
		}
	})
}
