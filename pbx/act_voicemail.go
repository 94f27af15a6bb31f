package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/media/record"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
)

// quietEnds a message: so long nobody speaks.
const quietEnds = 10 * time.Second

// leave is the act in which who is led hears a greeting and leaves a message. It ends when he hangs up, presses #,
// is silent for long, or has spoken for as long as he may.
type leave struct {
	program
	box    dialplan.VoicemailBox
	speech *call.Speech
	tape   *record.Tape // nil before the tone, and once it is over
	ears   []media.Sink // that hear the message
	voice  *media.Voice
	begun  time.Time
	limit  call.Alarm
	quiet  call.Alarm
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

// listen records from now on, to the disk.
func (l *leave) listen(bool) {
	if l.voice = media.NewVoice(l.who.Codec); l.voice == nil || !l.begins() {
		l.comesTo(dialplan.Failed)
		return
	}
	l.begun = time.Now()
	l.ears = []media.Sink{l.voice, l.tape.Sink(0, l.who.Codec)}
	for _, t := range l.who.Tracks {
		l.hearsTo(t)
	}
	l.Alarms.Set(&l.limit, time.Duration(l.box.Seconds)*time.Second, l.finish)
	l.Alarms.Set(&l.quiet, quietEnds, l.listens)
}

// begins the tape; false: there can be none.
func (l *leave) begins() bool {
	if l.Board.Config.Recorder == nil {
		return false
	}
	about := voicemail.About{ID: store.NewID(), Box: l.box.ID, Call: l.Record.ID, From: l.Record.From, Name: l.Name}
	var err error
	if l.tape, err = l.Board.Config.Recorder.Begin(voicemail.Kind, about.ID, about); err != nil {
		l.Log.Error("a voicemail can't be recorded", "err", err)
	}
	return err == nil
}

// hearsTo records a track of the caller, in the codec that was agreed.
func (l *leave) hearsTo(t *media.Track) {
	if l.tape == nil || !t.Codec.Is(l.who.Codec) {
		return
	}
	for _, ear := range l.ears {
		t.Attach(ear)
	}
}

// listens ends the message of who no longer speaks.
func (l *leave) listens() {
	heard := l.voice.Heard()
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
	case l.tape == nil && l.begun.IsZero():
		l.speech.Stop()
		l.speech = l.Say(l.who, l.listen, prompts.Beep)
	case l.tape != nil && key == '#':
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

// keep ends the recording: where somebody spoke a message is made of it.
func (l *leave) keep() dialplan.Outcome {
	tape := l.tape
	l.tape = nil
	l.Alarms.Off(&l.limit)
	l.Alarms.Off(&l.quiet)
	if tape == nil {
		return dialplan.Empty
	}
	for _, t := range l.who.Tracks {
		for _, ear := range l.ears {
			t.Detach(ear)
		}
	}
	if l.voice.Heard().IsZero() {
		tape.Drop()
		return dialplan.Empty
	}
	tape.End()
	return dialplan.Recorded
}

func (l *leave) Hears(m *call.Member) []*media.Track { return l.speech.Sound(m) }

// Ended: who hangs up has left his message.
func (l *leave) Ended(Cause) {
	l.speech.Stop()
	if outcome := l.keep(); !l.begun.IsZero() {
		l.way.Trail.ComesTo(string(outcome))
	}
}
