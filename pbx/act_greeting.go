package pbx

import (
	"context"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/call"
	"frontdesk/pbx/prompts"
)

const (
	longestGreeting = 2 * time.Minute
	greetingQuiet   = 4 * time.Second // so long nobody speaks, then the greeting is over
)

// Keys while one hears the greeting that one has made.
const (
	keyKeep = '1'
	keyAnew = '2'
)

// greeting is the act in which one of our people records what the callers of his voicemail hear. It is kept when he
// says so.
type greeting struct {
	program
	box, language string
	speech        *call.Speech
	recorder      *media.Recorder // while he speaks
	voice         *media.Voice
	begun         time.Time
	made          string // prompt that he hears now
	wait, limit   call.Alarm
}

func (g *greeting) Begin() {
	box, may := g.Plan.Greets(g.who.Party.User)
	_, has := g.Plan.OwnBox(g.who.Party.User)
	switch {
	case !has || g.Board.Config.Prompts == nil:
		g.End(CauseNotFound)
		return
	case !may: // it is others', too
		g.End(CauseForbidden)
		return
	}
	if g.box, g.language = box.ID, box.Language; g.answer() {
		g.asks()
	}
}

func (g *greeting) says(name string) string { return prompts.System(g.language, name) }

func (g *greeting) asks() {
	g.made = ""
	g.speech = g.Say(g.who, func(bool) { g.records() }, g.says("greeting-record"), prompts.Beep)
}

func (g *greeting) records() {
	g.recorder, g.voice, g.begun = media.NewRecorder(g.who.Codec, longestGreeting), media.NewVoice(g.who.Codec),
		time.Now()
	if g.recorder == nil {
		g.End(CauseNoCodec)
		return
	}
	for _, t := range g.who.Tracks {
		g.hearsTo(t)
	}
	g.Alarms.Set(&g.limit, longestGreeting, g.stops)
	g.Alarms.Set(&g.wait, greetingQuiet, g.listens)
}

func (g *greeting) hearsTo(t *media.Track) {
	if g.recorder != nil && t.Codec.Is(g.who.Codec) {
		t.Attach(g.recorder)
		t.Attach(g.voice)
	}
}

// listens ends the greeting of who no longer speaks.
func (g *greeting) listens() {
	heard := g.voice.Heard()
	if heard.IsZero() {
		heard = g.begun
	}
	if rest := greetingQuiet - time.Since(heard); rest > 0 {
		g.Alarms.Set(&g.wait, rest, g.listens)
		return
	}
	g.stops()
}

// stops the recording, and has him hear it.
func (g *greeting) stops() {
	recorder, spoke := g.release()
	if !spoke {
		g.asks()
		return
	}
	name := "☎ " + g.Plan.Box(g.box).Name + " " + time.Now().UTC().Format("2006-01-02 15:04:05.000") // no other has it
	off(g, g.Call, func(ctx context.Context) func() {
		made, err := g.Board.Config.Prompts.Add(ctx, name, "record", audio.WAV(recorder.Sound(), media.Rate))
		return func() { g.hears(made.ID, err) }
	})
}

// release lets go of the recorder; spoke: there is something on it.
func (g *greeting) release() (recorder *media.Recorder, spoke bool) {
	g.Alarms.Off(&g.wait)
	g.Alarms.Off(&g.limit)
	recorder, g.recorder = g.recorder, nil
	for _, t := range g.who.Tracks {
		t.Detach(recorder)
		t.Detach(g.voice)
	}
	return recorder, !g.voice.Heard().IsZero()
}

func (g *greeting) hears(made string, err error) {
	if err != nil {
		g.Log.Error("a greeting is not stored", "err", err)
		g.End(CauseFailed)
		return
	}
	g.made = made
	g.speech = g.Say(g.who, func(bool) { g.Alarms.Set(&g.wait, keyWait, func() { g.End(CauseNormal) }) }, made,
		g.says("greeting-keys"))
}

func (g *greeting) Said(m *call.Member, e Event) {
	if m == g.who {
		switch e := e.(type) {
		case TrackAdded:
			g.hearsTo(e.Track)
		case Digit:
			g.presses(e.Key)
			return
		}
	}
	g.program.Said(m, e)
}

func (g *greeting) presses(key rune) {
	switch {
	case g.recorder != nil && key == '#':
		g.stops()
	case g.made != "" && key == keyAnew:
		g.speech.Stop()
		g.Alarms.Off(&g.wait)
		g.forgets()
		g.asks()
	case g.made != "" && key == keyKeep:
		g.keeps()
	}
}

func (g *greeting) keeps() {
	g.speech.Stop()
	g.Alarms.Off(&g.wait)
	made := g.made
	g.made = ""
	off(g, g.Call, func(ctx context.Context) func() {
		err := g.Board.Directory.Greet(ctx, g.box, made)
		return func() {
			if err != nil {
				g.Log.Error("a greeting is not kept", "err", err)
				g.End(CauseFailed)
				return
			}
			g.speech = g.Say(g.who, func(bool) { g.End(CauseNormal) }, g.says("greeting-saved"))
		}
	})
}

// forgets what was made and is not wanted.
func (g *greeting) forgets() {
	made := g.made
	g.made = ""
	if made == "" {
		return
	}
	g.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), call.WriteLimit)
		defer cancel()
		if err := g.Board.Config.Prompts.Delete(ctx, made); err != nil {
			g.Log.Warn("a greeting that nobody wants stays", "prompt", made, "err", err)
		}
	})
}

func (g *greeting) Hears(m *call.Member) []*media.Track { return g.speech.Sound(m) }

// Ended: who hangs up keeps the greeting that he has.
func (g *greeting) Ended(Cause) {
	g.speech.Stop()
	if g.recorder != nil {
		g.release()
	}
	g.forgets()
}
