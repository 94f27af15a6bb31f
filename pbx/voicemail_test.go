package pbx

import (
	"context"
	"io"
	"math"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/voicemail"
	"frontdesk/store/blob"
)

// leaves gives the world a voicemail box that a number leads to, and its messages.
func (w *world) leaves() *voicemail.Messages {
	w.t.Helper()
	ctx := context.Background()
	blobs, err := blob.Open(w.t.TempDir())
	must(w.t, err)
	w.x.board.Config.Prompt = prompts.New(prompts.Config{}, w.db, blobs).Sound
	w.x.board.Config.Voicemail = voicemail.New(w.db, blobs)
	w.tapes(voicemail.Kind, w.x.board.Config.Voicemail.Finish)
	box := dialplan.VoicemailBox{Name: "Ana", Users: []string{"ana"}, Language: "ro", Seconds: 60}
	must(w.t, w.dir.SaveBox(ctx, &box))
	must(w.t, w.dir.SaveNumber(ctx, &dialplan.Number{E164: "+40311000006", Trunk: w.carrier,
		Destination: dialplan.Destination{Kind: "user", User: "ana", Seconds: 10,
			Then: &dialplan.Destination{Kind: "voicemail", Voicemail: box.ID}}}))
	return w.x.board.Config.Voicemail
}

// onto passes packets on to a track.
type onto struct{ *media.Track }

// talks has an actor say a tone for so long.
func (w *world) talks(t *media.Track, hz float64, seconds int) {
	pcm := make([]int16, seconds*media.Rate)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/media.Rate))
	}
	said := make(chan struct{})
	p := media.NewPrompt("voice", media.PCMA(), pcm, func() { close(said) })
	defer p.Close()
	p.Track().Attach(&onto{t})
	<-said
	w.settle()
}

// A caller whom nobody answers leaves a message; hanging up ends it, and it stands as he spoke.
func TestVoicemail(t *testing.T) {
	playEach(t, func(w *world) {
		messages := w.leaves()
		caller := w.outsider("+40311000006")
		w.sleep(10 * time.Second) // ana does not answer
		w.expectHears(caller, caller.ID()+"/prompt")
		sound := caller.Speak()
		w.settle()
		w.say(caller, Digit{Key: '*'}) // he knows the greeting
		w.sleep(2 * time.Second)
		w.talks(sound, 500, 3)
		w.say(caller, Gone{Cause: CauseNormal})
		r := w.ended("missed", CauseCancelled)
		w.wantSteps(r.ID, "ring [ana] 10s no_answer", "voicemail [] 5s recorded")
		w.sleep(time.Second) // it is made
		m, err := messages.OfCall(context.Background(), r.ID)
		if err != nil || m.From != "+40722123456" || m.Seconds < 3 || m.Seconds > 4.1 {
			t.Fatalf("%+v, %v", m, err)
		}
		file, err := messages.File(context.Background(), m)
		must(t, err)
		defer file.Close()
		data, err := io.ReadAll(file)
		must(t, err)
		pcm, err := audio.Decode(data, time.Minute)
		must(t, err)
		if got := toneShare(pcm[media.Rate/2:media.Rate*5/2], 500); got < 0.95 {
			t.Errorf("share of the tone %.3f", got)
		}
		var jobs int
		must(t, w.db.QueryRow(context.Background(), `SELECT count(*) FROM job WHERE kind = $1`, voicemail.Job).Scan(&jobs))
		if jobs != 1 {
			t.Errorf("%d jobs", jobs)
		}
	})
}

func toneShare(pcm []int16, hz float64) float64 {
	var re, im, all float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / media.Rate)
		re, im, all = re+float64(s)*cos, im+float64(s)*sin, all+float64(s)*float64(s)
	}
	return 2 * (re*re + im*im) / (float64(len(pcm)) * max(all, 1))
}

// Who says nothing leaves no message; who is silent after it, or presses #, is thanked and hung up.
func TestVoicemailEnds(t *testing.T) {
	play(t, func(w *world) {
		messages := w.leaves()
		caller := w.outsider("+40311000006")
		caller.Speak()
		w.sleep(10*time.Second + 30*time.Second)
		w.expectCause(caller, CauseNoAnswer)
		r := w.ended("missed", CauseNoAnswer)
		if _, err := messages.OfCall(context.Background(), r.ID); err == nil {
			t.Error("a message of silence")
		}
	})
	play(t, func(w *world) {
		messages := w.leaves()
		caller := w.outsider("+40311000006")
		sound := caller.Speak()
		w.sleep(10 * time.Second)
		w.say(caller, Digit{Key: '*'})
		w.sleep(2 * time.Second)
		w.talks(sound, 500, 2)
		w.say(caller, Digit{Key: '#'})
		w.expectHears(caller, caller.ID()+"/prompt") // thanks
		w.sleep(10 * time.Second)
		w.expectCause(caller, CauseNoAnswer)
		w.sleep(time.Second)
		if _, err := messages.OfCall(context.Background(), w.ended("missed", CauseNoAnswer).ID); err != nil {
			t.Error(err)
		}
	})
}
