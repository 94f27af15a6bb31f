package webrtc

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
)

//go:embed testdata/page.html
var page []byte

// chromium runs one scenario of testdata/page.html in a real browser against s and returns its result.
// tests are operations that the page asks of the test itself.
func chromium(t *testing.T, s *stage, scenario, tone string, tests map[string]func() error) json.RawMessage {
	t.Helper()
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		t.Fatal("this test needs Chromium: apt install chromium-headless-shell")
	}
	result := make(chan []byte, 1)
	server := httptest.NewServer(pageServer(s, result, tests))
	defer server.Close()
	browser := exec.Command(path, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--use-fake-device-for-media-stream=fps=10", // pictures cost most of a meeting
		"--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
		"--allow-loopback-in-peer-connection",
		"--use-file-for-fake-audio-capture="+tone, "--user-data-dir="+t.TempDir(), server.URL+"/#"+scenario)
	browser.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var output bytes.Buffer
	browser.Stderr = &output
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-browser.Process.Pid, syscall.SIGKILL) // its own group: all its helpers
		_ = browser.Wait()
	}()
	var out struct {
		Result json.RawMessage
		Error  string
	}
	select {
	case raw := <-result:
		err = json.Unmarshal(raw, &out)
	case <-time.After(3 * time.Minute):
		t.Fatal("the browser did not finish\n", output.String())
	}
	if err != nil || out.Error != "" {
		t.Fatal(err, out.Error)
	}
	return out.Result
}

func pageServer(s *stage, result chan []byte, tests map[string]func() error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(page)
	})
	mux.HandleFunc("POST /op", func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		user, op := r.FormValue("user"), r.FormValue("op")
		answer, err := any(nil), error(nil)
		if test := tests[op]; test != nil {
			err = test()
		} else {
			answer, err = s.Do(r.Context(), user, user+"-1", op, body.Bytes())
		}
		if err != nil {
			_ = json.NewEncoder(w).Encode(m{"error": m{"code": "error", "message": err.Error()}})
			return
		}
		_ = json.NewEncoder(w).Encode(m{"data": answer})
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(s.hub.all(r.FormValue("user")))
	})
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		select {
		case result <- body.Bytes():
		default:
		}
	})
	return mux
}

// all takes every event to the user.
func (h *hub) all(user string) []m {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := []m{}
	h.sent = slices.DeleteFunc(h.sent, func(p pushed) bool {
		if p.user == user {
			list = append(list, m{"ev": p.ev, "data": json.RawMessage(p.data)})
		}
		return p.user == user
	})
	return list
}

// sine is so many seconds at media.Rate.
func sine(hertz float64, seconds int) []int16 {
	pcm := make([]int16, seconds*media.Rate)
	for i := range pcm {
		pcm[i] = int16(12000 * math.Sin(2*math.Pi*hertz*float64(i)/media.Rate))
	}
	return pcm
}

// toneFile is a WAV file of a sine.
func toneFile(t *testing.T, hertz float64) string {
	pcm := sine(hertz, 10)
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, field := range []any{uint32(36 + 2*len(pcm)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(media.Rate), uint32(2 * media.Rate),
		uint16(2), uint16(16), []byte("data"), uint32(2 * len(pcm)), pcm} {
		_ = binary.Write(&b, binary.LittleEndian, field)
	}
	path := filepath.Join(t.TempDir(), "tone.wav")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// meter listens to a track: which share of it is one tone, and whether keys come.
type meter struct {
	hertz   float64
	decoder media.Decoder

	mu   sync.Mutex
	pcm  []int16 // the last second
	keys int
}

func (e *meter) WriteRTP(p *media.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.Event {
		e.keys++
		return
	}
	frame := make([]int16, 2*len(p.Payload))
	e.pcm = append(e.pcm, frame[:e.decoder.Decode(frame, p.Payload)]...)
	if len(e.pcm) > media.Rate {
		e.pcm = e.pcm[len(e.pcm)-media.Rate:]
	}
}

func (e *meter) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pcm = nil
}

// share is the part of the energy of a whole second that the tone has (Goertzel).
func (e *meter) share() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.pcm) < media.Rate {
		return 0
	}
	var re, im, sum float64
	for i, v := range e.pcm {
		x := float64(v)
		re += x * math.Cos(2*math.Pi*e.hertz*float64(i)/media.Rate)
		im += x * math.Sin(2*math.Pi*e.hertz*float64(i)/media.Rate)
		sum += x * x
	}
	if sum == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(e.pcm)) / sum
}

// TestChromiumCall: a call placed from Chromium, in the trunk's second codec and in G.722, whose tones are beyond the
// reach of the others: a tone each way, a key, and once more after a reload.
func TestChromiumCall(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	t.Run("PCMU", func(t *testing.T) { chromiumCall(t, media.PCMU(), 440, 1000) })
	t.Run("G722", func(t *testing.T) { chromiumCall(t, media.G722(), 5200, 6100) })
}

func chromiumCall(t *testing.T, codec media.Codec, theirs, ours float64) {
	s := newStage(t, nil)
	s.hub.set("ann", true)
	far := media.NewPlayer("phone/audio", codec, sine(theirs, 1))
	defer far.Close()
	heard := &meter{hertz: ours, decoder: media.NewDecoder(codec)}
	reoffered, reloaded := false, false
	s.over(arriver(func(leg pbx.Leg, _ string) string {
		h := listenTo(leg)
		leg.Ring(false)
		leg.Answer(codec)
		awaitEvent[pbx.TrackAdded](t, h).Track.Attach(heard)
		leg.Play(far.Track())
		return "c1"
	}))
	tests := map[string]func() error{
		"test.reoffered": func() error { reoffered = true; return nil },
		"test.heard": func() error {
			await(t, "the tone and the key", func() bool { return heard.share() > 0.9 && heard.keys > 0 })
			return nil
		},
		"test.reload": func() error { heard.reset(); reloaded = true; s.SocketGone("ann", "ann-1"); return nil },
	}
	var out struct {
		Before, After float64
		SRTP          string
	}
	if err := json.Unmarshal(chromium(t, s, "call", toneFile(t, ours), tests), &out); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", out)
	near := max(12, theirs/100) // Hz; a frame that came late smears the peak
	if math.Abs(out.Before-theirs) > near || math.Abs(out.After-theirs) > near || out.SRTP != "SRTP_AEAD_AES_256_GCM" ||
		!reoffered || !reloaded {
		t.Errorf("heard %v Hz, then %v Hz; %s, reoffered %v", out.Before, out.After, out.SRTP, reoffered)
	}
}

// TestChromiumHold: a browser that talks opus hears the music of hold, which is G.711, and the other one after it.
func TestChromiumHold(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	const talk, held = 1000, 440
	s := newStage(t, nil)
	s.hub.set("ann", true)
	music := media.NewPlayer("music", media.Opus().Sound(), sine(held, 1))
	defer music.Close()
	var talks, waits func()
	s.over(arriver(func(leg pbx.Leg, _ string) string {
		h := listenTo(leg)
		leg.Answer(media.Opus())
		other := awaitEvent[pbx.TrackAdded](t, h).Track // who speaks the same codec: itself
		talks = func() { leg.Stop(music.Track()); leg.Play(other) }
		waits = func() { leg.Stop(other); leg.Play(music.Track()) }
		talks()
		return "c1"
	}))
	tests := map[string]func() error{
		"test.hold":   func() error { waits(); return nil },
		"test.resume": func() error { talks(); return nil },
		"test.over":   func() error { return nil },
	}
	var out []float64
	if err := json.Unmarshal(chromium(t, s, "hold", toneFile(t, talk), tests), &out); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{talk, held, talk} {
		if len(out) != 3 || math.Abs(out[i]-want) > 12 {
			t.Fatalf("heard %v Hz, want %d, %d and %d", out, talk, held, talk)
		}
	}
}

type arriver func(leg pbx.Leg, dialled string) string

func (a arriver) Arrive(leg pbx.Leg, dialled string) string { return a(leg, dialled) }

// TestChromiumMeeting: four in a meeting, one leaves and comes back; each decodes three videos and gets three sounds.
func TestChromiumMeeting(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	s := newMeetStage(t)
	for _, user := range []string{"ann", "bob", "cy", "dee"} {
		s.hub.set(user, true)
	}
	var out struct {
		Stats []struct {
			Video, Audio  []int
			Freezes, Lost int
		}
		Bitrates []float64
	}
	if err := json.Unmarshal(chromium(t, s, "meeting", toneFile(t, 1000), nil), &out); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", out)
	for i, g := range out.Stats {
		if len(g.Video) < 3 || len(g.Audio) < 3 {
			t.Errorf("guest %d: %+v", i, g)
		}
	}
}

// TestChromiumShare: a second video comes and goes, on lines that Chromium stops, recycles and resumes.
func TestChromiumShare(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	s := newMeetStage(t)
	t.Logf("%s", chromium(t, s, "share", toneFile(t, 1000), nil))
}
