package queue

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

var discard = slog.New(slog.DiscardHandler)

// beside is a second node over an office's database.
func (o *office) beside(t testing.TB, db *store.DB) *office {
	t.Helper()
	other, config := *o, o.config
	config.Members = nil
	other.box = mail.New(mail.Config{}, db, o.blobs, o.log, newRegistry())
	other.start(t, db, config)
	return &other
}

// recover has the office clear up after a node as if that were lost.
func (o *office) recover(t testing.TB, dead store.Member) {
	t.Helper()
	if _, err := o.Queue.db.Exec(t.Context(),
		`UPDATE job SET state = 'ready', lease = '', lease_until = 0 WHERE lease LIKE $1`,
		dead.Holder()+"/%"); err != nil {
		t.Fatal(err)
	}
	if err := o.Recover(t.Context(), dead.ID, dead.Epoch); err != nil {
		t.Fatal(err)
	}
}

// attempted waits until an attempt of this node has ended.
func (o *office) attempted(t testing.TB) {
	t.Helper()
	eventually(t, "the attempt has ended", o.Queue.attempted)
}

func (q *Queue) attempted() bool {
	outcomes := make(chan prometheus.Metric, 3)
	q.metrics.outcomes.Collect(outcomes)
	return len(outcomes) > 0
}

// held makes a peer hold its answer to the first RCPT, and says when it has come; let lets it go on.
func held(far *peer, then func(attempt int) error) (come <-chan struct{}, let func()) {
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	far.refuse = func(_ string, attempt int) error {
		if attempt == 1 {
			once.Do(func() { close(asked) })
			<-answer
		}
		return then(attempt)
	}
	return asked, func() { close(answer) }
}

// A node that was stopped in the middle of a transaction and goes on after another has taken the message over ends
// nothing: it is sent once.
func TestTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		come, let := held(far, func(int) error { return nil })
		a := newOffice(t, db, Config{}, far)
		a.send(t, "carl@far.test", "dora@far.test")
		<-come
		b := a.beside(t, db)
		b.recover(t, a.config.Members.Self())
		eventually(t, "sent by the other node", func() bool { return len(far.got()) == 1 && len(b.list(t)) == 0 })
		let()
		a.attempted(t)
		a.stop()
		if far.tries() != 2 || len(far.got()) != 1 || len(far.got()[0].to) != 2 {
			t.Errorf("%d transactions, taken %+v", far.tries(), far.got())
		}
	})
}

// What a late node learned is not written over the outcome of the one that took over.
func TestLateOutcome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		come, let := held(far, func(attempt int) error { return []error{1: gone, 2: busy}[attempt] })
		a := newOffice(t, db, Config{FirstWait: time.Hour}, far)
		a.send(t, "carl@far.test")
		<-come
		b := a.beside(t, db)
		b.recover(t, a.config.Members.Self())
		eventually(t, "put off by the other node",
			func() bool { l := b.list(t); return len(l) == 1 && l[0].Attempts == 1 })
		let()
		a.attempted(t)
		a.stop()
		if l := b.list(t); len(l) != 1 || l[0].Attempts != 1 || !strings.Contains(l[0].Answer, "come back later") {
			t.Errorf("item %+v", l)
		}
		if len(b.in(t, b.anna, "INBOX")) != 0 {
			t.Error("the sender was told of a failure")
		}
	})
}

// A node that others count as lost ends no message, though nobody has come to its claim yet; neither does one whose
// proof takes too long.
func TestProof(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, c := range map[string]struct {
			patience time.Duration
			state    string
			proves   bool
		}{
			"a member": {time.Minute, store.MemberUp, true}, "draining": {time.Minute, store.MemberDraining, true},
			"lost": {time.Minute, store.MemberLost, false}, "too slow": {time.Nanosecond, store.MemberUp, false},
		} {
			members := must(store.JoinMembers(t.Context(), db,
				store.MembersConfig{Node: store.NewID()[24:], Patience: c.patience}, discard))(t)
			q := must(New(Config{Hostname: host, Members: members},
				mail.New(mail.Config{}, db, nil, discard, newRegistry()), db, nil, discard, newRegistry()))(t)
			m := claimed(t, q)
			if _, err := db.Exec(t.Context(), `UPDATE node SET state = $1 WHERE id = $2`, c.state,
				members.Self().ID); err != nil {
				t.Fatal(err)
			}
			if err := q.prove(t.Context(), m); (err == nil) != c.proves {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// claimed is a message of which this queue holds the recipient.
func claimed(t *testing.T, q *Queue) *message {
	t.Helper()
	p := &prepared{message: message{id: store.NewID(), created: time.Now()},
		to: []recipient{{id: store.NewID(), address: "x@far.test", domain: "far.test"}}}
	if err := q.db.Tx(t.Context(), func(tx *store.Tx) error { return q.insert(t.Context(), tx, p) }); err != nil {
		t.Fatal(err)
	}
	m, rcpts, _, err := q.claim(t.Context(), payload{Message: p.id, Domain: "far.test"})
	if err != nil || len(rcpts) != 1 {
		t.Fatalf("claim %v, %v", rcpts, err)
	}
	return m
}

// Only what a life that is over held is freed.
func TestRecover(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		queueOf := func(node string) *Queue {
			members := must(store.JoinMembers(t.Context(), db, store.MembersConfig{Node: node}, discard))(t)
			return must(New(Config{Hostname: host, Members: members},
				mail.New(mail.Config{}, db, nil, discard, newRegistry()), db, nil, discard, newRegistry()))(t)
		}
		first, other, second := queueOf("a"), queueOf("ab"), queueOf("a")
		dead := first.config.Members.Self()
		holds := func(q *Queue, m *message) bool {
			return q.db.Tx(t.Context(), func(tx *store.Tx) error { return q.prolong(t.Context(), tx, m) }) == nil
		}
		lost, foreign, own := claimed(t, first), claimed(t, other), claimed(t, second)
		if err := other.Recover(t.Context(), dead.ID, dead.Epoch); err != nil {
			t.Fatal(err)
		}
		if holds(first, lost) || !holds(other, foreign) || !holds(second, own) {
			t.Errorf("held: the dead one's %v, another node's %v, the next life's %v", holds(first, lost),
				holds(other, foreign), holds(second, own))
		}
		if _, rcpts, _, err := other.claim(t.Context(), payload{Message: lost.id, Domain: "far.test"}); err != nil ||
			len(rcpts) != 1 {
			t.Errorf("not due at once: %v, %v", rcpts, err)
		}
	})
}

// An attempt that the end of its worker cuts short does not count, whether the process stops or its job was taken over:
// the mail is due at once.
func TestCutShort(t *testing.T) {
	for _, cause := range []error{store.ErrLeaseLost, context.Canceled} {
		storetest.Each(t, func(t *testing.T, db *store.DB) { cutShort(t, db, cause) })
	}
}

func cutShort(t *testing.T, db *store.DB, cause error) {
	far := newPeer(t, nil)
	come, let := held(far, func(int) error { return nil })
	o := newOffice(t, db, Config{FirstWait: time.Hour}, far)
	o.stop()
	receipt := o.send(t, "carl@far.test")
	lost := cause == store.ErrLeaseLost
	if lost { // whoever has the job now is about to put it off until the claim would run out
		if _, err := db.Exec(t.Context(), `DELETE FROM job`); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	result := make(chan error)
	go func() {
		result <- o.run(ctx, store.Job{Payload: []byte(`{"message":"` + receipt.ID + `","domain":"far.test"}`)})
	}()
	<-come
	cancel(cause)
	err := <-result
	let()
	var retry *store.RetryAt
	if errors.Is(err, store.ErrLeaseLost) != lost || errors.As(err, &retry) == lost {
		t.Errorf("returned %v", err)
	}
	if l := o.list(t); len(l) != 1 || l[0].Attempts != 0 || l[0].Next.After(time.Now()) {
		t.Errorf("item %+v", l)
	}
	o.beside(t, db)
	eventually(t, "sent by another worker", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
}

// The database goes away between the other server's answer and our note of it: the answer is written when it is back,
// and nothing sent again.
func TestDatabaseAwayAtTheAnswer(t *testing.T) {
	server := storetest.StartPostgres(t)
	db := must(store.Open(t.Context(), server.URL))(t)
	t.Cleanup(func() { db.Close() })
	far, stopped := newPeer(t, nil), make(chan struct{})
	far.taken = func() { server.Stop(); close(stopped) }
	o := newOffice(t, db, Config{}, far)
	o.send(t, "carl@far.test")
	<-stopped
	o.attempted(t)
	server.Start()
	eventually(t, "the answer is written", func() bool {
		l, err := o.List(t.Context(), "", "", 1)
		return err == nil && len(l) == 0
	})
	if far.tries() != 1 || len(far.got()) != 1 {
		t.Errorf("%d transactions, taken %+v", far.tries(), far.got())
	}
}
