package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/mail"
	"frontdesk/media/net/load"
	"frontdesk/store/storetest"
)

const peerUser = "ana@peers.example"

// listed are the mails in the mailbox of BenchmarkIMAP.
const listed = 3000

// question is what the mail program of BenchmarkIMAP is told, and what it says.
type question struct {
	Server, User, Command string
	TLS                   bool
	Times                 int
	Took                  time.Duration
	Bytes                 int
	Trouble               string
}

// BenchmarkIMAP is what a mail program's commonest questions about a folder of 3,000 mails cost the server, the third
// time and later. Beside it stands Dovecot, where it is installed; it speaks without TLS, which saves it some.
func BenchmarkIMAP(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			url := ""
			if engine == "postgres" {
				url = storetest.PostgresURL(b)
			}
			n := runCompany(b, url)
			fillMailbox(b, n)
			askAll(b, n.listeners.address("imaps"), demoUsers()[1].login,
				func() time.Duration { return ownCPU(b) + serverCPU(b, n.db) })
		})
	}
	b.Run("dovecot", func(b *testing.B) {
		p := newPeers(b)
		p.folder("mails/"+peerUser+"/new", "mail")
		for i := range listed {
			from := fmt.Sprintf("client%d@elsewhere.example", i%100)
			name := fmt.Sprintf("mails/"+peerUser+"/new/%d.M%dP1.host", 1_700_000_000+i, i)
			p.write(name, strings.ReplaceAll(letter(i, from, peerUser), "\r\n", "\n"))
		}
		mustRun(b, "/bin/chown", "-R", "mail:mail", filepath.Join(p.dir, "mails"))
		askAll(b, p.imap, peerUser, p.used)
	})
}

// fillMailbox stores mails for the second of the users; the CRM is not told.
func fillMailbox(b *testing.B, n *node) {
	boxes, err := n.box.Resolve(b.Context(), demoUsers()[1].mailbox())
	if err != nil {
		b.Fatal(err)
	}
	for i := range listed {
		raw := letter(i, fmt.Sprintf("client%d@elsewhere.example", i%100), boxes[0].Address)
		blob, size, err := n.box.PutBlob(b.Context(), strings.NewReader(raw))
		if err == nil {
			_, err = n.box.Append(b.Context(),
				mail.Addition{Mailbox: boxes[0].ID, Folder: mail.Inbox, Blob: blob, Size: size})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func askAll(b *testing.B, server, user string, cpu func() time.Duration) {
	program := load.Start(b, "TestMailProgram", "imap")
	for _, q := range []struct{ name, command string }{
		{"flags", "FETCH 1:* (FLAGS)"},
		{"envelope", "FETCH 1:* (ENVELOPE)"},
		{"headers", "FETCH 1:* (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID REFERENCES)])"},
		{"structure", "FETCH 1:* (BODYSTRUCTURE)"},
		{"subject", `SEARCH SUBJECT "offer 2999"`},
		{"from", `SEARCH FROM "client77@"`},
		{"status", "STATUS INBOX (MESSAGES UNSEEN UIDNEXT)"},
	} {
		b.Run(q.name, func(b *testing.B) {
			asked := question{Server: server, User: user, TLS: user != peerUser, Command: q.command, Times: 2}
			answer := func() (got question) {
				program.Tell(asked)
				if program.Read(&got); got.Trouble != "" {
					b.Fatal(got.Trouble)
				}
				return got
			}
			answer()
			asked.Times = 100 // what else the node does meanwhile, as after so many mails, is to weigh little
			for b.Loop() {
				before := cpu()
				got := answer()
				b.ReportMetric((cpu()-before).Seconds()*1000/float64(asked.Times), "cpu-ms")
				b.ReportMetric(got.Took.Seconds()*1000/float64(asked.Times), "ms")
				b.ReportMetric(float64(got.Bytes)/float64(asked.Times)/1024, "KB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestMailProgram is no test but the mail program of BenchmarkIMAP, in a process of its own.
func TestMailProgram(t *testing.T) {
	if load.Scenario() != "imap" {
		t.Skip("started by BenchmarkIMAP")
	}
	in := load.Input()
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		if err := q.ask(); err != nil {
			q.Trouble = err.Error()
		}
		json.NewEncoder(os.Stdout).Encode(q)
	}
}

func (q *question) ask() error {
	conn, err := net.Dial("tcp", q.Server)
	if err != nil {
		return err
	}
	defer conn.Close()
	if q.TLS {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // it is made for this run
	}
	r := bufio.NewReaderSize(conn, 1<<16)
	if _, err := r.ReadString('\n'); err != nil {
		return err
	}
	for _, command := range []string{fmt.Sprintf("LOGIN %s %q", q.User, demoPassword), "SELECT INBOX"} {
		if _, err := tagged(conn, r, command); err != nil {
			return err
		}
	}
	begun := time.Now()
	for range q.Times {
		n, err := tagged(conn, r, q.Command)
		if q.Bytes += n; err != nil {
			return err
		}
	}
	q.Took = time.Since(begun)
	return nil
}

// tagged gives a command and reads all of its answer.
func tagged(conn net.Conn, r *bufio.Reader, command string) (n int, err error) {
	if _, err := fmt.Fprintf(conn, "tag %s\r\n", command); err != nil {
		return 0, err
	}
	for {
		line, err := r.ReadSlice('\n')
		if n += len(line); err != nil {
			return n, err
		}
		if rest, ok := strings.CutPrefix(string(line), "tag "); ok {
			if !strings.HasPrefix(rest, "OK") {
				return n, fmt.Errorf("%s: %s", command, rest)
			}
			return n, nil
		}
	}
}
