package call

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/supervision"
)

// ours are the users who take part.
func (c *Call) ours() (users []string) {
	for _, m := range c.Active() {
		if m.Party.User != "" {
			users = append(users, m.Party.User)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// supervisors are those who may supervise all who take part now. Others hear nothing until that is clear, see
// judgeAnew.
func (c *Call) supervisors() (all []*Member) {
	ours := c.ours()
	for _, m := range c.Members {
		if s := m.supervisor; s != nil && !m.Gone() && s.how != "" && len(ours) > 0 && slices.Equal(s.over, ours) {
			all = append(all, m)
		}
	}
	return all
}

// voices are what a member hears of supervisors.
func (c *Call) voices(m *Member) (all []*media.Track) {
	for _, s := range c.supervisors() {
		how := s.supervisor.how
		if s != m && (how == supervision.Barge ||
			how == supervision.Whisper && (m.Party.User != "" || m.supervisor != nil)) {
			all = append(all, s.Sound()...)
		}
	}
	return all
}

// watched is how users supervise the call, as each sees it himself; shown are those whom all in the call see.
func (c *Call) watched() (own map[string]Supervision, shown []Supervision) {
	for _, m := range c.Members {
		s := m.supervisor
		if s == nil || m.Gone() || s.how == "" {
			continue
		}
		if own == nil {
			own = map[string]Supervision{}
		}
		own[m.Party.User] = Supervision{m.Leg.ID(), m.Party.User, s.how}
		if !s.hidden || s.how == supervision.Barge {
			shown = append(shown, Supervision{User: m.Party.User, How: s.how})
		}
	}
	return own, shown
}
