package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// OutboundRoute says over which trunks certain calls go out. Of the routes, which are in order, the first that a call
// fits decides; a call that fits none may take any trunk.
type OutboundRoute struct {
	Name      string   `json:"name"`
	Prefixes  []string `json:"prefixes"`           // of the number: +4021, or 112 for short ones; empty: any
	Countries []string `json:"countries"`          // of the number, ISO 3166; empty: any
	Users     []string `json:"users"`              // who call, by id; empty: anybody
	Schedule  string   `json:"schedule,omitempty"` // id of working hours outside of which the route does not count
	Trunks    []string `json:"trunks"`             // ids; the next one where one fails
	CallerID  string   `json:"caller_id"`          // E.164 shown; empty: as the user's number or the trunk says
}

// fits tells whether a call of a user to a number, in E.164 or short, takes the route.
func (r *OutboundRoute) fits(number, user string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(number, prefix) }
	return (len(r.Prefixes) == 0 || slices.ContainsFunc(r.Prefixes, begins)) &&
		(len(r.Countries) == 0 || slices.Contains(r.Countries, countryOf(number))) &&
		(len(r.Users) == 0 || slices.Contains(r.Users, user))
}

// countryOf is the country of a number in E.164, "" of a short one.
func countryOf(number string) string {
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(parsed)
}

// wayOut is the route of a call; nil: none decides.
func (p *Plan) wayOut(in Inbound, at time.Time) *OutboundRoute {
	for i := range p.routes {
		r := &p.routes[i]
		if !r.fits(in.To, in.Party.User) {
			continue
		}
		if s := p.schedules[r.Schedule]; s != nil {
			if open, _ := s.Open(at); !open {
				continue
			}
		}
		return r
	}
	return nil
}

// WayOut is the name of the route that a call takes at a moment; "": none decides.
func (p *Plan) WayOut(in Inbound, at time.Time) string {
	if r := p.wayOut(in, at); r != nil {
		return r.Name
	}
	return ""
}

// over are the trunks that a call may go out by, in the order in which they are tried, those last that do not answer.
// Where it is a short number, such as that of an emergency, all others follow those of its route: it has to get through.
func (p *Plan) over(r *OutboundRoute, short bool, down func(trunk string) bool) []*Trunk {
	all := make([]*Trunk, 0, len(p.trunks))
	if r != nil {
		for _, id := range r.Trunks {
			if t := p.trunk(id); t != nil {
				all = append(all, t)
			}
		}
		all = inOrder(all, down)
	}
	if r != nil && !short {
		return all
	}
	var rest []*Trunk
	for i := range p.trunks {
		if t := &p.trunks[i]; !slices.Contains(all, t) {
			rest = append(rest, t)
		}
	}
	return append(all, inOrder(rest, down)...)
}

// inOrder puts those last that do not answer.
func inOrder(trunks []*Trunk, down func(trunk string) bool) []*Trunk {
	var up, silent []*Trunk
	for _, t := range trunks {
		if down != nil && down(t.ID) {
			silent = append(silent, t)
		} else {
			up = append(up, t)
		}
	}
	return append(up, silent...)
}
