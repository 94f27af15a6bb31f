package record

import (
	"encoding/json"
	"io"
	"time"

	"frontdesk/media"
)

// Sound is what a tape has: channels that each have the sum of their streams, all on the time line of the recording,
// with silence where nothing came. Who speaks first is heard first.
type Sound struct {
	Began   time.Time
	file    io.ReadSeeker
	streams map[uint16]stream
	kept    *span // nil: all of it
}

// read finds out what a file is.
func read(file io.ReadSeeker) (h header, s *Sound, err error) {
	begin := make([]byte, len(magic))
	if _, err := io.ReadFull(file, begin); err != nil || string(begin) != magic {
		return h, nil, errBroken
	}
	s = &Sound{file: file, streams: map[uint16]stream{}}
	err = entries(file, func(e entry, payload []byte) error {
		switch e.kind {
		case headerEntry:
			return json.Unmarshal(payload, &h)
		case streamEntry:
			one, err := readStream(payload)
			s.streams[e.stream] = one
			return err
		}
		return nil
	})
	if err == nil && h.Kind == "" {
		err = errBroken
	}
	s.Began = h.At
	return h, s, err
}

// Rate of the sound, in samples a second: 8000 where all came as G.711, otherwise media.Rate.
func (s *Sound) Rate() int {
	for _, one := range s.streams {
		if _, narrow := media.LawOf(one.Codec); !narrow {
			return media.Rate
		}
	}
	return media.Rate / 2
}

// law is that of the streams; the European one where they differ, or know none.
func (s *Sound) law() (law media.Law, name string) {
	for _, one := range s.streams {
		if !one.Codec.Is(media.PCMU()) {
			return media.ALaw(), media.PCMA().Name
		}
	}
	return media.ULaw(), media.PCMU().Name
}

const (
	// late is how much later than its time stamp says a packet may come and still be laid there.
	late = 3 * time.Second
	// early is how much sooner it may come: a sender's clock runs ahead by no more.
	early = 300 * time.Millisecond
)

// Lay gives the sound of so many channels, block after block, all of the same length.
func (s *Sound) Lay(channels int, block func(channels [][]int16) error) error {
	if s.kept != nil {
		block = s.kept.only(block)
	}
	l := &line{rate: s.Rate(), mixed: make([][]int32, channels), block: block, lanes: map[uint16]*lane{}}
	for id, one := range s.streams {
		if one.Channel < channels {
			l.lanes[id] = newLane(one, l.rate)
		}
	}
	if err := entries(s.file, l.entry); err != nil {
		return err
	}
	return l.give(len(l.mixed[0]))
}

// span is a part of a sound, in samples.
type span struct{ from, until int }

// only passes on what of the blocks is in the span.
func (k *span) only(block func([][]int16) error) func([][]int16) error {
	at := 0
	return func(channels [][]int16) error {
		n := len(channels[0])
		from, until := min(max(k.from-at, 0), n), min(max(k.until-at, 0), n)
		at += n
		if from >= until {
			return nil
		}
		some := make([][]int16, len(channels))
		for i := range channels {
			some[i] = channels[i][from:until]
		}
		return block(some)
	}
}

// line is the time line, of which the end may still change.
type line struct {
	rate  int
	lanes map[uint16]*lane
	base  int       // samples given already
	mixed [][]int32 // from there on, all of the same length
	out   [][]int16
	block func([][]int16) error
}

func (l *line) samples(d time.Duration) int { return int(d * time.Duration(l.rate) / time.Second) }

// entry lays a packet, and gives what no later one can change.
func (l *line) entry(e entry, payload []byte) error {
	if e.kind != packetEntry || l.lanes[e.stream] == nil {
		return nil
	}
	came := l.samples(time.Duration(e.at) * time.Millisecond)
	at, pcm := l.lanes[e.stream].next(e, came, l.samples(late), l.samples(early), payload)
	l.add(l.lanes[e.stream].channel, at, pcm)
	if settled := min(came-l.samples(late)-l.base, len(l.mixed[0])); settled > l.rate {
		return l.give(settled)
	}
	return nil
}

func (l *line) add(channel, at int, pcm []int16) {
	at -= l.base
	if at < 0 { // given already
		pcm, at = pcm[min(-at, len(pcm)):], 0
	}
	if missing := at + len(pcm) - len(l.mixed[channel]); missing > 0 {
		for c := range l.mixed {
			l.mixed[c] = append(l.mixed[c], make([]int32, missing)...)
		}
	}
	for i, s := range pcm {
		l.mixed[channel][at+i] += int32(s)
	}
}

// give passes on the first n samples.
func (l *line) give(n int) error {
	if n <= 0 {
		return nil
	}
	l.out = l.out[:0]
	for c, mixed := range l.mixed {
		pcm := make([]int16, n)
		for i, v := range mixed[:n] {
			pcm[i] = int16(max(-1<<15, min(v, 1<<15-1)))
		}
		l.out = append(l.out, pcm)
		l.mixed[c] = mixed[:copy(mixed, mixed[n:])]
	}
	l.base += n
	return l.block(l.out)
}

// lane is a stream on its way to the line.
type lane struct {
	channel int
	clock   int // of its time stamps, Hz
	rate    int
	decode  func(dst []int16, payload []byte) int
	pcm     [longest]int16

	begun     bool
	source    uint32
	timestamp uint32 // of the packet before …
	at        int    // … and its place
	end       int    // behind it
}

func newLane(s stream, rate int) *lane {
	l := &lane{channel: s.Channel, clock: int(s.Codec.Clock), rate: rate, decode: media.NewDecoder(s.Codec).Decode}
	if law, narrow := media.LawOf(s.Codec); narrow && rate == media.Rate/2 {
		l.decode = law.Decode
	}
	return l
}

// next is the place and the sound of a packet that came at a moment: by its time stamp (RFC 3550 §5.1), unless that
// tells of another time than the one it came in. What repeats or comes out of order is left out.
func (l *lane) next(e entry, came, late, early int, payload []byte) (at int, pcm []int16) {
	ahead := int(int32(e.timestamp - l.timestamp))
	at = l.at + int(int64(ahead)*int64(l.rate)/int64(l.clock))
	switch {
	case !l.begun || e.source != l.source || at < came-late || at > came+early:
		l.begun, at = true, max(came, l.end)
	case ahead <= 0:
		return at, nil
	}
	if len(payload) > len(l.pcm) {
		return at, nil
	}
	n := l.decode(l.pcm[:], payload)
	l.source, l.timestamp, l.at, l.end = e.source, e.timestamp, at, at+n
	return at, l.pcm[:n]
}
