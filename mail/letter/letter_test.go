package letter_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/letter"
	"frontdesk/mail/mime"
)

func written(t *testing.T, h gomail.Header, plain, html string, files ...letter.File) *mime.Message {
	t.Helper()
	raw, err := letter.Write(h, plain, html, files)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ReplaceAll(string(raw), "\r\n", ""), "\n") {
		t.Errorf("a line ends in a bare LF:\n%s", raw)
	}
	return mime.ParseBytes(raw)
}

func TestALetterSaysWhatWasWritten(t *testing.T) {
	h := letter.Begin("1@acme.test", gomail.Address{Name: "Ana Pop", Address: "ana@acme.test"},
		"Offer\r\nBcc: x@y.test")
	m := written(t, h, "", "<p>Bună <b>ziua</b></p>",
		letter.File{Name: `C:\\tmp\\`, Type: "multipart/mixed", Data: []byte{0, 255}})
	if m.MessageID != "1@acme.test" || m.From[0].Name != "Ana Pop" || m.Subject != "Offer Bcc: x@y.test" ||
		m.Date.IsZero() {
		t.Errorf("%+v", m)
	}
	if m.Text != "Bună ziua\n" && m.Text != "Bună ziua" || !strings.Contains(m.HTML, "<b>ziua</b>") {
		t.Errorf("it says %q and %q", m.Text, m.HTML)
	}
	if len(m.Parts) != 1 || m.Parts[0].Name != "file" || m.Parts[0].Type != "application/octet-stream" ||
		m.Parts[0].Size != 2 {
		t.Errorf("files: %+v", m.Parts)
	}
}

// An answer names what it answers, and of a long conversation its beginning and its end.
func TestAnAnswerNamesWhatItAnswers(t *testing.T) {
	var before []string
	for n := range 40 {
		before = append(before, fmt.Sprintf("%d@x.test", n))
	}
	for want, answered := range map[string]*mime.Message{
		"0@x.test … 39@x.test, 25": {MessageID: "39@x.test", References: before[:39]},
		"0@x.test … 1@x.test, 2":   {MessageID: "1@x.test", InReplyTo: before[:1]},
		"":                         {InReplyTo: before[:1]},
	} {
		var h gomail.Header
		letter.Answer(&h, answered)
		m := written(t, h, "x", "")
		got := ""
		if n := len(m.References); n > 0 {
			got = fmt.Sprintf("%s … %s, %d", m.References[0], m.References[n-1], n)
		}
		if got != want || answered.MessageID != "" && !slices.Equal(m.InReplyTo, []string{answered.MessageID}) {
			t.Errorf("%q in answer to %v, want %q", got, m.InReplyTo, want)
		}
	}
}

func TestRecipients(t *testing.T) {
	var h gomail.Header
	all, err := letter.Recipients(&h, []string{"Ion Pop <ion@x.test>"}, []string{"ION@x.test", "eva@x.test"},
		[]string{"boss@x.test"})
	if want := []string{"boss@x.test", "eva@x.test", "ion@x.test"}; !slices.Equal(all, want) || err != nil {
		t.Errorf("%v, %v", all, err)
	}
	if h.Has("Bcc") || !strings.Contains(h.Get("Cc"), "eva@x.test") {
		t.Errorf("the header says To %q, Cc %q, Bcc %q", h.Get("To"), h.Get("Cc"), h.Get("Bcc"))
	}
	many := make([]string, 201)
	for i := range many {
		many[i] = fmt.Sprintf("a%d@x.test", i)
	}
	for _, to := range [][]string{nil, {"nobody"}, {"a@b.test, c@d.test"},
		{strings.Repeat("a", 250) + "@x.test"}, many} {
		if _, err := letter.Recipients(&h, to, nil, nil); !errors.Is(err, letter.ErrRecipients) {
			t.Errorf("%.3q: %v", to, err)
		}
	}
}

// A draft keeps what was typed, finished or not.
func TestRecipientsOfADraft(t *testing.T) {
	for _, list := range [][]string{{}, {"ion@x.test"}, {`"Pop, \"Ion\"" <ion@x.test>`, "eva@x.test"}, {"ion@x.test", "Eva Po"}} {
		var h gomail.Header
		letter.Draft(&h, "To", list)
		if got := letter.Drafted(written(t, h, "x", ""), "To"); !slices.Equal(got, list) {
			t.Errorf("%q became %q", list, got)
		}
	}
}
