package directory

import "time"

// timed is where a number or extension leads at a time.
func (p *Plan) timed(to Destination, t Timed, facts Facts, at time.Time) Step {
	s := p.schedules[t.Schedule]
	if s == nil || t.Closed == nil {
		return p.destination(to, facts)
	}
	open, holiday := s.Open(at)
	h := Hours{Schedule: s.ID, Says: Closed, Holiday: holiday, Why: s.Why(open, holiday),
		Open: p.destination(to, facts), Closed: p.destination(*t.Closed, facts)}
	switch {
	case open:
		h.Says = Opened
	case holiday != "":
		h.Says = OffDay
	}
	return h
}
