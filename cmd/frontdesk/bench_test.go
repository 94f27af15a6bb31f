package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// crowd is how many contacts the company of BenchmarkInviteToCard has.
const crowd = 100_000

// BenchmarkInviteToCard is the time from a carrier's INVITE on the wire to the caller's card in the browser of the
// responsible user, in a whole running company of 100,000 contacts that is called 20 times a second.
func BenchmarkInviteToCard(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			url := ""
			if engine == "postgres" {
				url = storetest.PostgresURL(b)
			}
			n := runCompany(b, url)
			multiply(b, n)
			maria := openTab(b, "http://"+n.listeners.address("http"), "maria")
			line := newCarrier(b, n.listeners.address("sip_udp"))
			b.Run("known", func(b *testing.B) {
				cards(b, n.db, maria, line, func(int) string { return clientNumber(rand.N(crowd)) })
			})
			b.Run("unknown", func(b *testing.B) {
				cards(b, n.db, maria, line, func(i int) string { return fmt.Sprintf("+4074%07d", i) })
			})
		})
	}
}

// cards places calls one after the other, at least 50 ms apart, and reports how long their cards took; and as the
// floor, which tells how much of that the machine's other work is, how long the database took for nothing between the
// calls.
func cards(b *testing.B, db *store.DB, tab <-chan liveMessage, line *carrier, from func(i int) string) {
	const calls, pause = 400, 50 * time.Millisecond
	var took, floor []time.Duration
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for b.Loop() {
		for range calls {
			number := from(len(took))
			sent := line.invite(number, demoNumbers()[0])
			waitCard(b, tab, number)
			took = append(took, time.Since(sent))
			line.cancel()
			<-tick.C
			floor = append(floor, nothing(b, db))
		}
	}
	b.ReportMetric(0, "ns/op")
	percentiles(b, took, "", 50, 99)
	percentiles(b, floor, "floor-", 50, 99)
}

func percentiles(b *testing.B, times []time.Duration, name string, which ...int) {
	slices.Sort(times)
	for _, p := range which {
		b.ReportMetric(float64(times[len(times)*p/100].Microseconds())/1000, fmt.Sprintf("%sp%d-ms", name, p))
	}
}

// nothing is the time of the shortest query there is.
func nothing(b *testing.B, db *store.DB) time.Duration {
	begun, one := time.Now(), 0
	if err := db.QueryRow(b.Context(), "SELECT 1").Scan(&one); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

func waitCard(b *testing.B, tab <-chan liveMessage, number string) {
	timeout := time.After(10 * time.Second)
	for {
		select {
		case m, open := <-tab:
			if !open {
				b.Fatal("the live socket was closed")
			}
			if m.Ev == "card.open" && m.Data["address"] == number {
				return
			}
		case <-timeout:
			b.Fatalf("no card for %s", number)
		}
	}
}

// runCompany is the demo inside this process, so that a profile shows it.
func runCompany(b *testing.B, database string) *node {
	b.Helper()
	collectRarely()
	dir, log := b.TempDir(), slog.New(slog.DiscardHandler)
	w, err := newWorld(b.Context(), dir, log)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.close)
	c := demoConfig(dir, database, true)
	c.Mail.Resolver = w.names.Address()
	n, err := newNode(b.Context(), c, log, w.demo())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(n.close)
	if err := w.populate(b.Context(), n); err != nil {
		b.Fatal(err)
	}
	doors, err := n.ready(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	w.open(doors)
	n.start(b.Context())
	return n
}

func clientNumber(i int) string { return fmt.Sprintf("+4073%07d", 1000000+i) }

// multiply copies one contact, with what the search knows of it and a call on its timeline, until there are enough.
func multiply(b *testing.B, n *node) {
	b.Helper()
	ctx := b.Context()
	maria, err := n.core.Login(ctx, "maria", demoPassword)
	if err != nil {
		b.Fatal(err)
	}
	one, err := n.core.CreateContact(ctx, maria,
		crmcore.Contact{Name: "Ion Popescu", Responsible: maria.ID, Points: []record.Point{
			{Kind: address.Phone, Raw: "+40731999999"}, {Kind: address.Email, Raw: "ion@crowd.example"}}})
	if err != nil {
		b.Fatal(err)
	}
	call, err := n.core.Receive(ctx, crmcore.Touch{Channel: timeline.Call, Phase: timeline.Ended, Key: "first",
		Incoming: true, Users: []string{maria.ID}, Outcome: "answered",
		Client: address.Address{Kind: address.Phone, Value: "+40731999999", Raw: "+40731999999"}})
	if err != nil {
		b.Fatal(err)
	}
	const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) `
	err = n.db.Tx(ctx, func(tx *store.Tx) error {
		for _, copies := range []struct{ text, of string }{
			{`INSERT INTO contact (id, name, folded, position, company, comment, responsible, department, created_at, updated_at)
				SELECT id || '-' || i, name || ' ' || i, folded, position, company, comment, responsible, department, created_at, updated_at FROM contact, n WHERE id = $1`, one.ID},
			{`INSERT INTO contact_point (entity_kind, entity_id, position, kind, value, ext, raw, label, is_primary, reversed)
				SELECT entity_kind, entity_id || '-' || i, position, kind, CASE kind WHEN 'phone' THEN '+4073' || (1000000 + i) ELSE i || value END, ext, raw, label, is_primary, reversed
				FROM contact_point, n WHERE entity_id = $1`, one.ID},
			{`INSERT INTO search_word (entity_kind, word, entity_id) SELECT entity_kind, word, entity_id || '-' || i FROM search_word, n WHERE entity_id = $1`, one.ID},
			{`INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address, line, user_id, due_at, verified, waiting, several, source)
				SELECT id || '-' || i, kind, channel, dedupe || '-' || i, phase, incoming, at, seconds, outcome, title, body, '+4073' || (1000000 + i), line, user_id, due_at, verified, waiting, several, source
				FROM activity, n WHERE id = $1`, call.Activity},
			{`INSERT INTO activity_entity (entity_kind, entity_id, at, activity) SELECT entity_kind, entity_id || '-' || i, at, activity || '-' || i FROM activity_entity, n WHERE activity = $1`, call.Activity},
		} {
			if _, err := tx.Exec(ctx, numbers+copies.text, copies.of); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && n.db.Dialect() == store.PostgreSQL {
		_, err = n.db.Exec(ctx, "ANALYZE") // as its autovacuum does by itself
	}
	if err != nil {
		b.Fatal(err)
	}
}

// openTab is a browser's live socket until the benchmark ends.
func openTab(b *testing.B, address, login string) <-chan liveMessage {
	b.Helper()
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	resp, err := client.Post(address+"/api/v1/login", "application/json",
		strings.NewReader(fmt.Sprintf(`{"login":%q,"password":%q}`, login, demoPassword)))
	if err != nil || resp.StatusCode >= 300 {
		b.Fatal("log-in", err, resp)
	}
	resp.Body.Close()
	conn, _, err := websocket.Dial(b.Context(), address+"/api/v1/live?presence=shown",
		&websocket.DialOptions{HTTPClient: client})
	if err != nil {
		b.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	b.Cleanup(func() { conn.CloseNow() })
	messages := make(chan liveMessage, 10_000)
	go func() {
		defer close(messages)
		for {
			var m liveMessage
			if err := wsjson.Read(context.WithoutCancel(b.Context()), conn, &m); err != nil {
				return
			}
			messages <- m
		}
	}()
	for m := range messages {
		if m.Ev == "hello" {
			break
		}
	}
	return messages
}

// carrier is a caller without a SIP stack of its own, so that only the server's time is measured.
type carrier struct {
	b       *testing.B
	conn    net.Conn
	request func(method string) string // of the running call
}

func newCarrier(b *testing.B, server string) *carrier {
	conn, err := net.Dial("udp", server)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &carrier{b: b, conn: conn}
}

// invite calls and tells when.
func (c *carrier) invite(from, to string) time.Time {
	id, here := store.NewID(), c.conn.LocalAddr()
	c.request = func(method string) string {
		return fmt.Sprintf("%s sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
			"From: <sip:%s@%s>;tag=1\r\nTo: <sip:%s@%s>\r\n"+
			"Call-ID: %s\r\nCSeq: 1 %s\r\nContact: <sip:carrier@%s>\r\n", method, to, c.conn.RemoteAddr(), here, id,
			from, here, to, c.conn.RemoteAddr(), id, method, here)
	}
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 101\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\n"
	sent := time.Now()
	c.send(c.request("INVITE") + fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(sdp),
		sdp))
	return sent
}

func (c *carrier) send(message string) {
	if _, err := c.conn.Write([]byte(message)); err != nil {
		c.b.Fatal(err)
	}
}

// cancel gives the call up and waits for its end (RFC 3261 section 9.1).
func (c *carrier) cancel() {
	c.send(c.request("CANCEL") + "Content-Length: 0\r\n\r\n")
	buf := make([]byte, 4096)
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		n, err := c.conn.Read(buf)
		if err != nil {
			c.b.Fatal("the cancelled call does not end: ", err)
		}
		if !bytes.Contains(buf[:n], []byte("1 INVITE")) || bytes.HasPrefix(buf[:n], []byte("SIP/2.0 1")) {
			continue
		}
		if !bytes.HasPrefix(buf[:n], []byte("SIP/2.0 487")) {
			c.b.Fatalf("the call was not cancelled but: %s", buf[:n])
		}
		_, to, _ := strings.Cut(string(buf[:n]), "\r\nTo: ")
		to, _, _ = strings.Cut(to, "\r\n")
		ack, _, _ := strings.Cut(c.request("ACK"), "\r\nTo: ")
		_, rest, _ := strings.Cut(c.request("ACK"), "\r\nCall-ID: ")
		c.send(ack + "\r\nTo: " + to + "\r\nCall-ID: " + rest + "Content-Length: 0\r\n\r\n")
		return
	}
}
