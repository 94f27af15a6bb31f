package dialplan

import (
	"cmp"
	"strings"
)

// MeetingPrefix and the id of a meeting are what is dialled to come in.
const MeetingPrefix = "meet:"

// Inbound is a call as it arrives: who, and for whom.
type Inbound struct {
	Call      string // id
	Direction string // in, out, internal, meeting
	From      string // E.164 or extension; raw when it is neither; "" when withheld
	Name      string // display name as the wire gave it
	Private   bool   // the caller withholds its number
	Dialled   string // as dialled
	To        string // the same in E.164, or an extension, or a meeting's id
	DID       string // our number that was dialled, in E.164
	Trunk     string // id of the trunk it came through
	Party     Party  // of the calling leg
	Ties      bool   // the plan asks what ties users to who calls
	Consent   Consent
}

// Inbound describes the call of a party that dialled something.
func (p *Plan) Inbound(call string, party Party, dialled string) Inbound {
	in := Inbound{Call: call, Name: party.Name, Private: party.Private, Dialled: dialled, Trunk: party.Trunk,
		Party: party}
	in.From = p.Caller(party)
	if in.Private {
		in.From, in.Name = "", ""
	}
	p.dialled(&in)
	in.Ties = p.ties && party.Kind == Outside
	return in
}

// Caller is the number under which our people know a party.
func (p *Plan) Caller(party Party) string {
	if party.Kind != Outside {
		return cmp.Or(p.extensionOf(party.User), party.Number)
	}
	number := bare(party.Number)
	if strings.EqualFold(number, "anonymous") || strings.EqualFold(number, "unknown") {
		return ""
	}
	if t := p.trunk(party.Trunk); t != nil && t.Kind == PBX && Digits(number, 1, maxExtension) {
		return t.Prefix + number // what our people dial to call back
	}
	if e164, ok := Normalise(number, p.region); ok {
		return e164
	}
	return strings.ToValidUTF8(number[:min(len(number), maxDialled)], "") // no half of a character is left
}

// extensionOf is the shortest, then lowest internal number of a user, "" without one.
func (p *Plan) extensionOf(user string) (number string) {
	for _, e := range p.extensions {
		if e.Kind == "user" && e.User == user &&
			(number == "" || cmp.Or(cmp.Compare(len(e.Number), len(number)), cmp.Compare(e.Number, number)) < 0) {
			number = e.Number
		}
	}
	return number
}

// dialled fills in To, DID and Direction.
func (p *Plan) dialled(in *Inbound) {
	raw := compact(in.Dialled)
	e164, full := Normalise(in.Dialled, p.region)
	_, ours := p.numbers[e164]
	_, extension := p.extensions[raw]
	outside := in.Party.Kind == Outside
	meeting, isMeeting := strings.CutPrefix(in.Dialled, MeetingPrefix)
	isMeeting = isMeeting && !outside // outsiders come in by a number
	if only := p.onlyNumber(in); outside && !ours && only != "" {
		e164, ours = only, true
	}
	in.Direction = "internal"
	switch {
	case in.Party.Led != "":
		in.To = p.meetings[in.Party.Led]
	case isMeeting:
		in.To, in.Direction = meeting, "meeting"
	case ours:
		in.To, in.DID = e164, e164
	case extension:
		in.To = raw
	case full:
		in.To = e164
	default:
		in.To = strings.ToValidUTF8(raw[:min(len(raw), maxDialled)], "")
	}
	switch {
	case outside:
		in.Direction = "in"
	case in.Party.Led != "":
	case p.code(*in) != Code{}:
	case in.Direction == "internal" && !ours && !extension:
		in.Direction = "out"
	}
}

// onlyNumber is the one number of a trunk that registers and puts its own user name, not the number, into each call; ""
// otherwise.
func (p *Plan) onlyNumber(in *Inbound) (only string) {
	t := p.trunk(in.Trunk)
	if t == nil || !t.Register || bare(in.Dialled) != t.Username {
		return ""
	}
	for _, n := range p.numbers {
		if n.Trunk != t.ID {
			continue
		}
		if only != "" {
			return ""
		}
		only = n.E164
	}
	return only
}

// code is what our people ask for by what they dial; nothing where that is no code.
func (p *Plan) code(in Inbound) (c Code) {
	if in.Party.Kind != Outside && in.Dialled == ParkTarget {
		return Code{Feature: Park}
	}
	if in.Party.Kind != Outside && !p.isNumber(in.To) {
		c.Feature, c.Argument = p.codes.feature(in.To)
	}
	return c
}

// isNumber tells whether what was dialled leads somewhere by itself.
func (p *Plan) isNumber(dialled string) bool {
	_, internal := p.extensions[dialled]
	return internal || strings.HasPrefix(dialled, "+")
}
