package bus

import (
	"encoding/json"
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

// pulse is one number of a bus's count.
type pulse struct {
	Bus string `json:"bus"`
	N   int64  `json:"n"`
}

// heard is the last number of another bus, and when it came.
type heard struct {
	n  int64
	at time.Time
}

// OnMissed has fn called, one at a time, some seconds after messages to this bus were or may have been lost and pass
// again.
func (b *Bus) OnMissed(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.onMissed = append(b.onMissed, fn)
}

// missing notes that messages were lost. They are told of together when all have settled: after an outage, all that
// were cut off come back one by one.
func (b *Bus) missing() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missed.IsZero() {
		b.missed = time.Now()
	}
}

// skip leaves a number out, for others to notice: what this bus said may be lost.
func (b *Bus) skip() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
}

// beat counts, listens to the others' counts, and tells what was missed, until Close.
func (b *Bus) beat() error {
	sub, err := b.conn.Subscribe(pulseSubject, b.hear)
	if err != nil {
		return err
	}
	b.tasks.Go(func() {
		defer sub.Unsubscribe()
		tick := time.NewTicker(pulseEvery)
		defer tick.Stop()
		for {
			select {
			case <-b.stop:
				return
			case <-tick.C:
				b.tick()
			}
		}
	})
	return nil
}

func (b *Bus) tick() {
	b.mu.Lock()
	b.count++
	mine := pulse{b.id, b.count}
	var tell []func()
	if !b.missed.IsZero() && time.Since(b.missed) >= settle && b.conn.IsConnected() {
		b.missed, tell = time.Time{}, b.onMissed
	}
	for id, h := range b.others {
		if time.Since(h.at) > pulseForgets {
			delete(b.others, id)
		}
	}
	b.mu.Unlock()
	b.Publish(pulseSubject, mine) // one that is lost is noticed
	for _, fn := range tell {
		fn()
	}
}

func (b *Bus) hear(m *nats.Msg) {
	var p pulse
	if json.Unmarshal(m.Data, &p) != nil || p.Bus == b.id {
		return
	}
	b.mu.Lock()
	before, known := b.others[p.Bus]
	b.others[p.Bus] = heard{p.N, time.Now()}
	b.mu.Unlock()
	if known && p.N != before.n+1 {
		b.log.Warn("messages of another node were lost", "numbers", p.N-before.n-1)
		b.missing()
	}
}
