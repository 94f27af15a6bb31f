package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// announce is the act in which who is led hears a prompt.
type announce struct {
	program
	item   string // that it is a step of
	prompt string
	speech *speech
}

func (a *announce) begin() {
	if !a.answer() {
		return
	}
	a.way.begins(ledger.Step{Kind: ledger.Announce, Item: a.item})
	a.speech = a.say(a.who, a.heard, a.prompt)
}

// heard: it was said, or could not be read.
func (a *announce) heard(said bool) {
	outcome := dialplan.Done
	if !said {
		outcome = dialplan.Failed
	}
	a.comesTo(outcome)
}

func (a *announce) hears(m *member) []*media.Track { return a.speech.sound(m) }

func (a *announce) ended(Cause) { a.speech.stop() }
