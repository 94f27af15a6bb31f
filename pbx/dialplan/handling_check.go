package dialplan

import (
	"errors"
	"slices"

	"frontdesk/pbx/input"
)

// ForwardTo is where calls go that are forwarded to a number as it is dialled.
func (p *Plan) ForwardTo(dialled string) *Forward {
	if _, inside := p.extensions[dialled]; inside {
		return &Forward{Kind: "extension", Number: dialled}
	}
	return &Forward{Kind: "number", Number: dialled, Confirm: true}
}

// CheckHandling validates how a user wants to be called, and brings it into its form. Users are not looked up: they
// are the CRM's. Errors: *input.Invalid.
func (p *Plan) CheckHandling(user string, h *Handling) error {
	if h.Seconds != 0 && (h.Seconds < 5 || h.Seconds > 120) {
		return input.Refuse("seconds", "a user rings 5 to 120 seconds before calls go on; 0 is as long as usual")
	}
	for field, f := range h.Forwards() {
		if err := p.checkForward(field, user, f); err != nil {
			return err
		}
	}
	if h.Hours == nil {
		return nil
	}
	s := h.Hours.schedule()
	err := s.Check()
	if bad := (*input.Invalid)(nil); errors.As(err, &bad) {
		bad.Field = "hours." + bad.Field
	}
	return err
}

func (p *Plan) checkForward(field, user string, f *Forward) error {
	switch f.Kind {
	case "user":
		*f = Forward{Kind: f.Kind, User: f.User}
		switch f.User {
		case "":
			return input.Refuse(field+".user", "choose the colleague who gets the calls")
		case user:
			return input.Refuse(field+".user", "calls can't be forwarded to whom they are for: choose a colleague")
		}
	case "extension":
		*f = Forward{Kind: f.Kind, Number: compact(f.Number)}
		to, known := p.extensions[f.Number]
		switch {
		case !known:
			return input.Refuse(field+".number", "there is no extension %q", f.Number)
		case to.Kind == "user" && to.User == user:
			return input.Refuse(field+".number", "calls can't be forwarded to whom they are for: choose a colleague")
		}
	case "voicemail":
		*f = Forward{Kind: f.Kind, Box: f.Box}
		if !slices.Contains(p.boxes[f.Box].Users, user) {
			return input.Refuse(field+".box",
				"choose a voicemail box that is the user's: an admin makes one under Telephony")
		}
	case "number":
		f.User, f.Box = "", ""
		return p.checkForwardOut(field, f)
	default:
		return input.Refuse(field+".kind", "must be user, extension, number or voicemail")
	}
	return nil
}

// checkForwardOut: nobody gets further by forwarding than by dialling.
func (p *Plan) checkForwardOut(field string, f *Forward) error {
	if e164, ok := Normalise(f.Number, p.region); ok {
		f.Number = e164
	} else {
		f.Number = compact(f.Number)
	}
	pbx, _ := p.connected(f.Number)
	_, ours := p.numbers[f.Number]
	switch {
	case slices.Contains(p.policy.Short, f.Number):
		return input.Refuse(field+".number", "calls can't be forwarded to a short number")
	case pbx != nil || ours || p.policy.allows(f.Number):
		return nil
	case len(f.Number) > 0 && f.Number[0] == '+':
		return input.Refuse(field+".number",
			"calls to %s are not allowed: an admin allows countries under Telephony, calls outside",
			f.Number)
	}
	return input.Refuse(field+".number", "%q is no telephone number: write it as you dial it", f.Number)
}
