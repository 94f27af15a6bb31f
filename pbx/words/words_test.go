package words

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"frontdesk/guard"
	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/media/record"
	"frontdesk/pbx/input"
	"frontdesk/pbx/recording"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house has recordings that are made by a real recorder, their words, and workers for the jobs.
type house struct {
	*Words
	t        *testing.T
	db       *store.DB
	recorder *record.Recorder
	blobs    blob.Store
}

func open(t *testing.T, db *store.DB, allow ...string) *house {
	t.Helper()
	h := &house{t: t, db: db}
	var err error
	h.blobs, err = blob.Open(t.TempDir())
	h.must(err)
	egress, err := guard.NewEgress(allow)
	h.must(err)
	log := slog.New(slog.DiscardHandler)
	recordings := recording.New(db, h.blobs)
	h.Words = New(Config{Egress: egress, Seal: guard.NewSeal("a secret of this test"),
		Again: func(int) time.Time { return time.Now() },
		Split: func(text string) []string { return strings.Fields(strings.ToLower(text)) }}, db, recordings, log)
	recordings.Follow(h.Kept)
	h.recorder, err = record.Open(t.TempDir(), log, prometheus.NewRegistry())
	h.must(err)
	h.recorder.Handle(recording.Kind, recordings.Keep)
	jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, log)
	h.Handle(jobs)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.recorder.Run(ctx) })
	running.Go(func() { jobs.Run(ctx) })
	t.Cleanup(func() { h.recorder.Close(); stop(); running.Wait(); h.Close() })
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// reader hears his own calls, "admin" all.
func reader(user string) recording.Reader {
	return recording.Reader{User: user, May: func(column string) func(*query.Builder) {
		return func(q *query.Builder) {
			if user == "admin" {
				q.Add("TRUE")
				return
			}
			q.Add(column+" = ?", user)
		}
	}}
}

// call is one of a user in which two say something; it returns the id of the recording.
func (h *house) call(id, user string, sides ...[][]byte) string {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, line, trunk, meeting,
		started_at, answered_at, ended_at, seen_at, outcome, cause) VALUES ($1, '', 0, 'in', '', '', '', '', '', '', 1, 1, 1, 1, '', '')`, id)
	h.must(err)
	_, err = h.db.Exec(h.t.Context(), `INSERT INTO call_user (call, user_id, role, position) VALUES ($1, $2, 'took', 0)`, id, user)
	h.must(err)
	tape, err := h.recorder.Begin(recording.Kind, "tape-"+id, recording.About{ID: "r-" + id, Call: id})
	h.must(err)
	for channel, frames := range sides {
		sink := tape.Sink(channel, media.G722())
		for i, payload := range frames {
			sink.WriteRTP(&media.Packet{Header: rtp.Header{Timestamp: uint32(160 * i), SSRC: uint32(channel + 1)},
				Payload: payload})
		}
	}
	tape.End()
	return "r-" + id
}

// state of a transcript, once it is as wanted.
func (h *house) await(id string, want func(Transcript) bool) (t Transcript) {
	h.t.Helper()
	testwait.Until(h.t, "the transcript of "+id, func() bool {
		var err error
		t, err = h.Of(h.t.Context(), reader("admin"), id)
		return err == nil && want(t)
	})
	return t
}

func done(t Transcript) bool { return t.State == Done }

// spoken is a sound (media.Rate) as phones send it in G.722.
func spoken(t *testing.T, pcm []int16) (frames [][]byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		p := media.NewPrompt("speech", media.G722(), pcm, func() { close(over) })
		p.Track().Attach(keeper(func(payload []byte) { frames = append(frames, slices.Clone(payload)) }))
		<-over
		p.Close()
	})
	return frames
}

type keeper func([]byte)

func (k keeper) WriteRTP(p *media.Packet) { k(p.Payload) }

// say has espeak-ng say a text, after so much silence.
func say(t *testing.T, text string, after time.Duration) []int16 {
	t.Helper()
	for _, program := range []string{"espeak-ng", "pocketsphinx_continuous"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	wav, err := exec.Command("espeak-ng", "-v", "en-us", "-s", "120", "--stdout", text).Output()
	if err != nil {
		t.Fatal(err)
	}
	pcm, err := audio.Decode(wav, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pcm { // espeak-ng speaks loudly
		pcm[i] = pcm[i] / 2
	}
	return append(make([]int16, int(after.Seconds()*media.Rate)), pcm...)
}

// tone of so many hertz.
func tone(hertz float64, long time.Duration) []int16 {
	pcm := make([]int16, int(long.Seconds()*media.Rate))
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/media.Rate))
	}
	return pcm
}

// server speaks the API of OpenAI; heard makes a text of a WAV file.
type server struct {
	*httptest.Server
	t     *testing.T
	heard func(file []byte) (status int, text string)

	mu    sync.Mutex
	asked int
	keys  []string
}

func serve(t *testing.T, heard func([]byte) (int, string)) *server {
	s := &server{t: t, heard: heard}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", s.transcribe)
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	s.keys = append(s.keys, r.Header.Get("Authorization"))
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *server) transcribe(w http.ResponseWriter, r *http.Request) {
	s.note(r)
	part, head, err := r.FormFile("file")
	if err != nil || head.Filename == "" || r.FormValue("response_format") != "json" ||
		r.FormValue("model") != "small" {
		s.t.Errorf("asked by %v, %v", r.Form, err)
		return
	}
	file, err := io.ReadAll(part)
	if err != nil {
		s.t.Error(err)
	}
	status, text := s.heard(file)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"text": text})
}

// chat sums up as the simplest of models does: what each side said at the greatest length, and what of that is to be
// delivered is the next step.
func (s *server) chat(w http.ResponseWriter, r *http.Request) {
	s.note(r)
	var asked struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Messages) != 2 ||
		asked.Model != "chatty" {
		s.t.Errorf("asked %+v, %v", asked, err)
		return
	}
	longest, steps := map[string]string{}, []string{}
	for line := range strings.Lines(asked.Messages[1].Content) {
		_, said, _ := strings.Cut(strings.TrimSpace(line), "] ")
		who, what, _ := strings.Cut(said, ": ")
		if len(what) > len(longest[who]) {
			longest[who] = what
		}
		if strings.Contains(what, "delivery") {
			steps = append(steps, "Arrange: "+what)
		}
	}
	answer, _ := json.Marshal(map[string]any{"summary": "We said " + longest["Us"] + ", they " + longest["Them"],
		"next_steps": steps})
	json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]string{
		"role": "assistant", "content": "Here it is:\n```json\n" + string(answer) + "\n```"}}}})
}

func (h *house) asks(s *server, summariser bool) {
	h.t.Helper()
	key, sums := "sk-of-this-test", Change{}
	if summariser {
		sums = Change{URL: s.URL + "/v1", Name: "chatty"}
	}
	h.must(h.Save(h.t.Context(), Change{URL: s.URL, Name: "small", Key: &key}, sums, ""))
}

// grammar is what pocketsphinx listens for: any of these words in any order.
const grammar = `#JSGF V1.0;
grammar phone;
public <said> = ( invoice | computer | tomorrow | saturday | elephant | seven | twenty | delivery | telephone | president )+;
`

// pocketsphinx recognises what is said in a WAV file of 16 kHz.
func pocketsphinx(t *testing.T) func(file []byte) (int, string) {
	words := filepath.Join(t.TempDir(), "words.gram")
	if err := os.WriteFile(words, []byte(grammar), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(file []byte) (int, string) {
		wav, err := os.CreateTemp(t.TempDir(), "*.wav")
		if err == nil {
			_, err = wav.Write(file)
			err = errors.Join(err, wav.Close())
		}
		if err != nil {
			t.Error(err)
		}
		heard, err := exec.Command("pocketsphinx_continuous", "-infile", wav.Name(), "-jsgf", words, "-logfn",
			os.DevNull).Output()
		if err != nil {
			t.Errorf("pocketsphinx: %v", err)
		}
		return http.StatusOK, string(heard)
	}
}

// What two people say is written down by a real recogniser, each side by itself, in the order in which they spoke; who
// may hear the recording reads and finds it, others don't; and it goes with the recording.
func TestSpeechIsWritten(t *testing.T) {
	us, them := spoken(t, say(t, "elephant computer tomorrow", 3*time.Second)), spoken(t, say(t,
		"telephone delivery twenty", 0))
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, ctx := open(t, db, "127.0.0.0/8"), t.Context()
		s := serve(t, pocketsphinx(t))
		h.asks(s, true)
		id := h.call("c1", "ana", us, them)
		got := h.await(id, func(t Transcript) bool { return t.State == Done && t.Summary != "" })
		if len(got.Lines) != 2 || got.Lines[0].Side != theirs || got.Lines[0].Text != "telephone delivery twenty" ||
			got.Lines[1].Side != ours || got.Lines[1].Text != "elephant computer tomorrow" {
			t.Fatalf("%+v", got)
		}
		if first, second := got.Lines[0], got.Lines[1]; first.Begins > 0.5 || first.Ends > second.Begins+1 ||
			second.Begins < 2.5 ||
			second.Begins > 3.5 || second.Ends < second.Begins+1 {
			t.Errorf("spoken at %+v", got.Lines)
		}
		if got.Summary != "We said elephant computer tomorrow, they telephone delivery twenty" ||
			!slices.Equal(got.Steps, []string{"Arrange: telephone delivery twenty"}) {
			t.Errorf("%q, %q", got.Summary, got.Steps)
		}
		for _, c := range []struct {
			user, text string
			want       int
		}{{"ana", "Delivery", 1}, {"ana", "tomorrow deliv", 1}, {"ana", "de", 0}, {"ana", "invoice", 0}, {"ion",
			"delivery", 0},
			{"ana", "delivery invoice", 0}, {"ana", "", 0}} {
			hits, err := h.Find(ctx, reader(c.user), c.text, 10)
			if err != nil || len(hits) != c.want {
				t.Errorf("%s finds %q at %+v, %v", c.user, c.text, hits, err)
			}
			if c.want == 1 && c.text == "Delivery" && hits[0].Line != got.Lines[0] {
				t.Errorf("found %+v", hits[0])
			}
		}
		if _, err := h.Of(ctx, reader("ion"), id); !errors.Is(err, recording.ErrNotFound) {
			t.Errorf("a colleague's: %v", err)
		}
		if heard, err := h.recordings.Heard(ctx, id); err != nil || len(heard) == 0 {
			t.Errorf("that it was read is not written down: %v, %v", heard, err)
		}
		h.must(h.recordings.Erase(ctx, []string{"c1"}))
		for _, table := range []string{"transcript", "transcript_line", "transcript_word"} {
			var n int
			h.must(db.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n))
			if n != 0 {
				t.Errorf("%s has %d rows of a recording that is gone", table, n)
			}
		}
	})
}

// pitch tells a low tone from a high one: by how often the sound crosses zero.
func pitch(t *testing.T, file []byte) string {
	pcm, err := audio.Decode(file, time.Minute)
	if err != nil {
		t.Error(err)
		return ""
	}
	crossed, loud, below := 0, 0, false
	for _, s := range pcm { // what is not loud is no tone
		if s > 1000 || s < -1000 {
			if loud++; (s < 0) != below {
				crossed, below = crossed+1, s < 0
			}
		}
	}
	if crossed > 1500*loud/media.Rate {
		return "high"
	}
	return "low"
}

func join(sounds ...[]int16) []int16 { return slices.Concat(sounds...) }

func silence(long time.Duration) []int16 { return make([]int16, int(long.Seconds()*media.Rate)) }

// A server that fails for a while loses nothing, and is not asked again for what it has answered.
func TestFailuresAreTriedAgain(t *testing.T) {
	low, high := tone(400, time.Second), tone(1600, time.Second)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db, "127.0.0.1")
		var mu sync.Mutex
		failing, asked := 0, map[string]int{}
		s := serve(t, func(file []byte) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			heard := pitch(t, file)
			asked[heard]++
			if heard == "high" && failing < 4 {
				failing++
				return http.StatusServiceUnavailable, "busy"
			}
			return http.StatusOK, heard
		})
		h.asks(s, false)
		id := h.call("c1", "ana", spoken(t, join(low, silence(2*time.Second), high)))
		got := h.await(id, done)
		if len(got.Lines) != 2 || got.Lines[0].Text != "low" || got.Lines[1].Text != "high" || got.Trouble != "" {
			t.Errorf("%+v", got)
		}
		mu.Lock()
		defer mu.Unlock()
		if asked["low"] != 1 || asked["high"] != 5 {
			t.Errorf("asked %v times", asked)
		}
	})
}

// What a server will never answer is given up at once, with its words; asked again it is tried again.
func TestHopeless(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, ctx := open(t, db, "127.0.0.1"), t.Context()
		var mu sync.Mutex
		status := http.StatusUnprocessableEntity
		s := serve(t, func(file []byte) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			return status, pitch(t, file)
		})
		h.asks(s, false)
		id := h.call("c1", "ana", spoken(t, tone(400, time.Second)))
		got := h.await(id, func(t Transcript) bool { return t.State == Failed })
		if !strings.Contains(got.Trouble, "422") || s.count() != 1 {
			t.Errorf("%q after %d questions", got.Trouble, s.count())
		}
		mu.Lock()
		status = http.StatusOK
		mu.Unlock()
		if err := h.Again(ctx, reader("ion"), id); !errors.Is(err, recording.ErrNotFound) {
			t.Errorf("a colleague's: %v", err)
		}
		h.must(h.Again(ctx, reader("ana"), id))
		if got := h.await(id, done); len(got.Lines) != 1 || got.Trouble != "" {
			t.Errorf("%+v", got)
		}
	})
}

// Without a recogniser nobody is asked, and there is no transcript.
func TestOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, ctx := open(t, db), t.Context()
		id := h.call("c1", "ana", spoken(t, tone(400, time.Second/2)))
		testwait.Until(t, "the recording", func() bool {
			all, err := h.recordings.OfCalls(ctx, reader("ana"), []string{"c1"})
			return err == nil && len(all) == 1 && all[0].Words == ""
		})
		if _, err := h.Of(ctx, reader("ana"), id); !errors.Is(err, recording.ErrNotFound) {
			t.Errorf("a transcript: %v", err)
		}
		if _, err := h.Try(ctx, nil); !errors.Is(err, ErrOff) {
			t.Errorf("a trial: %v", err)
		}
		var jobs int
		h.must(db.QueryRow(ctx, `SELECT count(*) FROM job`).Scan(&jobs))
		if jobs != 0 {
			t.Errorf("%d jobs", jobs)
		}
	})
}

// The settings are checked; keys are sealed, and kept for the server that they were typed for alone.
func TestSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, ctx := open(t, db, "10.0.0.5"), t.Context()
		key, none := "sk-very-secret", ""
		for _, c := range []Change{{URL: "ftp://example.com"}, {URL: "http://192.168.0.1/v1"}, {URL: "http://[::1]/v1"},
			{URL: "https://user@example.com"}, {URL: "http://8.8.8.8"}, {URL: "https://example.com",
				Name: strings.Repeat("x", 300)}} {
			var wrong *input.Invalid
			if err := h.Save(ctx, c, Change{}, ""); !errors.As(err, &wrong) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		var wrong *input.Invalid
		if err := h.Save(ctx, Change{}, Change{URL: "https://example.com"}, ""); !errors.As(err, &wrong) {
			t.Errorf("a summary of nothing: %v", err)
		}
		sealed := func() bool {
			s, err := h.Settings(ctx)
			h.must(err)
			return s.Recogniser.HasKey()
		}
		h.must(h.Save(ctx, Change{URL: "http://10.0.0.5:9000/", Key: &key},
			Change{URL: "https://models.example.com/v1/"}, "ro"))
		s, err := h.Settings(ctx)
		h.must(err)
		if s.Recogniser.URL != "http://10.0.0.5:9000/v1/audio/transcriptions" || s.Language != "ro" ||
			s.Summariser.URL != "https://models.example.com/v1/chat/completions" || s.Summariser.HasKey() {
			t.Errorf("%+v", s)
		}
		var kept string
		h.must(db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, setting).Scan(&kept))
		if strings.Contains(kept, key) || !sealed() {
			t.Errorf("kept as %s", kept)
		}
		h.must(h.Save(ctx, Change{URL: "http://10.0.0.5:9000/v1"}, Change{}, ""))
		if !sealed() {
			t.Error("the key is gone, though the server is the same")
		}
		h.must(h.Save(ctx, Change{URL: "https://other.example.com"}, Change{}, ""))
		if sealed() {
			t.Error("another server gets the key")
		}
		h.must(h.Save(ctx, Change{URL: "https://other.example.com", Key: &key}, Change{}, ""))
		h.must(h.Save(ctx, Change{URL: "https://other.example.com", Key: &none}, Change{}, ""))
		if sealed() {
			t.Error("a key that was removed stays")
		}
	})
}

// A trial tells what was heard, or why nothing was; the key is shown to the server.
func TestTrial(t *testing.T) {
	h, ctx := open(t, storetest.SQLite(t), "127.0.0.1"), t.Context()
	s := serve(t, func(file []byte) (int, string) { return http.StatusOK, pitch(t, file) })
	h.asks(s, true)
	got, err := h.Try(ctx, tone(1600, time.Second))
	if err != nil || got.Heard != "high" || got.Trouble != "" || got.Summary != "We said high, they" {
		t.Errorf("%+v, %v", got, err)
	}
	if !slices.Equal(s.keys, []string{"Bearer sk-of-this-test", ""}) {
		t.Errorf("keys %q", s.keys)
	}
	s.Close()
	if got, err := h.Try(ctx, tone(400, time.Second)); err != nil || got.Trouble == "" || got.Heard != "" {
		t.Errorf("%+v, %v", got, err)
	}
	h.config.Egress, _ = guard.NewEgress(nil)
	h.secure, h.plain = h.config.client(false), h.config.client(true)
	if got, err := h.Try(ctx, tone(400, time.Second)); err != nil || !strings.Contains(got.Trouble,
		"calls.words.allow") {
		t.Errorf("%+v, %v", got, err)
	}
}

// Pieces begin and end with what is said; none is longer than recognisers hear at once, and silence is none.
func TestCut(t *testing.T) {
	pieces := func(pcm []int16) (all []span) {
		c := newCutter(0, media.Rate, func(s span) error { all = append(all, s); return nil })
		for len(pcm) > 0 {
			n := min(len(pcm), 777)
			if err := c.add(pcm[:n]); err != nil {
				t.Fatal(err)
			}
			pcm = pcm[n:]
		}
		if err := c.end(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := pieces(silence(10 * time.Second)); len(all) != 0 {
		t.Errorf("silence has %d pieces", len(all))
	}
	if all := pieces(join(silence(time.Second), tone(400, 40*time.Millisecond), silence(time.Second))); len(all) != 0 {
		t.Errorf("a click has %d pieces", len(all))
	}
	all := pieces(join(silence(2*time.Second), tone(400, time.Second), silence(300*time.Millisecond), tone(400,
		time.Second),
		silence(3*time.Second), tone(400, time.Second)))
	near := func(got, want time.Duration) bool { return (got - want).Abs() <= 50*time.Millisecond }
	if len(all) != 2 || !near(all[0].begins, 1800*time.Millisecond) || !near(all[0].ends, 4500*time.Millisecond) ||
		!near(all[1].begins, 7100*time.Millisecond) || !near(all[1].ends, 8300*time.Millisecond) {
		t.Errorf("%v", bounds(all))
	}
	long := pieces(join(tone(400, 22*time.Second), silence(400*time.Millisecond), tone(400, 30*time.Second)))
	sum := time.Duration(0)
	for i, s := range long {
		sum += s.ends - s.begins
		if s.ends-s.begins > longest || i > 0 && s.begins != long[i-1].ends {
			t.Errorf("piece %d: %v", i, bounds(long))
		}
	}
	if len(long) != 3 || long[0].ends < 22*time.Second || long[0].ends > 22400*time.Millisecond || !near(sum,
		52400*time.Millisecond) {
		t.Errorf("%v, together %v", bounds(long), sum)
	}
}

func bounds(all []span) (out []time.Duration) {
	for _, s := range all {
		out = append(out, s.begins, s.ends)
	}
	return out
}

// What models answer besides what they were asked for is read as well as it can be.
func TestUnderstood(t *testing.T) {
	for answer, want := range map[string]struct {
		text  string
		steps int
	}{
		`{"summary": "A", "next_steps": ["x", " ", "y"]}`: {"A", 2},
		"Sure!\n```json\n{\"summary\": \"B\"}\n```":       {"B", 0},
		"They want a house.":                              {"They want a house.", 0},
		`{"other": 1}`:                                    {`{"other": 1}`, 0},
	} {
		if text, steps := understood(answer); text != want.text || len(steps) != want.steps {
			t.Errorf("%q: %q, %q", answer, text, steps)
		}
	}
}

// What was recorded before anybody wrote it down is written when an administrator says so, a few at a time; new
// recordings are written beside, and where it is stopped the rest stays as it is.
func TestOldRecordings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db, "127.0.0.0/8")
		if err := h.WriteOld(t.Context()); !errors.Is(err, ErrOff) {
			t.Errorf("nobody writes: %v", err)
		}
		frames := spoken(t, tone(440, time.Second))
		for i := range ahead + 3 {
			h.call(strconv.Itoa(i), "ana", frames)
		}
		stands := func(what string, want Old) {
			t.Helper()
			var o Old
			testwait.Until(t, what, func() bool {
				var err error
				o, err = h.OldOnes(t.Context())
				return err == nil && o == want
			})
		}
		stands("the recordings", Old{Without: ahead + 3})
		hold := make(chan struct{})
		s := serve(t, func([]byte) (int, string) { <-hold; return http.StatusOK, "hello" })
		h.asks(s, false)
		h.must(h.WriteOld(t.Context()))
		h.must(h.WriteOld(t.Context())) // said twice
		stands("the first that wait", Old{Running: true, Without: 3, Waiting: ahead})
		h.must(h.StopOld(t.Context()))
		close(hold)
		stands("the others after the stop", Old{Without: 3, Done: ahead})
		h.must(h.WriteOld(t.Context()))
		stands("all", Old{Done: ahead + 3})
		if got := h.await("r-0", done); len(got.Lines) != 1 || got.Lines[0].Text != "hello" {
			t.Errorf("the oldest: %+v", got)
		}
	})
}
