package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/media/net/load"
)

// letters is what the senders of BenchmarkMail are told: how many mails, from how many people, to whom and where.
type letters struct {
	Server, To            string
	Mails, First, Senders int
}

// posted is what they say when all are accepted.
type posted struct {
	Accepted int
	Took     time.Duration
	Trouble  string
}

const senders = 20 // connections

// TestMailSenders is no test but the other mail servers of BenchmarkMail, in a process of their own: 20 connections on
// which mails of 10 KB come, each after the answer to the one before.
func TestMailSenders(t *testing.T) {
	if load.Scenario() != "mail" {
		t.Skip("started by BenchmarkMail")
	}
	in := load.Input()
	for in.Scan() {
		var p letters
		if err := json.Unmarshal(in.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		json.NewEncoder(os.Stdout).Encode(p.send())
	}
}

func (p letters) send() posted {
	work, begun := make(chan int), time.Now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all posted
	for range senders {
		wg.Go(func() {
			n, err := p.connection(work)
			mu.Lock()
			defer mu.Unlock()
			all.Accepted += n
			if err != nil {
				all.Trouble = err.Error()
				for range work { // the others go on
				}
			}
		})
	}
	for i := range p.Mails {
		work <- p.First + i
	}
	close(work)
	wg.Wait()
	all.Took = time.Since(begun)
	return all
}

func (p letters) connection(work <-chan int) (sent int, err error) {
	conn, err := net.Dial("tcp", p.Server)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	if err := answers(r, "220"); err != nil {
		return 0, err
	}
	if err := say(conn, r, "EHLO mx.elsewhere.example\r\n", "250"); err != nil {
		return 0, err
	}
	for i := range work {
		from := fmt.Sprintf("client%d@elsewhere.example", i%p.Senders)
		envelope := fmt.Sprintf("MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", from, p.To)
		if err := say(conn, r, envelope, "250", "250", "354"); err != nil {
			return sent, err
		}
		if err := say(conn, r, letter(i, from, p.To)+".\r\n", "250"); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

func say(w io.Writer, r *bufio.Reader, text string, codes ...string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return answers(r, codes...)
}

func answers(r *bufio.Reader, codes ...string) error {
	for _, code := range codes {
		line := "    "
		for len(line) > 3 && line[3] != ' ' || line == "    " {
			var err error
			if line, err = r.ReadString('\n'); err != nil {
				return err
			}
		}
		if !strings.HasPrefix(line, code) {
			return fmt.Errorf("%s in place of %s", strings.TrimSpace(line), code)
		}
	}
	return nil
}

// letter is a mail of 10 KB, as programs write them: two forms of the same text, and no two mails alike.
func letter(i int, from, to string) string {
	var text strings.Builder
	for line := range 55 {
		fmt.Fprintf(&text, "Line %d of offer %d: a desk of oak, %d by %d cm, delivered within the week.\r\n", line, i,
			80+(i*7+line)%120, 60+line)
	}
	return fmt.Sprintf("Received: from host%d.elsewhere.example by mx.elsewhere.example; Mon, 02 Nov 2026 10:00:00 "+
		"+0200\r\n"+
		"From: Client %d <%s>\r\nTo: <%s>\r\nSubject: Offer %d\r\nDate: Mon, 02 Nov 2026 10:00:00 +0200\r\n"+
		"Message-ID: <%d@elsewhere.example>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+
		"<html><body><p>%s</p></body></html>\r\n--b--\r\n", i%97, i, from, to, i, i, text.String(), text.String())
}
