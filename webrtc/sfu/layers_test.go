package sfu

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"frontdesk/media"
)

// vp8Packet is a packet of a picture: with a 15-bit PictureID and a TL0PICIDX, of a keyframe of that height if it is
// one.
func vp8Packet(picture uint16, level uint8, height int) []byte {
	b := []byte{0x90, 0xe0, byte(picture>>8) | 0x80, byte(picture), level, 0, 1, 0, 0}
	if height > 0 {
		b = append(b[:6], 0, 0, 0, 0x9d, 1, 0x2a, 64, 1, byte(height), byte(height>>8), 0)
	}
	return b
}

func TestVP8(t *testing.T) {
	d, ok := parseVP8(vp8Packet(0x1234, 9, 360))
	if !ok || !d.keyframe() || d.height != 360 || d.numbers(vp8Packet(0x1234, 9, 0)) != (numbers{0x1234, 9}) {
		t.Errorf("%+v %v", d, ok)
	}
	if d, _ := parseVP8(vp8Packet(1, 1, 0)); d.keyframe() {
		t.Error("a delta frame is taken for a keyframe")
	}
	b := vp8Packet(0x7fff, 255, 0)
	shift{2, 1}.patch(b)
	if d, _ := parseVP8(b); d.numbers(b) != (numbers{1, 0}) || !d.wide {
		t.Errorf("%+v", d.numbers(b))
	}
	for n := range 20 {
		parseVP8([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff}[:n])
	}
}

func TestAllot(t *testing.T) {
	small, large := offered{true, 180, 100_000}, offered{true, 360, 700_000}
	paused := offered{false, 360, 700_000}
	two := func(height, now int) tile { return tile{height, now, []offered{small, large}} }
	for name, test := range map[string]struct {
		budget float64
		tiles  []tile
		want   []int
	}{
		"room for all":                    {3e6, []tile{two(720, 1), two(360, 1)}, []int{1, 1}},
		"everybody before anybody better": {150_000, []tile{two(720, 1), two(360, 1)}, []int{0, 0}},
		"the larger tile first":           {1.1e6, []tile{two(180, 0), two(720, 0), two(360, 0)}, []int{0, 1, 0}},
		"a small tile gets no large one":  {9e6, []tile{two(200, 1), two(0, 1)}, []int{0, 1}},
		"not to and fro: stays":           {710_000, []tile{two(720, 1)}, []int{1}},
		"not to and fro: does not go up":  {710_000, []tile{two(720, 0)}, []int{0}},
		"the sender paused the large one": {9e6, []tile{{720, 1, []offered{small, paused}}}, []int{0}},
		"only the large one comes":        {1, []tile{{720, 0, []offered{{}, large}}}, []int{1}},
		"nothing comes":                   {9e6, []tile{{720, 0, []offered{{}, {}}}}, []int{-1}},
		"three sizes":                     {1e6, []tile{{720, 0, []offered{{true, 90, 50_000}, small, large}}}, []int{2}},
	} {
		if got := allot(test.budget, test.tiles); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestEstimate: what is thought to fit follows what does, and comes back when the line does.
func TestEstimate(t *testing.T) {
	var e estimate
	start := time.Now()
	way := &lossyWay{recorder: twcc.NewRecorder(1), random: rand.New(rand.NewPCG(1, 2))}
	now := start
	run := func(seconds float64, room, lost float64) {
		for end := now.Add(time.Duration(seconds * float64(time.Second))); now.Before(end); now = now.Add(
			5 * time.Millisecond) {
			rate := min(cmp.Or(e.bitrate, firstEstimate), 2_000_000) // the most that there is to send
			way.carry(&e, int(rate*0.005/8), room, lost, now, start)
		}
	}
	run(10, 50e6, 0)
	if e.bitrate < 2_000_000 {
		t.Errorf("%.0f on a free line", e.bitrate)
	}
	run(10, 50e6, 0.01)
	if e.bitrate < 2_000_000 {
		t.Errorf("%.0f with 1 %% lost", e.bitrate)
	}
	run(10, 600_000, 0)
	if e.bitrate > 900_000 || e.bitrate < 250_000 {
		t.Errorf("%.0f where 600,000 have room", e.bitrate)
	}
	run(10, 50e6, 0.2)
	low := e.bitrate
	if low > 700_000 {
		t.Errorf("%.0f with 20 %% lost", low)
	}
	run(5, 50e6, 0)
	if e.bitrate < 3*low && e.bitrate < 1_000_000 {
		t.Errorf("%.0f, from %.0f, five seconds after", e.bitrate, low)
	}
}

type lossyWay struct {
	free     time.Time
	recorder *twcc.Recorder
	random   *rand.Rand
	told     time.Time
}

// carry sends a packet over a line with that much room, which holds up to half a second's worth, and has the browser
// report every 100 ms.
func (w *lossyWay) carry(e *estimate, size int, room, lost float64, now, start time.Time) {
	seq := e.stamp(size, now)
	if w.free.Before(now) {
		w.free = now
	}
	free := w.free.Add(time.Duration(float64(size*8) / room * float64(time.Second)))
	if free.Sub(now) < 500*time.Millisecond && w.random.Float64() >= lost {
		w.free = free
		w.recorder.Record(1, seq, w.free.Sub(start).Microseconds())
	}
	if now.Sub(w.told) >= 100*time.Millisecond {
		w.told = now
		for _, report := range w.recorder.BuildFeedbackPacket() {
			raw, _ := report.Marshal()
			packets, err := rtcp.Unmarshal(raw)
			if err == nil {
				e.heard(packets[0].(*rtcp.TransportLayerCC), now)
			}
		}
	}
}

// TestSizing: what goes out over changes of size is one stream, at the changes too, and begins each size with a whole
// keyframe.
func TestSizing(t *testing.T) {
	var s sizing
	asked := 0
	ask := func(uint8) { asked++ }
	pass := func(layer uint8, seq uint16, payload []byte) bool {
		return s.passes(&media.Packet{Header: rtp.Header{SequenceNumber: seq}, Layer: layer, Payload: payload}, ask)
	}
	now := time.Now()
	if !s.aim(0, now) || s.aim(0, now) {
		t.Error("a keyframe is to be asked for once")
	}
	if pass(0, 1, vp8Packet(5, 5, 0)) || !pass(0, 2, vp8Packet(6, 6, 180)) || !pass(0, 3, vp8Packet(7, 7, 0)) ||
		pass(1, 9, vp8Packet(1, 1, 360)) {
		t.Error("it does not begin with the keyframe of the wanted size")
	}
	s.aim(1, now)
	if pass(1, 12, vp8Packet(50, 50, 0)) || pass(1, 11, vp8Packet(50, 50, 360)) || asked != 1 {
		t.Error("a keyframe is begun of which something went by")
	}
	if !pass(0, 4, vp8Packet(8, 8, 0)) {
		t.Error("the size that is shown stops before the next begins")
	}
	if !pass(1, 13, vp8Packet(60, 60, 360)) || pass(0, 5, vp8Packet(9, 9, 0)) || !pass(1, 14, vp8Packet(61, 61, 0)) {
		t.Error("it does not go over")
	}
	if s.last != (numbers{10, 10}) {
		t.Errorf("the pictures are at %+v", s.last)
	}
}
