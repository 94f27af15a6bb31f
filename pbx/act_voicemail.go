package pbx

import (
	"context"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/voicemail"
)

const (
	quietEnds = 10 * time.Second // so long nobody speaks, then the message is over
	keepTries = 5                // to store a message, each time twice as long after the one before
)

// leave is the act in which who is led hears a greeting and leaves a message. It ends when he hangs up, presses #,
// is silent for long, or has spoken for as long as he may.
type leave struct {
	program
	box      dialplan.VoicemailBox
	speech   *call.Speech
	recorder *media.Recorder // nil before the tone, and once it is over
	begun    time.Time
	limit    call.Alarm
	quiet    call.Alarm
}

func (l *leave) Begin() {
	if !l.answer() {
		return
	}
	l.way.Begins(ledger.Step{Kind: ledger.Voicemail, Item: l.box.ID})
	l.speech = l.Say(l.who, l.listen, l.greeting(), prompts.Beep)
}

// greeting is the box's own, or the one that ships with the program.
func (l *leave) greeting() string {
	switch {
	case l.box.Greeting != "":
		return l.box.Greeting
	case len(l.box.Users) == 1:
		return prompts.System(l.box.Language, "leave-message")
	}
	return prompts.System(l.box.Language, "leave-message-group")
}

// listen records from now on.
func (l *leave) listen(bool) {
	most := time.Duration(l.box.Seconds) * time.Second
	if l.recorder = media.NewRecorder(l.who.Codec, most); l.recorder == nil || l.Board.Config.Voicemail == nil {
		l.comesTo(dialplan.Failed)
		return
	}
	l.begun = time.Now()
	for _, t := range l.who.Tracks {
		l.hearsTo(t)
	}
	l.Alarms.Set(&l.limit, most, l.finish)
	l.Alarms.Set(&l.quiet, quietEnds, l.listens)
}

// hearsTo records a track of the caller, in the codec that was agreed.
func (l *leave) hearsTo(t *media.Track) {
	if l.recorder != nil && t.Codec.Is(l.who.Codec) {
		t.Attach(l.recorder)
	}
}

// listens ends the message of who no longer speaks.
func (l *leave) listens() {
	heard := l.recorder.Heard()
	if heard.IsZero() {
		heard = l.begun
	}
	if rest := quietEnds - time.Since(heard); rest > 0 {
		l.Alarms.Set(&l.quiet, rest, l.listens)
		return
	}
	l.finish()
}

func (l *leave) Said(m *call.Member, e Event) {
	if m == l.who {
		switch e := e.(type) {
		case TrackAdded:
			l.hearsTo(e.Track)
		case Digit:
			l.presses(e.Key)
			return
		}
	}
	l.program.Said(m, e)
}

// presses: # ends the message; before the tone any key ends the greeting.
func (l *leave) presses(key rune) {
	switch {
	case l.recorder == nil && l.begun.IsZero():
		l.speech.Stop()
		l.speech = l.Say(l.who, l.listen, prompts.Beep)
	case l.recorder != nil && key == '#':
		l.finish()
	}
}

// finish keeps the message of who is still there, and thanks him.
func (l *leave) finish() {
	outcome := l.keep()
	l.way.Trail.ComesTo(string(outcome))
	if outcome == dialplan.Empty {
		l.comesTo(outcome)
		return
	}
	l.speech = l.Say(l.who, func(bool) { l.comesTo(outcome) }, prompts.System(l.box.Language, "message-saved"))
}

// keep ends the recording and stores it, where somebody spoke, off the goroutine of the call.
func (l *leave) keep() dialplan.Outcome {
	recorder := l.recorder
	l.recorder = nil
	l.Alarms.Off(&l.limit)
	l.Alarms.Off(&l.quiet)
	if recorder == nil {
		return dialplan.Empty
	}
	for _, t := range l.who.Tracks {
		t.Detach(recorder)
	}
	if recorder.Heard().IsZero() {
		return dialplan.Empty
	}
	m := voicemail.Message{Box: l.box.ID, Call: l.Record.ID, From: l.Record.From, Name: l.Name, At: l.begun}
	messages, log := l.Board.Config.Voicemail, l.Log
	l.Board.Running.Go(func() {
		keepMessage(messages, m, recorder.Sound(), func(err error) { log.Error("a voicemail is not stored", "err", err) })
	})
	return dialplan.Recorded
}

// keepMessage tries until it stands; what fails is told.
func keepMessage(messages *voicemail.Messages, m voicemail.Message, pcm []int16, failed func(error)) {
	for wait, tries := time.Second, 1; ; wait, tries = 2*wait, tries+1 {
		ctx, cancel := context.WithTimeout(context.Background(), call.WriteLimit)
		err := messages.Keep(ctx, m, pcm)
		cancel()
		if err == nil {
			return
		}
		if failed(err); tries == keepTries {
			return
		}
		time.Sleep(wait)
	}
}

func (l *leave) Hears(m *call.Member) []*media.Track { return l.speech.Sound(m) }

// Ended: who hangs up has left his message.
func (l *leave) Ended(Cause) {
	l.speech.Stop()
	if outcome := l.keep(); !l.begun.IsZero() {
		l.way.Trail.ComesTo(string(outcome))
	}
}
