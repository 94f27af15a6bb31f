package media

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// keys are the DTMF events in the order of their codes (RFC 4733 §3.2).
const keys = "0123456789*#ABCD"

// IsKey tells whether key is on a DTMF keypad: 0-9, *, # and A-D.
func IsKey(key rune) bool { return strings.ContainsRune(keys, key) }

// Detector finds the keys pressed in a stream's telephone-events (RFC 4733). It is for the one goroutine that reads the
// stream.
type Detector struct {
	last  keystroke
	ended bool // its end was seen
	any   bool // there was one
}

// keystroke is what tells one event from another.
type keystroke struct {
	source, ssrc uint32
	begin        uint32 // timestamp
	code         byte
}

// Detect returns the key that p begins, once for each event: at the first of its packets to arrive, whichever that is.
// ok is false for repeated packets, retransmitted ends, late packets of an older event, the later segments of a long
// one (§2.5.1.3) and packets that are no DTMF.
func (d *Detector) Detect(p *Packet) (key rune, ok bool) {
	if !p.Event || len(p.Payload) < 4 || int(p.Payload[0]) >= len(keys) {
		return 0, false
	}
	stroke := keystroke{p.Source, p.Header.SSRC, p.Header.Timestamp, p.Payload[0]}
	end := p.Payload[1]&endBit != 0
	same := d.any && stroke.source == d.last.source && stroke.ssrc == d.last.ssrc
	age := int32(d.last.begin - stroke.begin)
	if same && age >= 0 {
		d.ended = d.ended || end && age == 0
		return 0, false
	}
	segment := same && !d.ended && stroke.code == d.last.code && age == -0xFFFF
	d.any, d.last, d.ended = true, stroke, end
	return rune(keys[stroke.code]), !segment
}

const (
	endBit   = 0x80
	volume   = 10 // -10 dBm0
	keyMS    = 100
	pauseMS  = 60
	endTimes = 3  // the end of an event is sent three times (§2.5.1.4)
	queued   = 32 // keys that may wait
)

// quiet is how long a track sends nothing until its keypad keeps the pace itself.
const quiet = 200 * time.Millisecond

// Keypad passes a track's sound on and writes DTMF keys into it as telephone-events: while a key is down, each packet
// of sound is replaced by one of the event, so numbering and pace stay those of the track. Where no sound comes (a
// muted phone), the events are a stream of their own.
type Keypad struct {
	from  *Track
	track *Track
	clock sync.WaitGroup

	mu      sync.Mutex
	queue   []byte        // codes of the events to come
	stop    chan struct{} // ends the clock; nil when there is nothing to press
	closed  bool
	heard   time.Time // when from wrote last
	driving bool      // the clock keeps the pace
	own     Packet    // of the clock
	out     Packet
	body    [4]byte
	code    byte
	begin   uint32 // timestamp where the event or the pause after it began
	ends    int    // how many ends are still to be sent
	down    bool
	paused  bool
}

// NewKeypad attaches a keypad to a track of sound.
func NewKeypad(from *Track) *Keypad {
	k := &Keypad{from: from, track: NewTrack(from.ID, from.Codec, nil), heard: time.Now()}
	k.own.Header = rtp.Header{Version: 2, SSRC: rand.Uint32()}
	from.Attach(k)
	return k
}

// Track is the sound with the keys in it.
func (k *Keypad) Track() *Track { return k.track }

// Close detaches the keypad from its source and waits for its clock.
func (k *Keypad) Close() {
	k.from.Detach(k)
	k.mu.Lock()
	k.closed = true
	k.halt()
	k.mu.Unlock()
	k.clock.Wait()
}

// Press queues a key: 100 ms down, 60 ms pause. It tells whether it is one and there was room.
func (k *Keypad) Press(key rune) bool {
	code := strings.IndexRune(keys, key)
	k.mu.Lock()
	defer k.mu.Unlock()
	if code < 0 || len(k.queue) >= queued || k.closed {
		return false
	}
	k.queue = append(k.queue, byte(code))
	if k.stop == nil {
		stop := make(chan struct{})
		k.stop = stop
		k.clock.Go(func() { pace(stop, func(int) { k.tick() }) })
	}
	return true
}

// halt ends the clock; under mu.
func (k *Keypad) halt() {
	if k.stop != nil {
		close(k.stop)
		k.stop, k.driving = nil, false
	}
}

// tick writes what is due when no sound comes that could carry it.
func (k *Keypad) tick() {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.stop == nil:
		return
	case len(k.queue) == 0 && !k.down && !k.paused:
		k.halt()
		return
	case !k.driving && time.Since(k.heard) < quiet:
		return
	case !k.driving:
		k.driving, k.down, k.paused = true, false, false
	}
	k.own.Header.SequenceNumber++
	k.own.Header.Timestamp += k.from.Codec.frame()
	k.out = k.own
	if k.step(&k.own); k.out.Event {
		k.track.WriteRTP(&k.out)
	}
}

// WriteRTP takes a packet of the source. While the clock keeps the pace, sound that comes is as unheard as behind any
// key.
func (k *Keypad) WriteRTP(p *Packet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.heard = time.Now()
	if k.driving && !p.Event {
		return
	}
	k.out = *p
	if !p.Event {
		k.step(p)
	}
	k.track.WriteRTP(&k.out)
}

// step moves from key to pause to the next key, by the timestamps of the sound.
func (k *Keypad) step(p *Packet) {
	ms := int32(p.Header.Timestamp-k.begin) / int32(max(k.from.Codec.Clock/1000, 1))
	switch {
	case k.down:
		k.hold(p, ms)
	case k.paused && ms >= 0 && ms < pauseMS:
	default:
		k.paused = false
		k.next(p)
	}
}

func (k *Keypad) next(p *Packet) {
	if len(k.queue) == 0 {
		return
	}
	k.code, k.queue = k.queue[0], k.queue[1:]
	k.down, k.begin, k.ends = true, p.Header.Timestamp, endTimes
	k.event(0, false)
	k.out.Header.Marker = true // the event's first packet (§2.5.1.1)
}

func (k *Keypad) hold(p *Packet, ms int32) {
	end := ms >= keyMS || ms < 0 // a timestamp that went back: the sender began anew
	if end {
		k.ends--
	}
	k.event(p.Header.Timestamp-k.begin, end)
	if k.ends == 0 {
		k.down, k.paused, k.begin = false, true, p.Header.Timestamp
	}
}

// event turns the packet at hand into one of the event.
func (k *Keypad) event(duration uint32, end bool) {
	if end {
		duration = keyMS * k.from.Codec.Clock / 1000
	}
	k.body[0], k.body[1] = k.code, volume
	if end {
		k.body[1] |= endBit
	}
	binary.BigEndian.PutUint16(k.body[2:], uint16(duration))
	k.out.Event, k.out.Payload = true, k.body[:]
	k.out.Header.Timestamp, k.out.Header.Marker = k.begin, false
}
