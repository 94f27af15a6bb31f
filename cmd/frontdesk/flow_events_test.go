package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/smtp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"frontdesk/store"
)

// follower is a program that follows the events over the deaths of the server, and keeps what it was told.
type follower struct {
	t    *testing.T
	mu   sync.Mutex
	told []event
}

// follow goes on after the last event that was read, until the server dies; the returned function waits for that.
func (f *follower) follow(c *company) (ended func()) {
	last := "0"
	if n := len(f.told); n > 0 {
		last = f.told[n-1].id
	}
	stream, over := c.events(last), make(chan bool)
	go func() {
		defer close(over)
		for e := range stream {
			f.mu.Lock()
			f.told = append(f.told, e)
			f.mu.Unlock()
		}
	}()
	return func() { <-over }
}

// count is how many events of a type were told.
func (f *follower) count(kind string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(keysOf(f.told, kind))
}

// keysOf are what the events of a type are about, sorted.
func keysOf(told []event, kind string) (keys []string) {
	field := map[string]string{"mail.received": "id", "lead.created": "lead", "call.ended": "call"}[kind]
	if kind == "contact.changed" {
		field = "id"
	}
	for _, e := range told {
		if e.kind == kind {
			key, _ := e.data[field].(string)
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// load makes contacts, and mails of strangers, until the server is gone.
func (c *company) load(round int) (over *sync.WaitGroup) {
	over = &sync.WaitGroup{}
	for worker := range 2 {
		over.Go(func() {
			for i := 0; c.makesContact(fmt.Sprint("Client ", round, worker, i)) == nil; i++ {
			}
		})
		over.Go(func() {
			for i := 0; c.writesIn(fmt.Sprintf("s%d-%d-%d@strangers.example", round, worker, i)) == nil; i++ {
			}
		})
	}
	return over
}

func (c *company) makesContact(name string) error {
	body := bytes.NewReader([]byte(`{"name":"` + name + `"}`))
	req, err := http.NewRequest("POST", c.HTTP+"/api/v1/contacts", body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// writesIn delivers a mail to Maria; it gives up when the server is gone.
func (c *company) writesIn(from string) error {
	conn, err := smtp.Dial(c.SMTP)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, step := range []func() error{
		func() error { return conn.Hello("strangers.example") },
		func() error { return conn.Mail(from) },
		func() error { return conn.Rcpt("maria@" + c.Domain) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	w, err := conn.Data()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "From: %s\r\nTo: maria@%s\r\nMessage-ID: <%s>\r\nSubject: Prices\r\n\r\nWhat is it?\r\n", from,
		c.Domain, from)
	return w.Close()
}

// The server is killed again and again while it works: who follows the events is told, over all its deaths, each thing
// that stands in the database once and in order, and nothing else. So is a webhook, under one id for each.
func TestEventsOverKills(t *testing.T) {
	t.Parallel() // much of it is waiting
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eventsOverKills(t, database(t))
		})
	}
}

const kills = 3

func eventsOverKills(t *testing.T, database []string) {
	data, f, waited := t.TempDir(), &follower{t: t}, 0
	var listening *shop
	url := "sqlite://" + filepath.Join(data, "frontdesk.db")
	if len(database) > 0 {
		url = database[1]
	}
	for round := range kills {
		c := startCompany(t, data, database...)
		if round == 0 {
			listening = newShop(t, c, url)
		}
		ended := f.follow(c)
		calling, stop := context.WithCancel(t.Context())
		ring := program(calling, "ring", "--to", c.Numbers[0], "--from", "+4072100000"+strconv.Itoa(round), "--server",
			c.SIPUDP)
		if err := ring.Start(); err != nil {
			t.Fatal(err)
		}
		contacts, mails, over := f.count("contact.changed"), f.count("mail.received"), c.load(round)
		await(t, "work to be told", func() bool {
			return f.count("contact.changed") > contacts+5 && f.count("mail.received") > mails+2
		})
		c.kill()
		over.Wait()
		ended()
		stop()
		ring.Wait()
		db := openDatabase(t, url)
		waited += untold(t, db)
		db.Close()
	}
	c := startCompany(t, data, database...)
	ended := f.follow(c)
	db := openDatabase(t, url)
	defer db.Close()
	await(t, "all to be told", func() bool { return untold(t, db) == 0 })
	contacts := f.count("contact.changed")
	if err := c.makesContact("The last"); err != nil {
		t.Fatal(err)
	}
	await(t, "the last event", func() bool { return f.count("contact.changed") > contacts && unsent(t, db) == "0" })
	c.kill()
	ended()
	t.Logf("%d events told, of which %d waited when the server was killed", len(f.told), waited)
	f.agrees(db)
	listening.agrees(t, f.told)
}

// untold are the events, mails and calls that are on their way.
func untold(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	for _, rest := range column(t, db, `SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM call_record WHERE ended_at = 0)
		+ (SELECT count(*) FROM job WHERE kind = 'intake.mail')`) {
		n, _ = strconv.Atoi(rest)
	}
	return n
}

// agrees compares what was told with the database that the dead server left.
func (f *follower) agrees(db *store.DB) {
	f.t.Helper()
	for i := 1; i < len(f.told); i++ {
		a, _ := strconv.Atoi(f.told[i-1].id)
		if b, _ := strconv.Atoi(f.told[i].id); b != a+1 {
			f.t.Errorf("after event %d came %d", a, b)
		}
	}
	for kind, query := range map[string]string{
		"contact.changed": `SELECT id FROM contact`,
		"mail.received":   `SELECT source FROM activity WHERE kind = 'mail' AND title = 'Prices' AND incoming`,
		"lead.created":    `SELECT id FROM lead WHERE source IN ('mail', 'call')`,
		"call.ended":      `SELECT id FROM call_record`,
	} {
		told, there := keysOf(f.told, kind), column(f.t, db, query)
		if slices.Sort(there); !slices.Equal(told, there) {
			f.t.Errorf("%s: told of %d, there are %d:\n%s", kind, len(told), len(there), difference(told, there))
		}
	}
}

// difference is what only one of two sorted lists has, or has more often.
func difference(told, there []string) string {
	var lines []string
	for _, key := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(told, there)))) {
		a, b := occurs(told, key), occurs(there, key)
		if a != b {
			lines = append(lines, fmt.Sprintf("%s told %d times, there %d", key, a, b))
		}
	}
	return strings.Join(lines, "\n")
}

func occurs(list []string, key string) (n int) {
	for _, k := range list {
		if k == key {
			n++
		}
	}
	return n
}

func openDatabase(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// column reads one column of texts or numbers.
func column(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	list, err := store.Collect(rows, err, func(row store.Row) (s string, err error) { return s, row.Scan(&s) })
	if err != nil {
		t.Fatal(err)
	}
	return list
}
