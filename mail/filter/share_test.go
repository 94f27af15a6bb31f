package filter

import (
	"log/slog"
	"math"
	mathrand "math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// smallBits is the size of a model that is quick to save: how nodes share one does not depend on it. TestLearning has
// one of full size.
const smallBits = 14

// company is the filters of several nodes on one database, which hint to each other when hints is set.
type company struct {
	t     *testing.T
	db    *store.DB
	dns   string
	hints bool
	nodes []*Filter
}

func (c *company) join() *Filter {
	c.t.Helper()
	log := slog.New(slog.DiscardHandler)
	config := Config{Hostname: hostname, Resolver: resolver.New(c.dns, log), Save: 20 * time.Millisecond,
		Gather: time.Millisecond, bits: smallBits}
	if c.hints {
		config.Save = time.Hour
		config.Learned = func() {
			for _, f := range c.nodes {
				f.Notify()
			}
		}
	}
	f, err := New(c.t.Context(), config, c.db, log, prometheus.NewRegistry())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { f.Close() })
	return f
}

// lessons are all that a node knows of.
func lessons(f *Filter) (junk, clean int64) {
	f.model.mu.RLock()
	defer f.model.mu.RUnlock()
	return f.model.junk, f.model.clean
}

var eventually = testwait.Until

// What is taught on one node holds on another, with a hint at once and without one soon; a node that starts anew knows
// it too.
func TestTaughtElsewhere(t *testing.T) {
	for name, hints := range map[string]bool{"hints": true, "no hints": false} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				c := &company{t: t, db: db, dns: dnstest.Start(t), hints: hints}
				c.nodes = []*Filter{nil, nil}
				a, b := c.join(), c.join()
				c.nodes[0], c.nodes[1] = a, b
				r := mathrand.New(mathrand.NewPCG(1, 2))
				e := Envelope{IP: net.ParseIP("203.0.113.9"), Helo: "h.example", From: "x@h.example"}
				for range 40 {
					check(t, a, e, cleanLetter(r))
				}
				for range minJunk + 3 {
					message := junkLetter(r)
					_, header := check(t, a, e, message)
					if err := a.Train(t.Context(), strings.NewReader(stored(header, message)), true); err != nil {
						t.Fatal(err)
					}
				}
				eventually(t, "the other node knows", func() bool { junk, _ := lessons(b); return junk == minJunk+3 })
				for which, f := range map[string]*Filter{"the other node": b, "a new node": c.join()} {
					if wrong := score(t, f, r, 20); wrong[true] > 4 || wrong[false] > 0 {
						t.Errorf("%s: of 20 each, missed %d junk and condemned %d clean", which, wrong[true],
							wrong[false])
					}
				}
			})
		})
	}
}

// Nodes that learn at the same time lose nothing and learn nothing twice, over restarts too; in the end all know the
// same.
func TestLearnTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := &company{t: t, db: db, dns: dnstest.Start(t)}
		const each = 30
		for range 2 { // lives
			c.nodes = []*Filter{c.join(), c.join(), c.join()}
			var teachers sync.WaitGroup
			for i, f := range c.nodes {
				teachers.Go(func() {
					r := mathrand.New(mathrand.NewPCG(uint64(i), 7))
					for n := range each {
						letter, junk := cleanLetter(r), n%2 == 0
						if junk {
							letter = junkLetter(r)
						}
						f.Train(t.Context(), strings.NewReader(letter), junk)
					}
				})
			}
			teachers.Wait()
			for _, f := range c.nodes {
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
		first, second := c.join(), c.join()
		if junk, clean := lessons(first); junk != 2*3*each/2 || clean != 2*3*each/2 {
			t.Errorf("%d of junk and %d of clean mail, want %d each", junk, clean, 2*3*each/2)
		}
		for i := range first.model.weights {
			if first.model.weights[i] != second.model.weights[i] {
				t.Fatalf("weight %d differs", i)
			}
		}
	})
}

// Steps that are too small for a save are not lost by saving often.
func TestSmallSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := &company{t: t, db: db, dns: dnstest.Start(t)}
		f := c.join()
		f.stop()
		<-f.done
		const steps, step = 25, 0.4 / fraction
		for range steps {
			f.model.weights[5] += step
			f.model.taught++
			if err := f.share(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if w := float64(c.join().model.weights[5]); math.Abs(w-steps*step) > 1.0/fraction {
			t.Errorf("weight %g, want %g", w, steps*step)
		}
	})
}

// What an older version learned, from 4-grams alone, is gone on with, and left to its nodes as it is.
func TestOlderModelIsGoneOnWith(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := &company{t: t, db: db, dns: dnstest.Start(t)}
		teacher := c.join()
		r := mathrand.New(mathrand.NewPCG(1, 2))
		for range 25 {
			for _, junk := range []bool{true, false} {
				message := cleanLetter(r)
				if junk {
					message = junkLetter(r)
				}
				_, header := check(t, teacher,
					Envelope{IP: net.ParseIP("203.0.113.9"), Helo: "h.example", From: "x@h.example"}, message)
				if err := teacher.Train(t.Context(), strings.NewReader(stored(header, message)), junk); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := teacher.Close(); err != nil {
			t.Fatal(err)
		}
		older := pack(teacher.model.weights[:1<<smallBits])
		if _, err := db.Exec(t.Context(), `UPDATE mail_filter SET name = $1, weights = $2`, olderName, older); err != nil {
			t.Fatal(err)
		}
		f := c.join()
		if wrong := score(t, f, r, 20); wrong[true] > 2 || wrong[false] > 0 {
			t.Errorf("of 20 each, missed %d junk and condemned %d clean", wrong[true], wrong[false])
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		var names, kept string
		err := db.QueryRow(t.Context(), `SELECT (SELECT weights FROM mail_filter WHERE name = $1), (SELECT name FROM mail_filter WHERE name <> $1)`,
			olderName).Scan(&kept, &names)
		if err != nil || kept != older || names != modelName {
			t.Errorf("%v, kept %t, beside %q", err, kept == older, names)
		}
	})
}
