package mail

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Mail stored before texts and names of files were searched is found by them once the job is done, whichever can't be
// read; what came since stays as it is, and a day later the job runs once more, and then no more.
func TestSearchOfOlderMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		const messages = fillBatch + 3
		for i := range messages {
			o.receive(fmt.Sprintf("From: c@else.example\nSubject: Number %d\n"+
				"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nThe Kraftwerk has %d halls, %s and a Żuraw.\n"+
				"--b\nContent-Disposition: attachment; filename=\"Grundriß.pdf\"\n\nx\n--b--\n", i, i,
				strings.Repeat("long ", 60)), Verdict{}, o.ana)
		}
		lost := o.receive("Subject: Lost\n\nThe Kraftwerk is gone.\n", Verdict{}, o.ana)[0]
		if _, err := db.Exec(t.Context(), `UPDATE mail_message SET search = lower(subject)`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_message SET blob = $1 WHERE id = $2`, strings.Repeat("0", 64),
			lost.ID); err != nil {
			t.Fatal(err)
		}
		o.receive("Subject: New\n\nA new Kraftwerk.\n", Verdict{}, o.ana)
		if n := o.hits("kraftwerk"); n != 1 {
			t.Fatalf("%d found before", n)
		}
		if err := store.Enqueue(t.Context(), db, SearchJob, filled{Again: true}, store.JobOptions{}); err != nil {
			t.Fatal(err)
		}
		o.fillAll()
		for query, want := range map[string]int{"kraftwerk": messages + 1, "żuraw": messages, "grundriß.pdf": messages,
			"lost": 1, "new kraftwerk": 1} {
			if n := o.hits(query); n != want {
				t.Errorf("%q: %d found, not %d", query, n, want)
			}
		}
		var payload string
		var at int64
		if err := db.QueryRow(t.Context(), `SELECT payload, run_at FROM job WHERE kind = $1`, SearchJob).Scan(&payload,
			&at); err != nil || payload != "{}" || store.Time(at).Before(time.Now().Add(23*time.Hour)) {
			t.Errorf("the next run: %s at %v, %v", payload, store.Time(at), err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE job SET run_at = 0 WHERE kind = $1`, SearchJob); err != nil {
			t.Fatal(err)
		}
		o.fillAll()
		var left int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM job WHERE kind = $1`,
			SearchJob).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d jobs are left, %v", left, err)
		}
	})
}

// hits are the messages of Ana that a search finds.
func (o *office) hits(query string) (n int) {
	o.t.Helper()
	l := Listing{Mailbox: o.ana.ID, Query: query}
	for {
		p, err := o.Messages(o.t.Context(), "u-ana", l)
		if err != nil {
			o.t.Fatal(err)
		}
		if n += len(p.Items); p.Next == "" {
			return n
		}
		l.After = p.Next
	}
}

// fillAll does the job, piece by piece, until none is due.
func (o *office) fillAll() {
	o.t.Helper()
	for {
		var payload string
		err := o.db.Tx(o.t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(o.t.Context(), `DELETE FROM job WHERE kind = $1 AND run_at <= $2 RETURNING payload`,
				SearchJob, store.Micros(time.Now())).Scan(&payload)
		})
		if errors.Is(err, sql.ErrNoRows) {
			return
		}
		if err == nil {
			err = o.FillSearch(o.t.Context(), store.Job{Payload: json.RawMessage(payload)})
		}
		if err != nil {
			o.t.Fatal(err)
		}
	}
}

// A piece begins where the one before ended.
func TestSearchOfOlderMailGoesOn(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	first := o.receive("Subject: a\n\nThe first text.\n", Verdict{}, o.ana)[0]
	o.receive("Subject: b\n\nThe second text.\n", Verdict{}, o.ana)
	for _, query := range []string{`UPDATE mail_message SET search = ''`, `DELETE FROM mail_head`} {
		if _, err := o.db.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.fillOn(t.Context(), filled{After: first.ID}, true); err != nil {
		t.Fatal(err)
	}
	o.fillAll()
	if o.hits("first text") != 0 || o.hits("second text") != 1 || o.heads() != 1 {
		t.Errorf("found %d and %d, %d heads", o.hits("first text"), o.hits("second text"), o.heads())
	}
}
