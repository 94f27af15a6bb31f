package record

import (
	"encoding/json"
	"os"
	"sync"
	"time"

	"frontdesk/media"
)

const (
	firstBuffer = 8 << 10
	// mostBuffer is what waits for the disk at most: some ten seconds of a call. What comes beyond is lost, and
	// counted.
	mostBuffer = 256 << 10
)

// Tape is one recording while it goes on. It is safe for concurrent use.
type Tape struct {
	path    string
	begun   time.Time
	dropped func(float64)

	mu      sync.Mutex
	came    []byte // since the last flush
	spare   []byte
	streams uint16
	over    bool
	unmade  bool // nothing is to be made of it

	file *os.File // of who flushes
}

// Sink records what a track in a codec sends, in one of the channels of the sound, from when it is attached until it is
// detached. Several may share a channel: it has their sum. It never waits for the disk. Nil where the codec can't be
// decoded.
func (t *Tape) Sink(channel int, codec media.Codec) media.Sink {
	if media.NewDecoder(codec) == nil {
		return nil
	}
	told, err := json.Marshal(stream{Channel: channel, Codec: codec})
	if err != nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams++
	t.put(entry{kind: streamEntry, stream: t.streams}, told)
	return &sink{t, t.streams}
}

type sink struct {
	tape   *Tape
	stream uint16
}

// WriteRTP implements media.Sink. Keys (RFC 4733) are no sound, and may be a card's number.
func (s *sink) WriteRTP(p *media.Packet) {
	if p.Event || len(p.Payload) == 0 {
		return
	}
	t := s.tape
	e := entry{kind: packetEntry, stream: s.stream, at: uint32(time.Since(t.begun).Milliseconds()),
		timestamp: p.Header.Timestamp, source: p.Header.SSRC}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(e, p.Payload)
}

// put adds an entry. It holds mu.
func (t *Tape) put(e entry, payload []byte) {
	switch {
	case t.over:
	case len(t.came)+entrySize+len(payload) > mostBuffer || len(payload) > mostPayload:
		t.dropped(1)
	default:
		t.came = append(e.append(t.came, len(payload)), payload...)
	}
}

// head begins the file.
func (t *Tape) head(h header) error {
	told, err := json.Marshal(h)
	t.came = append(make([]byte, 0, firstBuffer), magic...)
	t.put(entry{kind: headerEntry}, told)
	return err
}

// End ends it, and may be called again; what is sent to its sinks from now on is not recorded.
func (t *Tape) End() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}

// Drop ends it, and nothing is made of it.
func (t *Tape) Drop() {
	t.End()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unmade = true
}

// flush writes what came; over tells that nothing more will.
func (t *Tape) flush(last bool) (over bool, err error) {
	t.mu.Lock()
	t.over = t.over || last
	came := t.came
	t.came, over = t.spare[:0], t.over
	t.mu.Unlock()
	if len(came) > 0 {
		err = t.write(came)
	}
	t.mu.Lock()
	t.spare = came
	t.mu.Unlock()
	return over, err
}

func (t *Tape) write(came []byte) (err error) {
	if t.file == nil {
		if t.file, err = os.OpenFile(t.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	_, err = t.file.Write(came)
	return err
}

// close lets go of the file, whose content then is on disk; of one that was dropped there is none. It tells whether
// something is to be made of it.
func (t *Tape) close() (make bool) {
	t.End()
	t.mu.Lock()
	make = !t.unmade
	t.mu.Unlock()
	if !make {
		os.Remove(t.path)
	}
	if t.file != nil {
		t.file.Sync() // one that fails costs what the system has not written when the machine dies
		t.file.Close()
	}
	return make
}
