package imap

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/mail/mime"
)

// fetcher asks a server that has one message with go-imap's client.
type fetcher struct {
	raw    []byte
	client *imapclient.Client
}

func newFetcher(t testing.TB) *fetcher {
	f := &fetcher{}
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() { defer close(done); f.serve(near) }()
	f.client = imapclient.New(far, nil)
	t.Cleanup(func() { f.client.Close(); near.Close(); <-done })
	if _, err := f.client.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return f
}

// serve says of each command whatever the client may want to know.
func (f *fetcher) serve(conn net.Conn) {
	out := NewWriter(conn)
	in := NewReader(conn, out)
	out.Text("* PREAUTH [CAPABILITY IMAP4rev1] ready").End()
	for out.Flush() == nil {
		c, err := in.Next()
		if err != nil {
			return
		}
		switch c.Name {
		case "SELECT":
			out.Text("* 1 EXISTS").End()
		case "FETCH":
			root, _ := mime.Scan(f.raw)
			out.Text("* 1 FETCH (UID 1 ENVELOPE ").Bytes(AppendEnvelope(nil, root.Header)).Text(" BODYSTRUCTURE ").
				Bytes(AppendStructure(nil, root, true)).Text(")").End()
		}
		out.Status(c.Tag, &Status{Type: "OK", Text: "done"})
	}
}

func (f *fetcher) fetch(raw []byte) (*imapclient.FetchMessageBuffer, error) {
	f.raw = raw
	list, err := f.client.Fetch(imap.SeqSetNum(1),
		&imap.FetchOptions{UID: true, Envelope: true,
			BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}).Collect()
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// TestStructures: a message of any shape has a BODYSTRUCTURE and an ENVELOPE that a client can read.
func TestStructures(t *testing.T) {
	files, err := filepath.Glob("../imapd/testdata/bodystructure-*.eml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	f := newFetcher(t)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := f.fetch(raw); err != nil || m.BodyStructure == nil ||
			!strings.HasPrefix(m.Envelope.Subject, "poison-") {
			t.Fatalf("%s: %+v %v", file, m, err)
		}
	}
	for _, raw := range []string{
		"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA",
		"Content-Type: multipart/mixed; boundary=b; x=\"\x00\"\r\nContent-Id: a\x00b\r\n" +
			"Content-Disposition: \x00; filename=\"\x00\"\r\nContent-Language: \x00,,\r\n" +
			"Content-Location: \x00\r\n\r\n",
		"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n\r\n" +
			"Content-Type: multipart/mixed; boundary=c\r\n\r\n--b--",
	} {
		if _, err := f.fetch([]byte(raw)); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
	}
}

// TestFileNames: a name that a sender wrote in his own way reaches the client in one that every program reads.
func TestFileNames(t *testing.T) {
	f := newFetcher(t)
	for field, want := range map[string]string{
		`filename*=KOI8-R''%F3%DE%C5%D4.pdf`: "Счет.pdf", "filename=Счёт.pdf": "Счёт.pdf",
		`filename=fact(1).pdf`: "fact(1).pdf", `filename="C:\docs\a.pdf"`: "a.pdf",
		`filename="=?utf-8?Q?=C8=9Aar=C4=83.pdf?="`: "Țară.pdf",
	} {
		m, err := f.fetch([]byte("Content-Disposition: attachment; " + field + "\r\n\r\nx"))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.BodyStructure.(*imap.BodyStructureSinglePart).Disposition().Params; got["filename"] != want &&
			got["filename*"] != asciiName(want) {
			t.Errorf("%s: %v", field, got)
		}
	}
}

func asciiName(name string) string {
	_, value := asExtended("", name)
	return value
}

// FuzzStructure: whatever MIME comes, it is said so that go-imap's client understands.
func FuzzStructure(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "a\x00b\r\n c; =?utf-8?q?x?= <a@b>, g: x@y;")
	f.Add([]byte{2, 2, 2, 2, 5, 1, 1, 0}, `"\"; name*0*=x''%00; (`)
	ask := newFetcher(f)
	f.Fuzz(func(t *testing.T, plan []byte, junk string) {
		raw := generate(plan[:min(len(plan), 200)], junk)
		if _, err := ask.fetch(raw); err != nil {
			t.Fatalf("%v: %q", err, raw)
		}
	})
}

// TestAnyStructure is a short run of FuzzStructure over random plans.
func TestAnyStructure(t *testing.T) {
	f := newFetcher(t)
	r := rand.New(rand.NewPCG(1, 2))
	junk := []string{"x", "\x00", "a/b; c=d", "text/plain; charset=\"", "=?utf-8?q?=C8?=", "g: <a@b>, c;", "\xff\"\\",
		"multipart/x; boundary=b0", strings.Repeat("long ", 1000)}
	for range 500 {
		plan := make([]byte, r.IntN(40))
		for i := range plan {
			plan[i] = byte(r.Uint32())
		}
		raw := generate(plan, junk[r.IntN(len(junk))])
		if _, err := f.fetch(raw); err != nil {
			t.Fatalf("%v: %q", err, raw)
		}
	}
}

// generate builds a message: each byte of plan adds a piece of MIME, in any order.
func generate(plan []byte, junk string) []byte {
	var b strings.Builder
	depth := 0
	for _, step := range plan {
		switch step % 12 {
		case 0:
			fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=b%d\r\n",
				[]string{"mixed", "alternative", "digest", "report", ""}[int(step/12)%5], depth)
		case 1:
			depth++
			fallthrough
		case 2:
			fmt.Fprintf(&b, "\r\n--b%d\r\n", max(0, depth-1))
		case 3:
			fmt.Fprintf(&b, "\r\n--b%d--\r\n", max(0, depth-1))
			depth = max(0, depth-1)
		case 4:
			b.WriteString("\r\n")
		case 5:
			b.WriteString("Content-Type: message/" +
				[]string{"rfc822", "global", "delivery-status", "partial"}[int(step/12)%4] + "\r\n\r\n")
		case 6:
			b.WriteString("Content-Type: " + junk + "\r\n")
		case 7:
			b.WriteString("Content-Disposition: attachment; filename=" + junk + "\r\nContent-Language: " + junk +
				"\r\n")
		case 8:
			b.WriteString("From: " + junk + "\r\nTo: " + junk + "\r\nReply-To: x@y\r\nMessage-ID: " + junk +
				"\r\nIn-Reply-To: <" + junk + ">\r\n")
		case 9:
			b.WriteString("Subject: " + junk + "\r\nDate: " + junk + "\r\n")
		case 10:
			b.WriteString("Content-Id: " + junk + "\r\nContent-Description: " + junk + "\r\nContent-Location: " + junk +
				"\r\nContent-Transfer-Encoding: " + junk + "\r\n")
		case 11:
			b.WriteString(junk)
		}
	}
	return []byte(b.String())
}
