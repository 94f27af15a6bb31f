package bus

import (
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// What a server did not pass on is noticed by its receivers: each bus counts aloud, and whoever misses a number has
// missed other messages too, also when his own connection never went: the sender's did, or servers of a cluster lost
// each other. A bus that was away itself knows anyway.
const (
	pulseSubject = "bus.pulse"
	pulseEvery   = time.Second
	pulseForgets = time.Hour // who is silent for so long
	settle       = 2 * pulseEvery
)

// pulse is the count of a bus, and what it hears of the others'.
type pulse struct {
	id    string        // of this life of the bus
	stop  chan struct{} // ends the task
	tasks sync.WaitGroup
	log   *slog.Logger

	mu       sync.Mutex
	count    int64
	others   map[string]heard // by id
	missed   time.Time        // since when messages may have been lost; zero for not
	onMissed []func()
}

// number is what a bus says as it counts.
type number struct {
	Bus string `json:"bus"`
	N   int64  `json:"n"`
}

// heard is the last number of another bus, and when it came.
type heard struct {
	n  int64
	at time.Time
}

func newPulse(log *slog.Logger) *pulse {
	return &pulse{id: nats.NewInbox(), stop: make(chan struct{}), log: log, others: map[string]heard{}}
}

// onMiss is Bus.OnMissed.
func (p *pulse) onMiss(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onMissed = append(p.onMissed, fn)
}

// missing notes that messages were lost. They are told of together when all have settled: after an outage, all that
// were cut off come back one by one.
func (p *pulse) missing() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.missed.IsZero() {
		p.missed = time.Now()
	}
}

// skip leaves a number out, for others to notice: what this bus said may be lost.
func (p *pulse) skip() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
}

// beat counts, listens to the others' counts, and tells what was missed, until end.
func (p *pulse) beat(conn *nats.Conn) error {
	sub, err := conn.Subscribe(pulseSubject, p.hear)
	if err != nil {
		return err
	}
	p.tasks.Go(func() {
		defer sub.Unsubscribe()
		tick := time.NewTicker(pulseEvery)
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-tick.C:
				p.tick(conn)
			}
		}
	})
	return nil
}

// end ends the beat, if there is one.
func (p *pulse) end() {
	close(p.stop)
	p.tasks.Wait()
}

func (p *pulse) tick(conn *nats.Conn) {
	p.mu.Lock()
	p.count++
	mine := number{p.id, p.count}
	var tell []func()
	if !p.missed.IsZero() && time.Since(p.missed) >= settle && conn.IsConnected() {
		p.missed, tell = time.Time{}, p.onMissed
	}
	for id, h := range p.others {
		if time.Since(h.at) > pulseForgets {
			delete(p.others, id)
		}
	}
	p.mu.Unlock()
	data, _ := json.Marshal(mine)        // two plain fields: can't fail
	_ = conn.Publish(pulseSubject, data) // one that is lost is noticed
	for _, fn := range tell {
		fn()
	}
}

func (p *pulse) hear(m *nats.Msg) {
	var other number
	if json.Unmarshal(m.Data, &other) != nil || other.Bus == p.id {
		return
	}
	p.mu.Lock()
	before, known := p.others[other.Bus]
	p.others[other.Bus] = heard{other.N, time.Now()}
	p.mu.Unlock()
	if known && other.N != before.n+1 {
		p.log.Warn("messages of another node were lost", "numbers", other.N-before.n-1)
		p.missing()
	}
}
