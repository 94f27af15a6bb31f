package main

import (
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail/passwords"
	"frontdesk/mail/smtpd"
	"frontdesk/media/net/load"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// BenchmarkMail is what mails of 10 KB cost in a whole running company, from 20 connections until the last has its
// entry on a timeline: fsync, filter and CRM on. Beside it stand Postfix and Dovecot, where they are installed, which
// have neither filter nor CRM.
func BenchmarkMail(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, c := range []struct {
			name             string
			senders, entries int
		}{{"one client of 10 entries", 1, 10}, {"one client of 100000 entries", 1, 100_000},
			{"10000 clients", 10_000, 10}} {
			b.Run(engine+"/"+c.name, func(b *testing.B) { benchmarkMail(b, engine, c.senders, c.entries) })
		}
	}
	b.Run("postfix and dovecot", func(b *testing.B) {
		peers := newPeers(b)
		generator := load.Start(b, "TestMailSenders", "mail")
		for b.Loop() {
			before := peers.used()
			begun := time.Now()
			got := sendMails(b, generator,
				letters{Server: peers.smtp, To: "ana@peers.example", Mails: mails, Senders: 1})
			peers.await(mails)
			reportMails(b, got, time.Since(begun), peers.used()-before, "")
		}
	})
}

const (
	regulars = 1000 // clients who wrote before: a database at work is not empty
	mails    = 5000 // of a run, so many that what is only put off shows
)

func benchmarkMail(b *testing.B, engine string, senders, entries int) {
	url := ""
	if engine == "postgres" {
		url = storetest.PostgresURL(b)
	}
	n := runCompany(b, url)
	server := openMX(b, n)
	generator := load.Start(b, "TestMailSenders", "mail")
	p := letters{Server: server, To: demoUsers()[1].mailbox(), Mails: regulars, Senders: regulars}
	sendMails(b, generator, p)
	awaitEntries(b, n.db, p.Mails)
	lengthen(b, n, entries)
	p.First, p.Mails, p.Senders = p.Mails, mails, senders
	for b.Loop() {
		before, other := ownCPU(b), serverCPU(b, n.db)
		begun := time.Now()
		got := sendMails(b, generator, p)
		p.First += p.Mails
		awaitEntries(b, n.db, p.First)
		took := time.Since(begun)
		reportMails(b, got, took, ownCPU(b)-before, "")
		if engine == "postgres" {
			b.ReportMetric((serverCPU(b, n.db)-other).Seconds()*1000/mails, "postgres-cpu-ms/mail")
		}
	}
}

func reportMails(b *testing.B, got posted, took, cpu time.Duration, prefix string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(got.Accepted)/got.Took.Seconds(), prefix+"accepted/s")
	b.ReportMetric(float64(got.Accepted)/took.Seconds(), prefix+"complete/s")
	b.ReportMetric(cpu.Seconds()*1000/float64(got.Accepted), prefix+"cpu-ms/mail")
}

func sendMails(b *testing.B, generator *load.Process, p letters) (got posted) {
	b.Helper()
	generator.Tell(p)
	generator.Read(&got)
	if got.Accepted != p.Mails {
		b.Fatalf("%d of %d mails were accepted: %s", got.Accepted, p.Mails, got.Trouble)
	}
	return got
}

// openMX is a door for the world's mail like the company's, that takes any number of one network.
func openMX(b *testing.B, n *node) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := smtpd.New(smtpd.Config{Hostname: n.config.Mail.Hostname, Limits: smtpd.Limits{MailPerMinute: -1}},
		n.box, n.blobs, n.filter, n.queue, n.programs().At(passwords.Sending), slog.New(slog.DiscardHandler),
		prometheus.NewRegistry())
	go server.ServeMX(l)
	b.Cleanup(func() { server.Close(b.Context()) })
	return l.Addr().String()
}

// awaitEntries waits until so many mails of the benchmark have their entries.
func awaitEntries(b *testing.B, db *store.DB, want int) {
	b.Helper()
	n := 0
	for began := time.Now(); n != want; <-time.After(20 * time.Millisecond) {
		var left bool
		err := db.QueryRow(b.Context(), "SELECT EXISTS (SELECT 1 FROM job WHERE kind = 'intake.mail')").Scan(&left)
		if err == nil && !left {
			err = db.QueryRow(b.Context(), `SELECT count(*) FROM activity WHERE channel = 'mail' AND dedupe LIKE '%@elsewhere.example client%'`).Scan(&n)
		}
		if err != nil || time.Since(began) > 10*time.Minute {
			b.Fatalf("%d entries of %d: %v", n, want, err)
		}
	}
}

// lengthen gives the client who will write a past of so many entries.
func lengthen(b *testing.B, n *node, entries int) {
	b.Helper()
	const past = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `
	err := n.db.Tx(b.Context(), func(tx *store.Tx) error {
		var one string
		if err := tx.QueryRow(b.Context(), `SELECT id FROM activity WHERE channel = 'mail' AND dedupe LIKE '%@elsewhere.example client0@%'`).Scan(&one); err != nil {
			return err
		}
		for _, copies := range []string{
			`INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address, line, user_id, due_at, verified, waiting, several, source)
				SELECT id || '-' || i, kind, channel, 'past-' || i, phase, incoming, at - 1000 * i, seconds, outcome, title, body, address, line, user_id, due_at, verified, FALSE, several, source FROM activity, n WHERE id = $1`,
			`INSERT INTO activity_entity (entity_kind, entity_id, at, activity) SELECT entity_kind, entity_id, at - 1000 * i, activity || '-' || i FROM activity_entity, n WHERE activity = $1`,
		} {
			if _, err := tx.Exec(b.Context(), fmt.Sprintf(past, entries-2)+copies, one); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && n.db.Dialect() == store.PostgreSQL {
		_, err = n.db.Exec(b.Context(), "ANALYZE")
	}
	if err != nil {
		b.Fatal(err)
	}
}

// ownCPU is the user and system time of this process, which is the company.
func ownCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// serverCPU is that of PostgreSQL's processes which work for this company; 0 where it has none.
func serverCPU(b *testing.B, db *store.DB) (all time.Duration) {
	if db.Dialect() != store.PostgreSQL {
		return 0
	}
	rows, err := db.Query(b.Context(), "SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
	pids, err := store.Collect(rows, err, func(r store.Row) (pid int, err error) { return pid, r.Scan(&pid) })
	if err != nil && err != sql.ErrNoRows {
		b.Fatal(err)
	}
	for _, pid := range pids {
		all += processCPU(pid)
	}
	return all
}

// processCPU is the user and system time of a process and of those of its children that have ended; 0 when it is gone.
func processCPU(pid int) time.Duration {
	file, err := os.Open(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	defer file.Close()
	stat, _ := io.ReadAll(file)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 15 {
		return 0
	}
	var ticks int64
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		var n int64
		fmt.Sscan(field, &n)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // of USER_HZ
}
