package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// announce is the act in which who is led hears a prompt.
type announce struct {
	program
	item   string // that it is a step of
	prompt string
	speech *call.Speech
}

func (a *announce) Begin() {
	if !a.answer() {
		return
	}
	a.way.Begins(ledger.Step{Kind: ledger.Announce, Item: a.item})
	a.speech = a.Say(a.who, a.heard, a.prompt)
}

// heard: it was said, or could not be read.
func (a *announce) heard(said bool) {
	outcome := dialplan.Done
	if !said {
		outcome = dialplan.Failed
	}
	a.comesTo(outcome)
}

func (a *announce) Hears(m *call.Member) []*media.Track { return a.speech.Sound(m) }

func (a *announce) Ended(Cause) { a.speech.Stop() }
