package pbx

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/media/record"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/store/blob"
	"frontdesk/store/query"
)

// recordsBy has the world record calls by a policy.
func (w *world) recordsBy(rules ...recording.Rule) *recording.Recordings {
	w.t.Helper()
	blobs, err := blob.Open(w.t.TempDir())
	must(w.t, err)
	all := recording.New(w.db, blobs)
	must(w.t, all.SavePolicy(w.t.Context(), recording.Policy{Rules: rules, Days: 1}))
	w.tapes(recording.Kind, all.Keep)
	w.x.board.Config.Recordings = all
	w.x.board.Config.Prompt = prompts.New(prompts.Config{}, w.db, blobs).Sound
	return all
}

// tapes has the world write tapes of a kind.
func (w *world) tapes(kind string, finish record.Finish) {
	w.t.Helper()
	recorder, err := record.Open(w.t.TempDir(), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	must(w.t, err)
	recorder.Handle(kind, finish)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { recorder.Run(ctx); close(done) }()
	w.x.board.Config.Recorder = recorder
	w.t.Cleanup(func() { recorder.Close(); stop(); <-done })
}

// everybody may hear everything.
func everybody() recording.Reader {
	return recording.Reader{User: "root",
		May: func(string) func(*query.Builder) { return func(q *query.Builder) { q.Add("TRUE") } }}
}

// recorded are the sides of the only recording of a call, and how long it is.
func (w *world) recorded(all *recording.Recordings, call string) (ours, theirs []int16, length time.Duration) {
	w.t.Helper()
	ctx := context.Background()
	w.sleep(time.Second)
	list, err := all.OfCalls(ctx, everybody(), []string{call})
	must(w.t, err)
	if len(list) != 1 {
		w.t.Fatalf("%d recordings", len(list))
	}
	_, file, err := all.Open(ctx, everybody(), list[0].ID)
	must(w.t, err)
	defer file.Close()
	data, err := io.ReadAll(file)
	must(w.t, err)
	law := media.ALaw()
	for i, b := range data[58:] {
		one := []int16{0, 0}
		law.Decode(one, []byte{b})
		side := &ours
		if i%2 == 1 {
			side = &theirs
		}
		*side = append(*side, one[0], one[0]) // at media.Rate
	}
	return ours, theirs, time.Duration(list[0].Seconds * float64(time.Second))
}

// state of the recording as those in the call see it; "" where they see none.
func (w *world) recordingState() string {
	w.settle()
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.views[len(w.views)-1].Recording; r != nil {
		return r.State
	}
	return ""
}

// clientCallsAna has a client call Ana, who answers, and both send sound.
func (w *world) clientCallsAna() (client, ana *calltest.Actor, his, hers *media.Track) {
	client = w.outsider("+40311000001")
	ana = w.rung()
	w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
	his, hers = client.Speak(), ana.Speak()
	w.settle()
	return
}

// Each side of a call that the policy has recorded is in its channel; not what is said while one holds, or while an
// agent pauses for the number of a card.
func TestCallIsRecorded(t *testing.T) {
	playEach(t, func(w *world) {
		all := w.recordsBy(recording.Rule{Direction: "in", Record: recording.Always, Pause: true})
		client, ana, his, hers := w.clientCallsAna()
		if s := w.recordingState(); s != call.RecordingOn {
			t.Fatalf("recording is %q", s)
		}
		w.talks(his, 500, 2)
		w.talks(hers, 700, 2)
		w.say(ana, Held{On: true})
		w.talks(hers, 900, 2)
		w.say(ana, Held{})
		w.say(ana, RecordAsked{Do: call.RecordingPause})
		if s := w.recordingState(); s != call.RecordingPaused {
			t.Errorf("paused, recording is %q", s)
		}
		w.talks(his, 1100, 2)
		w.say(client, RecordAsked{Do: call.RecordingStop})
		w.say(ana, RecordAsked{Do: call.RecordingStop}) // the policy does not let her
		w.say(ana, RecordAsked{Do: call.RecordingResume})
		w.talks(his, 1300, 2)
		w.say(client, Gone{Cause: CauseNormal})
		r := w.ended("answered", CauseNormal)
		ours, theirs, length := w.recorded(all, r.ID)
		if length < 9900*time.Millisecond || length > 10300*time.Millisecond {
			t.Errorf("%v", length)
		}
		second := func(side []int16, at int) []int16 { return side[at*media.Rate+media.Rate/4 : (at+1)*media.Rate] }
		for _, c := range []struct {
			side  []int16
			at    int
			hertz float64
		}{{theirs, 0, 500}, {theirs, 1, 500}, {ours, 2, 700}, {ours, 3, 700}, {theirs, 8, 1300}} {
			if got := toneShare(second(c.side, c.at), c.hertz); got < 0.9 {
				t.Errorf("second %d: %.2f of it is %.0f Hz", c.at, got, c.hertz)
			}
		}
		for at, side := range map[int][]int16{0: ours, 3: theirs, 4: ours, 5: ours, 6: theirs, 7: theirs} {
			if loudest := slices.Max(second(side, at)); loudest > 100 {
				t.Errorf("second %d: %d", at, loudest)
			}
		}
	})
}

// Where it has to be said, both sides hear that the call is recorded before anything is.
func TestRecordingIsAnnounced(t *testing.T) {
	play(t, func(w *world) {
		all := w.recordsBy(recording.Rule{Record: recording.Always, Announce: true, Language: "en"})
		client, ana, his, _ := w.clientCallsAna()
		w.expectHears(client, client.ID()+"/prompt")
		w.expectHears(ana, ana.ID()+"/prompt")
		if s := w.recordingState(); s != call.RecordingAnnounced {
			t.Errorf("recording is %q", s)
		}
		w.sleep(5 * time.Second)
		w.expectHears(client, ana.ID()+"/audio")
		if s := w.recordingState(); s != call.RecordingOn {
			t.Errorf("recording is %q", s)
		}
		w.talks(his, 500, 2)
		w.say(client, Gone{Cause: CauseNormal})
		_, theirs, _ := w.recorded(all, w.ended("answered", CauseNormal).ID)
		if got := toneShare(theirs[len(theirs)-media.Rate:], 500); got < 0.9 {
			t.Errorf("%.2f of it is his voice", got)
		}
	})
	play(t, func(w *world) { // who can't be told is not recorded
		w.recordsBy(recording.Rule{Record: recording.Always, Announce: true, Language: "en"})
		w.x.board.Config.Prompt = nil
		w.clientCallsAna()
		if s := w.recordingState(); s != call.RecordingOff {
			t.Errorf("recording is %q", s)
		}
	})
}

// An agent begins and stops where the policy leaves it to him; where it has nothing recorded he sees nothing of it.
func TestAgentsRecord(t *testing.T) {
	play(t, func(w *world) {
		all := w.recordsBy(recording.Rule{Direction: "in", Record: recording.Asked},
			recording.Rule{Record: recording.Never})
		client, ana, his, _ := w.clientCallsAna()
		if s := w.recordingState(); s != call.RecordingOff {
			t.Errorf("recording is %q", s)
		}
		w.talks(his, 900, 2)
		w.say(ana, RecordAsked{Do: call.RecordingStart})
		w.talks(his, 500, 2)
		w.say(ana, RecordAsked{Do: call.RecordingStop})
		w.talks(his, 900, 2)
		w.say(client, Gone{Cause: CauseNormal})
		_, theirs, length := w.recorded(all, w.ended("answered", CauseNormal).ID)
		if got := toneShare(theirs[:media.Rate], 500); got < 0.9 || length > 2500*time.Millisecond {
			t.Errorf("%.2f of it is his voice, %v", got, length)
		}
	})
	play(t, func(w *world) {
		w.recordsBy(recording.Rule{Direction: "out", Record: recording.Always})
		_, ana, _, _ := w.clientCallsAna()
		w.say(ana, RecordAsked{Do: call.RecordingStart})
		if s := w.recordingState(); s != "" {
			t.Errorf("recording is %q", s)
		}
	})
}
