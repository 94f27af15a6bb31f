package webrtc

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"

	"frontdesk/media"
	"frontdesk/pbx"
)

// Browsers run in a process of their own in benchmarks, so that only the server's CPU is counted. They speak JSON lines
// over pipes.
const clientEnv = "FRONTDESK_BENCH_BROWSERS"

type pipeMessage struct {
	User, Op, Ev, Error string
	Data                json.RawMessage
}

// pipe is the client's signaller.
type pipe struct {
	t      testing.TB
	mu     sync.Mutex
	in     *json.Encoder
	answer chan pipeMessage
	hub    hub
}

func (p *pipe) must(user, op string, in, out any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	raw, _ := json.Marshal(in)
	_ = p.in.Encode(pipeMessage{User: user, Op: op, Data: raw})
	a := <-p.answer
	if a.Error != "" {
		p.t.Fatal(op, a.Error)
	}
	_ = json.Unmarshal(a.Data, out)
}

func (p *pipe) take(user, ev string, out any) bool { return p.hub.take(user, ev, out) }

func (p *pipe) read(r io.Reader) {
	lines := json.NewDecoder(r)
	for {
		var line pipeMessage
		if lines.Decode(&line) != nil {
			return
		}
		if line.Ev != "" {
			p.hub.Send(line.User, "", line.Ev, line.Data)
		} else {
			p.answer <- line
		}
	}
}

// TestBrowsers is the other process of the benchmarks.
func TestBrowsers(t *testing.T) {
	scenario := os.Getenv(clientEnv)
	if scenario == "" {
		t.Skip("is started by the benchmarks")
	}
	p := &pipe{t: t, in: json.NewEncoder(os.NewFile(3, "signals")), answer: make(chan pipeMessage)}
	done := make(chan struct{})
	go func() { p.read(os.Stdin); close(done) }()
	kind, number, _ := strings.Cut(scenario, " ")
	n, _ := strconv.Atoi(number)
	for i := range n {
		if kind == "calls" {
			b := newBrowser(t, nil)
			b.addAudio("audio/PCMA", 8000)
			var out placeOut
			p.must(fmt.Sprint("u", i), "call.place", m{"to": "201", "sdp": b.offer()}, &out)
			b.answered(out.SDP)
			b.speak(b.local, 160, 1)
			continue
		}
		g := joinRoom(t, p, fmt.Sprint("u", i), "r1")
		if i < 4 {
			g.up.speak(g.mic, 960, 1)
			g.up.stream(g.video)
		}
	}
	<-done
}

// stream sends 20 frames of 5 large packets a second: about 1 Mbit/s.
func (b *browser) stream(track interface{ WriteRTP(*rtp.Packet) error }) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		p := rtp.Packet{Header: rtp.Header{Version: 2}, Payload: make([]byte, 1100)}
		for {
			select {
			case <-tick.C:
			case <-quit:
				return
			}
			for i := range 5 {
				p.Marker = i == 4
				_ = track.WriteRTP(&p)
				p.SequenceNumber++
			}
			p.Timestamp += 4500
		}
	}()
	b.t.Cleanup(func() { close(quit); <-done })
}

// browsers starts the other process and serves its operations until the returned function is called.
func browsers(b *testing.B, s *stage, scenario string) (stop func()) {
	b.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	client := exec.Command(os.Args[0], "-test.run=^TestBrowsers$")
	client.Env = append(os.Environ(), clientEnv+"="+scenario)
	client.ExtraFiles = []*os.File{write}
	client.Stdout = os.Stderr
	in, err := client.StdinPipe()
	if err == nil {
		err = client.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	_ = write.Close()
	var mu sync.Mutex
	out := json.NewEncoder(in)
	quit := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { serveOps(s, read, out, &mu) })
	running.Go(func() { pushEvents(s, out, &mu, quit) })
	return func() {
		close(quit)
		_ = in.Close()
		_ = client.Wait()
		_ = read.Close()
		running.Wait()
	}
}

func serveOps(s *stage, read io.Reader, out *json.Encoder, mu *sync.Mutex) {
	lines := bufio.NewScanner(read)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var ask pipeMessage
		_ = json.Unmarshal(lines.Bytes(), &ask)
		var answer json.RawMessage
		code := s.do(ask.User, ask.Op, ask.Data, &answer)
		mu.Lock()
		_ = out.Encode(pipeMessage{Error: code, Data: answer})
		mu.Unlock()
	}
}

func pushEvents(s *stage, out *json.Encoder, mu *sync.Mutex, quit chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case <-time.After(5 * time.Millisecond):
		}
		for i := range 40 {
			var data json.RawMessage
			for user := fmt.Sprint("u", i); s.hub.take(user, "meet.offer", &data); {
				mu.Lock()
				_ = out.Encode(pipeMessage{User: user, Ev: "meet.offer", Data: data})
				mu.Unlock()
			}
		}
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tally counts packets.
type tally struct{ n atomic.Int64 }

func (t *tally) WriteRTP(*media.Packet) { t.n.Add(1) }

// measure reports the server's CPU for each packet that count counts, over seconds of steady traffic.
func measure(b *testing.B, count func() int64) {
	b.Helper()
	for b.Loop() {
		n, used := count(), cpu()
		time.Sleep(4 * time.Second) // the traffic is paced by its own clock
		n, used = count()-n, cpu()-used
		b.ReportMetric(float64(used.Microseconds())/float64(n), "µs-cpu/packet")
		b.ReportMetric(float64(n)/4, "packets/s")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCalls: two-way G.711 between browsers (SRTP) and phones, whose own sockets are not counted: their packets
// come from one ticker.
func BenchmarkCalls(b *testing.B) {
	for _, calls := range []int{50, 100} {
		b.Run(fmt.Sprint(calls), func(b *testing.B) {
			s := newStage(b, func(c *Config) { c.MediaTimeout = time.Minute })
			fromBrowser := &tally{}
			far := media.NewTrack("phone/audio", media.PCMA(), nil)
			s.Endpoint.exchange = arriver(func(leg pbx.Leg, _ string) string {
				leg.Listen(func(e pbx.Event) {
					if added, ok := e.(pbx.TrackAdded); ok {
						added.Track.Attach(fromBrowser)
					}
				})
				leg.Answer(media.PCMA())
				leg.Play(far)
				return ""
			})
			stop := browsers(b, s, fmt.Sprint("calls ", calls))
			defer stop()
			quit, done := make(chan struct{}), make(chan struct{})
			var toBrowser atomic.Int64
			go func() {
				defer close(done)
				p := media.Packet{Header: rtp.Header{Version: 2}, Payload: make([]byte, 160)}
				for tick := time.NewTicker(20 * time.Millisecond); ; {
					select {
					case <-tick.C:
						far.WriteRTP(&p)
						p.Header.SequenceNumber++
						p.Header.Timestamp += 160
						toBrowser.Add(int64(calls))
					case <-quit:
						tick.Stop()
						return
					}
				}
			}()
			defer func() { close(quit); <-done }()
			await(b, "all calls", func() bool {
				before := fromBrowser.n.Load()
				time.Sleep(time.Second)
				return fromBrowser.n.Load()-before > int64(calls)*48
			})
			measure(b, func() int64 { return fromBrowser.n.Load() + toBrowser.Load() })
		})
	}
}

// BenchmarkMeeting: four send sound and pictures, each forwarded to all others; packets sent are counted.
func BenchmarkMeeting(b *testing.B) {
	for _, people := range []int{4, 20} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			s := newMeetStage(b)
			s.Endpoint.config.MediaTimeout = time.Minute
			stop := browsers(b, s, fmt.Sprint("meeting ", people))
			defer stop()
			r := s.exchange.(*room)
			await(b, "all", func() bool {
				r.mu.Lock()
				defer r.mu.Unlock()
				return len(r.legs) == people &&
					len(r.sends) == people
			})
			sent := &tally{}
			for _, tracks := range r.sends {
				for _, t := range tracks {
					t.Attach(sent)
				}
			}
			await(b, "traffic", func() bool { return sent.n.Load() > 2000 })
			measure(b, func() int64 { return int64(people-1) * sent.n.Load() })
		})
	}
}
