package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// office is a company with a webhook to a receiver.
type office struct {
	*Webhooks
	*receiver
	t    *testing.T
	db   *store.DB
	hook Webhook
}

// each runs a test on both databases; what c leaves out is as quick as a test needs.
func each(t *testing.T, c Config, test func(o *office)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := &office{receiver: newReceiver(t), t: t, db: db}
		c.Roots = o.roots()
		if c.Wait == nil {
			c.Wait = func(int) time.Duration { return 10 * time.Millisecond }
		}
		o.Webhooks = newNode(t, db, c)
		var err error
		o.hook, o.secret, err = o.Create(t.Context(),
			Input{"Shop", o.URL + "/in", []string{"lead.created", "deal.moved"}, true})
		if err != nil {
			t.Fatal(err)
		}
		test(o)
	})
}

func newNode(t *testing.T, db *store.DB, c Config) *Webhooks {
	t.Helper()
	var err error
	if c.Egress, err = guard.NewEgress([]string{"127.0.0.0/8"}); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	return New(c, db, store.NewEventLog(db, log), log, prometheus.NewRegistry())
}

// runs has a node work until it dies.
func (o *office) runs(w *Webhooks, name string) (die func()) {
	ctx, cancel := context.WithCancel(o.t.Context())
	jobs := store.NewJobs(o.db, store.JobsConfig{Holder: name}, slog.New(slog.DiscardHandler))
	w.Handle(jobs)
	var over sync.WaitGroup
	over.Go(func() { w.events.Run(ctx, func([]string) {}) })
	over.Go(func() { w.Follow(ctx) })
	over.Go(func() { jobs.Run(ctx) })
	die = sync.OnceFunc(func() { cancel(); over.Wait() })
	o.t.Cleanup(die)
	return die
}

// happens tells an event, of which admins are told something else than those it is for.
func (o *office) happens(kind, key string) {
	o.t.Helper()
	if err := o.db.Tell(o.t.Context(),
		store.Event{Type: kind, Data: "secret " + key, Rest: key, For: []string{"u"}}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) await(what string, done func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(testwait.Limit); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("%s did not come: got %v, %+v", what, o.keys(), o.deliveries())
		}
	}
}

func (o *office) deliveries() []Delivery {
	o.t.Helper()
	list, err := o.Deliveries(context.Background(), Listing{Webhook: o.hook.ID, Limit: 100})
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

func (o *office) now() Webhook {
	o.t.Helper()
	list, err := o.List(context.Background())
	if err != nil || len(list) != 1 {
		o.t.Fatalf("%+v, %v", list, err)
	}
	return list[0]
}

// What a webhook wants is sent to it, as admins may know it; what it does not want, and what was before it, is not.
func TestEventsArrive(t *testing.T) {
	each(t, Config{}, func(o *office) {
		o.runs(o.Webhooks, "n/1")
		o.happens("lead.created", "a")
		o.happens("call.ended", "b")
		o.happens("deal.moved", "c")
		o.await("both", func() bool { return len(o.keys()) == 2 && o.now().Waiting == 0 })
		if got := o.keys(); !slices.Equal(got, []string{"a", "c"}) {
			t.Errorf("got %v", got)
		}
		list := o.deliveries()
		if len(list) != 2 || list[0].State != Delivered || list[0].Type != "deal.moved" || list[0].Status != 204 ||
			list[0].Attempts != 1 || list[0].Tried.IsZero() || list[1].Event != 1 {
			o.t.Errorf("%+v", list)
		}
		if _, body, err := o.Delivery(o.t.Context(), o.hook.ID, list[1].ID); err != nil ||
			!strings.HasPrefix(string(body), `{"type":"lead.created","timestamp":"`) || !strings.HasSuffix(string(body), `,"event":1,"data":"a"}`) {
			o.t.Errorf("%s, %v", body, err)
		}
		if d, err := o.Resend(o.t.Context(), o.hook.ID, list[1].ID); err != nil || d.State != Waiting {
			o.t.Errorf("%+v, %v", d, err)
		}
		o.await("the first again", func() bool { return len(o.keys()) == 3 && o.now().Waiting == 0 })
		if got := o.keys(); !slices.Equal(got, []string{"a", "a", "c"}) || o.ids() != 2 {
			o.t.Errorf("got %v under %d ids", got, o.ids())
		}
		if err := o.Prune(o.t.Context(), -1); err != nil || len(o.deliveries()) > 0 {
			o.t.Errorf("%+v are left, %v", o.deliveries(), err)
		}
	})
}

// A receiver that is out of order gets everything later, each under one id; that it works again hurries what waits.
func TestReceiverOutOfOrder(t *testing.T) {
	wait := func(attempts int) time.Duration {
		if attempts > 1 {
			return time.Hour
		}
		return 10 * time.Millisecond
	}
	each(t, Config{Wait: wait, Short: 1}, func(o *office) {
		o.answers(func(int, message) int { return 503 })
		o.runs(o.Webhooks, "n/1")
		for i := range 6 {
			o.happens("lead.created", fmt.Sprint(i))
		}
		o.await("two attempts for each", func() bool { return o.attempts() == 12 })
		o.await("what went wrong to be known", func() bool {
			return !slices.ContainsFunc(o.deliveries(), func(d Delivery) bool { return d.Attempts != 2 })
		})
		d := o.deliveries()[0]
		if h := o.now(); h.Failing.IsZero() || h.Waiting != 6 || d.State != Waiting || d.Trouble != Status ||
			d.Status != 503 ||
			!strings.HasPrefix(d.Answer, "out of order out") || time.Until(d.Next) < 50*time.Minute {
			o.t.Errorf("%+v, %+v", h, d)
		}
		o.answers(func(int, message) int { return 200 })
		o.happens("lead.created", "6")
		o.await("all", func() bool { return len(o.keys()) == 7 && o.now().Waiting == 0 && o.now().Failing.IsZero() })
		if got := o.keys(); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5", "6"}) || o.ids() != 7 {
			o.t.Errorf("got %v under %d ids", got, o.ids())
		}
	})
}

// Nodes that share the work die in the middle of it: nothing is missing, and nothing has two ids.
func TestNodesDie(t *testing.T) {
	each(t, Config{Timeout: time.Second}, func(o *office) {
		o.answers(func(int, message) int { time.Sleep(time.Millisecond); return 200 })
		var want []string
		for life := range 4 {
			var deaths []func()
			for node := range 2 {
				deaths = append(deaths, o.runs(newNode(o.t, o.db, o.config), fmt.Sprint("n", node, "/", life)))
			}
			for i := range 20 {
				want = append(want, fmt.Sprintf("%d.%02d", life, i))
				o.happens("lead.created", want[len(want)-1])
			}
			for _, die := range deaths {
				die()
			}
		}
		o.runs(o.Webhooks, "n/1")
		o.await("all", func() bool { return o.ids() >= len(want) && o.now().Waiting == 0 })
		got := slices.Compact(o.keys()) // an answer may be lost with who waits for it: the id tells
		if !slices.Equal(got, want) || o.ids() != len(want) {
			o.t.Errorf("%d under %d ids, %d happened", len(got), o.ids(), len(want))
		}
	})
}

// A webhook stops by itself when its receiver is gone; switched on again it gets what waited, and what happens then.
func TestStopsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		silence time.Duration
		want    Reason
	}{"gone": {410, time.Hour, Gone}, "silent": {500, 50 * time.Millisecond, Silent}} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{Silence: c.silence}, func(o *office) {
				o.answers(func(int, message) int { return c.status })
				o.runs(o.Webhooks, "n/1")
				o.happens("lead.created", "a")
				o.await("the end", func() bool { return !o.now().Active })
				if h := o.now(); h.Stopped != c.want {
					o.t.Errorf("%+v", h)
				}
				o.happens("lead.created", "never sent")
				o.await("its number",
					func() bool { last, err := o.events.Last(o.t.Context()); return err == nil && last == 2 })
				o.answers(func(int, message) int { return 200 })
				if _, err := o.Update(o.t.Context(), o.hook.ID, func(in *Input) { in.Active = true }); err != nil {
					o.t.Fatal(err)
				}
				o.happens("lead.created", "b")
				o.await("both", func() bool { return len(o.keys()) >= 2 && o.now().Waiting == 0 })
				if got := o.keys(); !slices.Equal(got, []string{"a", "b"}) {
					o.t.Errorf("got %v", got)
				}
			})
		})
	}
}

// Events wait in the log while too many deliveries wait.
func TestManyWait(t *testing.T) {
	each(t, Config{Most: 3}, func(o *office) {
		o.answers(func(int, message) int { return 500 })
		die := o.runs(o.Webhooks, "n/1")
		for i := range 3 {
			o.happens("lead.created", fmt.Sprint(i))
		}
		o.await("what fits", func() bool { return o.now().Waiting == 3 })
		o.happens("lead.created", "3")
		o.await("its number", func() bool { last, err := o.events.Last(o.t.Context()); return err == nil && last == 4 })
		if n := o.now().Waiting; n != 3 {
			o.t.Errorf("%d wait", n)
		}
		o.answers(func(int, message) int { return 200 })
		o.await("those", func() bool { return o.now().Waiting == 0 })
		die()
		o.runs(newNode(o.t, o.db, o.config), "n/2") // looks at once
		o.await("the last", func() bool { return len(o.keys()) == 4 })
	})
}
