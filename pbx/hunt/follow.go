package hunt

import (
	"time"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
)

// maxMoved is how many of the numbers that somebody who moved names are tried.
const maxMoved = 3

// elsewhere routes the numbers that a party names to be called instead, by the dial plan: with the rights of the
// phone that forwards, and where a carrier says that a number has moved, with the caller's. So nobody gets further by
// forwarding than by dialling. Refused says of each number that leads nowhere why not.
func (w *Way) elsewhere(caller call.Party, m *call.Member, numbers []string) (programs []dialplan.Step,
	refused []call.Cause) {
	who := m.Party
	if who.Kind == call.Outside {
		who = caller
	}
	for _, number := range numbers[:min(len(numbers), maxMoved)] {
		in := w.Plan.Inbound(w.In.Call, who, number)
		first := w.Plan.Route(in, w.Board.Facts(dialplan.Hint{}), time.Now())
		cause := Refusal(first)
		w.Log.Info("called party is elsewhere", "by", m.Party.Number, "to", in.To, "cause", cause)
		if cause != call.CauseNone {
			refused = append(refused, cause)
			continue
		}
		programs = append(programs, first)
	}
	return programs, refused
}

// Refusal is why a program rings nobody: it refuses, or leads into a meeting, where nobody is brought by somebody else.
func Refusal(first dialplan.Step) call.Cause {
	_, first = dialplan.Decided(first)
	switch s := first.(type) {
	case dialplan.Refuse:
		return s.Cause
	case dialplan.Join:
		return call.CauseForbidden
	}
	return call.CauseNone
}
