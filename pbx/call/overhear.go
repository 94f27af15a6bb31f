package call

import (
	"context"
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/supervision"
	"frontdesk/store"
)

// judge asks, off the goroutine of the call, whether a member may supervise those in it in some way, and writes down
// that he does before he hears anything.
func (c *Call) judge(m *Member, how string, done func(Cause)) {
	s, users := m.supervisor, c.ours()
	s.asks = true
	note := how != s.how
	c.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(store.As(c.Board.Ctx, store.Mail, ""), WriteLimit)
		defer cancel()
		hidden, cause := c.Board.maySupervise(ctx, m.Party.User, users)
		if cause == CauseNone && note {
			if err := c.Board.Config.Supervision.Note(ctx, c.Record.ID, m.Party.User, how); err != nil {
				c.Log.Error("a call is not supervised: it can't be written down", "err", err)
				cause = CauseFailed
			}
		}
		c.Post(judged{m, how, users, hidden, cause, done})
	})
}

func (s *Switchboard) maySupervise(ctx context.Context, user string, users []string) (hidden bool, cause Cause) {
	if s.Hooks.MaySupervise == nil || s.Config.Supervision == nil {
		return false, CauseForbidden
	}
	may, err := s.Hooks.MaySupervise(ctx, user, users)
	if err == nil && !may {
		return false, CauseForbidden
	}
	policy, alas := s.Config.Supervision.Policy(ctx)
	if err != nil || alas != nil {
		s.Log.Error("a call is not supervised: whether one may can't be told", "err", err, "policy", alas)
		return false, CauseFailed
	}
	return policy.Hidden, CauseNone
}

// judged: it is known whether a member may supervise.
type judged struct {
	m      *Member
	how    string
	over   []string
	hidden bool
	cause  Cause
	done   func(Cause)
}

func (j judged) Late() { j.done(CauseNotFound) }

func (j judged) Happen(c *Call) {
	m, s := j.m, j.m.supervisor
	s.asks = false
	switch {
	case m.Gone():
		j.done(CauseNotFound)
	case j.cause != CauseNone:
		j.done(j.cause)
		m.Leg.Hangup(j.cause)
	default:
		begins := s.how == ""
		s.how, s.over, s.hidden = j.how, j.over, j.hidden
		if begins {
			m.Codec = media.Common(m.Leg.Offer(), LineCodecs())[0]
			m.Leg.Answer(m.Codec)
			c.Listens(m)
		}
		j.done(CauseNone)
	}
}

// supervisorSays serves what a supervisor asks; false: it is nothing of that.
func (c *Call) supervisorSays(m *Member, e Event) bool {
	asked, ok := e.(SuperviseAsked)
	switch {
	case !ok:
	case m.supervisor.how == "" || m.supervisor.asks || !supervision.Valid(asked.How):
		asked.Done(CauseForbidden)
	case asked.How != supervision.Listen && !c.hearsAsides(asked.How):
		asked.Done(CauseNoCodec)
	default:
		c.judge(m, asked.How, asked.Done)
	}
	return ok
}

// hearsAsides tells whether those can be spoken to who would hear a supervisor: we write no opus.
func (c *Call) hearsAsides(how string) bool {
	return !slices.ContainsFunc(c.Active(), func(m *Member) bool {
		return (how == supervision.Barge || m.Party.User != "") && !slices.ContainsFunc(LineCodecs(), m.Codec.Is)
	})
}

// judgeAnew asks again of supervisors when others take part than before.
func (c *Call) judgeAnew() {
	ours := c.ours()
	for _, m := range c.Members {
		s := m.supervisor
		if s != nil && !m.Gone() && s.how != "" && !s.asks && !c.over && len(ours) > 0 && !slices.Equal(s.over, ours) {
			c.judge(m, s.how, func(Cause) {})
		}
	}
}

// supervisorLeft writes down that a supervisor is gone.
func (c *Call) supervisorLeft(m *Member) {
	if m.supervisor.how == "" {
		return
	}
	c.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(store.As(context.WithoutCancel(c.Board.Ctx), store.Mail, ""), WriteLimit)
		defer cancel()
		if err := c.Board.Config.Supervision.Note(ctx, c.Record.ID, m.Party.User, supervision.Left); err != nil {
			c.Log.Error("that a supervisor left is not written down", "err", err)
		}
	})
}

// address gives who is spoken to by supervisors a line of the mixer, and takes it back when he hears the others
// without.
func (c *Call) address() {
	now := c.Active()
	for _, m := range now {
		spoken := len(c.voices(m)) > 0
		switch {
		case spoken && m.Mixed == nil && slices.ContainsFunc(LineCodecs(), m.Codec.Is):
			c.Listens(m)
			m.addressed = true
		case !spoken && m.addressed && !slices.ContainsFunc(now, func(x *Member) bool { return !x.Codec.Is(m.Codec) }):
			c.Untranslate(m)
		}
	}
}

// withVoices adds to what a member hears what supervisors say to him.
func (c *Call) withVoices(m *Member, want []*media.Track) []*media.Track {
	said := c.voices(m)
	if len(said) == 0 || m.Mixed == nil || slices.Equal(want, m.line()) {
		return want
	}
	m.Mixed.Hear(slices.Concat(want, said))
	return m.line()
}

// overhear plays to supervisors what is said, after it is clear what others hear.
func (c *Call) overhear() {
	c.judgeAnew()
	may := c.supervisors()
	for _, m := range c.Members {
		if m.supervisor == nil || m.Mixed == nil {
			continue
		}
		var want []*media.Track
		if slices.Contains(may, m) && !c.over {
			want = c.Translated(m,
				slices.DeleteFunc(c.exchanged(), func(t *media.Track) bool { return slices.Contains(m.Sound(), t) }))
		}
		m.hear(want)
	}
}
