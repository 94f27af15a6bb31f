package dialplan

import (
	"time"

	"frontdesk/pbx/cause"
)

// Route is the program of a call. It is pure: the same plan, call, facts and time give the same program.
func (p *Plan) Route(in Inbound, facts Facts, at time.Time) Step {
	facts.at, facts.asked = at, map[string]*asking{}
	if in.Party.Kind == Outside && !in.Private {
		facts.caller = in.From
	}
	number, ours := p.numbers[in.DID]
	extension, internal := p.extensions[in.To]
	code := p.code(in)
	switch {
	case in.Party.Led != "":
		return p.meeting(in.Party.Led)
	case code != Code{}:
		return code
	case in.Dialled == DeskTarget && in.Party.Kind == Browser:
		return p.desk(in.Party.User)
	case in.Direction == "meeting":
		return Join{Meeting: in.To} // whether there is one, and he may come in, the exchange asks
	case ours:
		return p.number(number, in, facts)
	case internal && p.mayDialExtensions(in):
		return p.timed(extension.Destination, extension.Timed, facts)
	case in.Party.Kind == Outside && p.unchosen(in.Trunk):
		return Refuse{Cause: cause.Unavailable} // whom its calls ring is not chosen yet
	case in.Party.Kind == Outside:
		return Refuse{Cause: cause.NotFound} // outsiders reach us, never the outside through us
	default:
		return p.wanted(in, facts)
	}
}

// deskSeconds is how long one's own desk phone rings for a call that one has already.
const deskSeconds = 30

// desk rings a user's desk phones, for a call that he has in the browser.
func (p *Plan) desk(user string) Step {
	r := p.Ring([]string{user}, deskSeconds, nil)
	if r.Desk = true; len(r.Devices) == 0 {
		return Refuse{Cause: cause.Unavailable}
	}
	return r
}

// unchosen tells whether no number of a carrier leads anywhere yet.
func (p *Plan) unchosen(trunk string) bool {
	for _, n := range p.numbers {
		if n.Trunk == trunk {
			return false
		}
	}
	t := p.trunk(trunk)
	return t != nil && t.Kind == Carrier
}

// mayDialExtensions: our own people, and those of a connected PBX.
func (p *Plan) mayDialExtensions(in Inbound) bool {
	if in.Party.Kind != Outside {
		return true
	}
	t := p.trunk(in.Trunk)
	return t != nil && t.Kind == PBX
}

// UnwantedMenu is the id of what asks whether a call is meant.
const UnwantedMenu = "unwanted"

// warnedSeconds is how long one may think about it.
const warnedSeconds = 8

// wanted routes a call of our own people outside. Who dials a number that asked not to be called, on a phone, says by a
// key that he means it. Emergency and short numbers are never asked about.
func (p *Plan) wanted(in Inbound, facts Facts) Step {
	out := p.outside(in, facts)
	d, leads := out.(Dial)
	switch {
	case !leads || d.Costs == "" || facts.Warning == nil || in.Consent == Invited:
		return out
	case facts.Warning.Refused:
		return Refuse{Cause: cause.Unwanted}
	case in.Consent == Insists:
		return out
	}
	in.Consent = Insists
	meant := p.outside(in, facts)
	menu := Menu{ID: UnwantedMenu, Prompt: facts.Warning.Prompt, Language: facts.Warning.Language, Wait: warnedSeconds,
		Keys: []MenuKey{{Key: "1"}}}
	return Ask{Menu: menu, from: &asking{leads: func(Destination, Timed) Step { return meant }}}
}
