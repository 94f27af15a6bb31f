package media

import "sync"

const (
	jitterSlots   = 64               // packets kept at most
	jitterPayload = 1500             // bytes of the largest one
	jitterStart   = 3                // packets to have before the sound begins
	jitterMost    = 12               // packets that may wait; more are cut to jitterStart
	jitterWindow  = 50               // frames over which the least wait is judged: what was never needed is given up
	longest       = frameSamples * 6 // samples of the longest packet, 120 ms (RFC 6716 §3.1)
	jitterSound   = longest + frameSamples
)

// jitter makes an even sound of what comes unevenly: it puts packets into order and waits a little for late ones. Any
// goroutine may write, one pulls. It keeps the wait short: it begins with jitterStart packets and comes back there, one
// packet at a time, after a burst or from a sender whose clock is fast.
type jitter struct {
	decode Decoder // nil: nothing we understand comes

	mu      sync.Mutex
	slots   [jitterSlots]slot
	ssrc    uint32
	next    uint16 // the packet to play next
	end     uint16 // beyond the newest packet
	playing bool   // false: it waits for jitterStart packets

	// Of the goroutine that pulls.
	payload [jitterPayload]byte
	sound   [jitterSound]int16
	have    int // samples in sound
	last    []int16
	lastBuf [longest]int16
	window  int
	least   int // packets that waited, in this window
}

// slot is a packet that waits.
type slot struct {
	used bool
	size int
	data [jitterPayload]byte
}

func newJitter(codec Codec) *jitter { return &jitter{decode: NewDecoder(codec), least: jitterSlots} }

// WriteRTP implements Sink.
func (j *jitter) WriteRTP(p *Packet) {
	if p.Event || len(p.Payload) == 0 || len(p.Payload) > jitterPayload {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	seq := p.Header.SequenceNumber
	ahead := int(int16(seq - j.next))
	if j.next == j.end && !j.playing || p.Header.SSRC != j.ssrc || ahead >= jitterSlots || ahead < -dropout {
		j.restart(p.Header.SSRC, seq)
		ahead = 0
	}
	if ahead < 0 {
		return // too late
	}
	s := &j.slots[seq%jitterSlots]
	s.used, s.size = true, copy(s.data[:], p.Payload)
	if int16(seq-j.end) >= 0 {
		j.end = seq + 1
	}
	for int16(j.end-j.next) > jitterMost {
		j.skipTo(j.end - jitterStart)
	}
}

// restart begins a new stream. It holds mu.
func (j *jitter) restart(ssrc uint32, seq uint16) {
	for i := range j.slots {
		j.slots[i].used = false
	}
	j.ssrc, j.next, j.end, j.playing = ssrc, seq, seq, false
}

// skipTo gives up what is before seq. It holds mu.
func (j *jitter) skipTo(seq uint16) {
	for ; j.next != seq; j.next++ {
		j.slots[j.next%jitterSlots].used = false
	}
}

// pull fills dst with the next sound, with silence where there is none.
func (j *jitter) pull(dst []int16) {
	for j.have < len(dst) && j.more() {
	}
	n := copy(dst, j.sound[:j.have])
	clear(dst[n:])
	j.have = copy(j.sound[:], j.sound[n:j.have])
}

// more adds the sound of one packet; false when it has to wait for one.
func (j *jitter) more() bool {
	payload, ok := j.take()
	if !ok {
		return false
	}
	n := 0
	if payload != nil {
		n = j.decode.Decode(j.lastBuf[:], payload)
	}
	if n > 0 {
		j.last = j.lastBuf[:n]
	} else { // lost: the last sound once more, fading
		for i, s := range j.last {
			j.last[i] = s / 2
		}
	}
	if len(j.last) == 0 {
		return false
	}
	j.have += copy(j.sound[j.have:], j.last)
	return true
}

// take is the payload to play next, nil for one that is lost; false when it has to wait.
func (j *jitter) take() ([]byte, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	waiting := int(int16(j.end - j.next))
	j.playing = waiting > 0 && (j.playing || waiting >= jitterStart)
	if !j.playing {
		return nil, false
	}
	j.shorten(waiting)
	s := &j.slots[j.next%jitterSlots]
	j.next++
	if !s.used {
		return nil, true
	}
	s.used = false
	return j.payload[:copy(j.payload[:], s.data[:s.size])], true
}

// shorten gives up a packet when for a whole window more of them waited than the start takes. It holds mu.
func (j *jitter) shorten(waiting int) {
	j.least = min(j.least, waiting)
	if j.window++; j.window < jitterWindow {
		return
	}
	if j.least > jitterStart {
		j.skipTo(j.next + 1)
	}
	j.window, j.least = 0, jitterSlots
}
