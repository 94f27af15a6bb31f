package dialplan

import (
	"cmp"
	"slices"

	"frontdesk/pbx/input"
)

// CheckLeads validates where a number or extension leads, at whatever time, and brings it into its form: to is the
// field "destination", and t beside it. Users are not looked up: they are the CRM's. Errors: *input.Invalid.
func (p *Plan) CheckLeads(to *Destination, t *Timed) error {
	if err := p.checkDestination("destination", to); err != nil {
		return err
	}
	if t.Schedule == "" {
		t.Closed = nil
		return nil
	}
	switch {
	case t.Closed == nil:
		return input.Refuse("closed", "say where calls go outside of the hours; refuse turns them away")
	case t.Closed.Kind == Refused:
		*t.Closed = Destination{Kind: Refused}
		return nil
	}
	return p.checkDestination("closed", t.Closed)
}

// CheckNumber validates where a number leads, as CheckLeads does.
func (p *Plan) CheckNumber(n *Number) error {
	if err := p.CheckLeads(&n.Destination, &n.Timed); err != nil {
		return err
	}
	return n.Doubts.check(p)
}

// check validates where such calls lead, and brings it into its form.
func (d *Doubts) check(p *Plan) error {
	if d == nil {
		return nil
	}
	if d.Of != "failed" && d.Of != "unverified" {
		return input.Refuse("doubts.of", "must be failed or unverified")
	}
	return p.checkOnward("doubts.to", &d.To)
}

// checkDestination validates what a field of the input leads to, and fills in the default time.
func (p *Plan) checkDestination(field string, to *Destination) error {
	to.Seconds = cmp.Or(to.Seconds, 25)
	if to.Seconds < 5 || to.Seconds > 120 {
		return input.Refuse(field+".seconds", "a step rings 5 to 120 seconds")
	}
	if err := checkTies(field+".ties", to.Ties); err != nil {
		return err
	}
	switch to.Kind {
	case "user":
		if to.User == "" {
			return input.Refuse(field+".user", "choose a user")
		}
	case "group":
		if len(to.Users) == 0 || len(to.Users) > 50 {
			return input.Refuse(field+".users", "choose 1 to 50 users")
		}
	case Refused:
		return input.Refuse(field+".kind", "only what is closed can turn calls away")
	default:
		if err := p.checkThere(field, *to); err != nil {
			return err
		}
	}
	return p.checkThen(field, to)
}

// checkTies validates whom a destination rings before all others.
func checkTies(field string, ties []string) error {
	for i, tie := range ties {
		if tie != TieSpoke && tie != TieMissed && tie != TieDeal {
			return input.Refuse(field, "must be of spoke, missed and deal")
		}
		if slices.Contains(ties[:i], tie) {
			return input.Refuse(field, "%s is there twice", tie)
		}
	}
	return nil
}

// checkThere validates that what a destination leads to is there.
func (p *Plan) checkThere(field string, to Destination) error {
	var there bool
	var what string
	switch to.Kind {
	case ToGroup:
		_, there = p.groups[to.HuntGroup]
		what = "hunt group"
	case ToQueue:
		_, there = p.queues[to.Queue]
		what = "queue"
	case "meeting":
		_, there = p.meetings[to.Meeting]
		what = "meeting"
	case "menu":
		_, there = p.menus[to.Menu]
		what = "menu"
	case "voicemail":
		_, there = p.boxes[to.Voicemail]
		what = "voicemail box"
	default:
		return input.Refuse(field+".kind", "must be user, group, hunt_group, queue, meeting, menu or voicemail")
	}
	if !there {
		return input.Refuse(field+"."+to.Kind, "no such %s", what)
	}
	return nil
}

// checkThen validates where calls go that nobody takes.
func (p *Plan) checkThen(field string, to *Destination) error {
	switch {
	case to.Then == nil:
		return nil
	case to.Kind != "user" && to.Kind != "group":
		return input.Refuse(field+".then", "only what rings leads on")
	case to.Then.Then != nil:
		return input.Refuse(field+".then.then", "one is enough: a menu or a group leads further")
	}
	return p.checkOnward(field+".then", to.Then)
}

// checkOnward validates where a caller goes whom a machine has answered: to whom refuses, he is hung up.
func (p *Plan) checkOnward(field string, to *Destination) error {
	if to.Kind == Refused {
		*to = Destination{Kind: Refused}
		return nil
	}
	return p.checkDestination(field, to)
}
