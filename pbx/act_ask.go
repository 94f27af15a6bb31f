package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
)

// digitWait is how long a caller may take for the next digit of an extension.
const digitWait = 3 * time.Second

// ask is the act in which who is led chooses from a menu by keys, at any moment of its prompt or after it.
type ask struct {
	program
	step   dialplan.Ask
	speech *call.Speech
	asked  int        // times
	digits string     // pressed so far
	wait   call.Alarm // for a key
}

func (a *ask) Begin() {
	if !a.answer() {
		return
	}
	a.way.Begins(ledger.Step{Kind: ledger.Menu, Item: a.step.Menu.ID})
	a.asks(a.step.Menu.Prompt)
}

// asks says the prompt, after others.
func (a *ask) asks(prompts ...string) {
	a.asked++
	a.digits = ""
	a.speech = a.Say(a.who, func(bool) { // who knows the menu can choose, also where its prompt can't be read
		a.Alarms.Set(&a.wait, time.Duration(a.step.Menu.Wait)*time.Second, func() { a.nothing(dialplan.Timeout) })
	}, prompts...)
}

func (a *ask) Said(m *call.Member, e Event) {
	if d, ok := e.(Digit); ok && m == a.who {
		a.presses(d.Key)
		return
	}
	a.program.Said(m, e)
}

// presses takes a key. It ends the prompt; where more keys may follow it waits for them.
func (a *ask) presses(key rune) {
	a.speech.Stop()
	a.Alarms.Off(&a.wait)
	a.digits += string(key)
	chosen, more := a.step.Chosen(a.digits)
	if more {
		a.Alarms.Set(&a.wait, digitWait, func() { a.chooses(chosen) })
		return
	}
	a.chooses(chosen)
}

func (a *ask) chooses(o dialplan.Outcome) {
	if o == dialplan.Wrong {
		a.nothing(o)
		return
	}
	a.comesTo(o)
}

// nothing was chosen: it asks again, unless that was often enough.
func (a *ask) nothing(o dialplan.Outcome) {
	menu := a.step.Menu
	switch {
	case a.asked > menu.Repeats:
		a.comesTo(o)
	case o == dialplan.Wrong:
		a.asks(prompts.System(menu.Language, "invalid"), menu.Prompt)
	default:
		a.asks(menu.Prompt)
	}
}

func (a *ask) Hears(m *call.Member) []*media.Track { return a.speech.Sound(m) }

func (a *ask) Parted(*call.Member) { a.Alarms.Off(&a.wait) }

func (a *ask) Ended(Cause) { a.speech.Stop() }
