package call

import (
	"context"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/store"
)

// What agents ask of the recording of their call.
const (
	RecordingStart  = "start"
	RecordingPause  = "pause"
	RecordingResume = "resume"
	RecordingStop   = "stop"
)

// policyLimit is how long the policy may take to be read.
const policyLimit = 5 * time.Second

// records brings the recording in line with the new state of the call.
func (c *Call) records() {
	if !c.recorded.asked && c.talks() {
		c.recorded.asked = true
		c.askPolicy()
	}
	var want []*media.Track
	if c.recorded.on && !c.recorded.paused && !c.over && !c.announcing() {
		want = c.exchanged()
	}
	c.recorded.attach(want, c.channel)
	if c.over || !c.recorded.on {
		c.recorded.ends()
	}
}

// talks: a person has taken it.
func (c *Call) talks() bool {
	return c.Board.Config.Recordings != nil && !c.over && c.Record.Meeting == "" && !c.Record.Answered.IsZero() &&
		len(c.Active()) > 1
}

// askPolicy asks off the goroutine of the call. A call whose policy can't be read is not recorded.
func (c *Call) askPolicy() {
	about := recording.Call{Direction: c.Record.Direction, Line: c.Record.Line, Users: slices.Clone(c.Record.Users)}
	c.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(store.As(c.Board.Ctx, store.Mail, ""), policyLimit)
		defer cancel()
		policy, err := c.Board.Config.Recordings.Policy(ctx)
		if err != nil {
			c.Log.Error("a call is not recorded: the policy can't be read", "err", err)
			return
		}
		c.Post(ruled{policy.For(about)})
	})
}

// ruled: the policy is known.
type ruled struct{ rule recording.Rule }

func (ruled) Late() {}

func (r ruled) Happen(c *Call) {
	c.recorded.rule = r.rule
	if r.rule.Record == recording.Always {
		c.startRecording()
	}
}

// startRecording begins, or begins anew.
func (c *Call) startRecording() {
	id := store.NewID()
	tape, err := c.Board.Config.Recorder.Begin(recording.Kind, id, recording.About{ID: id, Call: c.Record.ID})
	if err != nil {
		c.Log.Error("a call is not recorded", "err", err)
		return
	}
	c.recorded.tape, c.recorded.sinks = tape, map[*media.Track]media.Sink{}
	c.recorded.on, c.recorded.paused = true, false
}

// announcing tells those in the call, where the rule asks for it, who don't know yet; true while one hears it. Who
// hears no prompts in his codec, as browsers among themselves, has it on his screen.
func (c *Call) announcing() bool {
	if !c.recorded.rule.Announce {
		return false
	}
	goesOn := false
	for _, m := range c.Active() {
		told, known := c.recorded.told[m]
		if !known && slices.ContainsFunc(LineCodecs(), m.Codec.Is) {
			if c.recorded.told == nil {
				c.recorded.told = map[*Member]*Speech{}
			}
			told = c.Say(m, func(said bool) { c.announced(said) }, prompts.System(c.recorded.rule.Language, "recorded"))
			c.recorded.told[m] = told
		}
		goesOn = goesOn || !told.Over()
	}
	return goesOn
}

// announced: without an announcement that must be made nothing is recorded.
func (c *Call) announced(said bool) {
	if !said {
		c.Log.Error("a call is not recorded: nobody can be told")
		c.recorded.on = false
	}
}

// exchanged are the tracks that another party hears.
func (c *Call) exchanged() (all []*media.Track) {
	for _, m := range c.Active() {
		for _, t := range m.Sound() {
			if t.Codec.Kind() == media.Audio &&
				slices.ContainsFunc(c.Active(), func(x *Member) bool { return x.hears(t) }) {
				all = append(all, t)
			}
		}
	}
	for _, m := range c.supervisors() {
		if m.supervisor.how == supervision.Barge {
			all = append(all, m.Sound()...)
		}
	}
	return all
}

// channel of a track: ours, or theirs. Among colleagues, who called is the first.
func (c *Call) channel(t *media.Track) int {
	at := slices.IndexFunc(c.Members, func(m *Member) bool { return slices.Contains(m.Sound(), t) })
	if at < 0 {
		return recording.Theirs
	}
	m, colleagues := c.Members[at], true
	for _, x := range c.Active() {
		colleagues = colleagues && x.Party.Kind != Outside
	}
	if colleagues && m != c.Caller || !colleagues && m.Party.Kind == Outside {
		return recording.Theirs
	}
	return recording.Ours
}

// RecordAsked serves an agent who wants the recording to begin, pause or stop, as far as the rule lets him.
func (c *Call) recordAsked(m *Member, do string) {
	r := &c.recorded
	may := r.may()
	switch {
	case m.Party.User == "" || !m.Active():
	case do == RecordingStart && may.Start:
		c.startRecording()
	case do == RecordingPause && may.Pause && r.on:
		r.paused = true
	case do == RecordingResume && r.on:
		r.paused = false
	case do == RecordingStop && may.Stop:
		r.on = false
	}
}
