package pbx

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// BenchmarkQueue tells how long after an agent is free a phone rings for the next of 500 callers who wait, with 50
// agents who answer at once and talk for a second or so; all callers are served, in order.
func BenchmarkQueueSQLite(b *testing.B)   { benchmarkQueue(b, storetest.SQLite(b)) }
func BenchmarkQueuePostgres(b *testing.B) { benchmarkQueue(b, storetest.Postgres(b)) }

// agentsPhones answer at once, and hang up after talk.
type agentsPhones struct {
	b     testing.TB
	place map[string]int // of each call, by its id
	most  int            // agents
	talk  time.Duration
	done  chan struct{}

	mu    sync.Mutex
	freed map[string]time.Time // since when a user is free
	took  []time.Duration
	rang  int
}

func (p *agentsPhones) Dial(_ context.Context, t Target, q Request) (Leg, error) {
	leg := calltest.New(Party{Kind: Browser, User: t.User}, q.Codecs...)
	p.mu.Lock()
	defer p.mu.Unlock()
	if free, was := p.freed[t.User]; was {
		p.took = append(p.took, time.Since(free))
	}
	if at := p.place[q.Call]; at >= p.rang+p.most {
		p.b.Errorf("caller %d is served as the %d.", at, p.rang)
	}
	p.rang++
	leg.Say(Answered{Codec: media.PCMA()})
	time.AfterFunc(p.talk/2+rand.N(p.talk), func() {
		p.mu.Lock()
		p.freed[t.User] = time.Now()
		p.mu.Unlock()
		leg.Say(Gone{Cause: CauseNormal})
		p.done <- struct{}{}
	})
	return leg, nil
}

func benchmarkQueue(b *testing.B, db *store.DB) {
	const callers, agents = 500, 50
	x := nodeOf(b, db, "a")
	var users []string
	yes, no := true, false
	for i := range agents {
		users = append(users, fmt.Sprintf("agent%02d", i))
	}
	id := queueOf(b, x, x, users...)
	set := func(loggedIn, paused *bool) {
		for _, user := range users {
			if err := x.SetAgent(b.Context(), user, loggedIn, paused); err != nil {
				b.Fatal(err)
			}
		}
	}
	set(&yes, nil)
	for range b.N {
		set(nil, &yes)
		phones := &agentsPhones{b: b, place: map[string]int{}, most: agents, talk: time.Second,
			done: make(chan struct{}, callers), freed: map[string]time.Time{}}
		x.board.Dialers = Dialers{Browser: phones}
		for i := range callers {
			x.Arrive(calltest.New(Party{Kind: Browser, User: fmt.Sprint("client", i)}), "400")
		}
		until(b, "all callers", func() bool { _, all, _ := x.Waiting(b.Context(), id, 1); return all == callers })
		first, _, err := x.Waiting(b.Context(), id, callers)
		if err != nil {
			b.Fatal(err)
		}
		for at, c := range first {
			phones.place[c.Call] = at
		}
		set(nil, &no)
		for range callers {
			<-phones.done
		}
		until(b, "the end", func() bool { return len(x.Calls()) == 0 })
		phones.report(b)
	}
}

func (p *agentsPhones) report(b *testing.B) {
	var sum, worst time.Duration
	for _, d := range p.took {
		sum, worst = sum+d, max(worst, d)
	}
	b.ReportMetric(float64(sum.Microseconds())/1000/float64(len(p.took)), "ms/ring")
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms/worst")
}
