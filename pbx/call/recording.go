package call

import (
	"maps"
	"slices"

	"frontdesk/media"
	"frontdesk/media/record"
	"frontdesk/pbx/recording"
)

// recorded is what is recorded of a call: what those in it say to each other. Nobody is recorded whom no other party
// hears, as who waits, holds or is asked by a machine; so no act has to know of it.
type recorded struct {
	asked    bool           // the policy is, or was
	rule     recording.Rule // that the policy has for the call
	on       bool           // it is wanted
	paused   bool
	tape     *record.Tape // nil: none yet
	sinks    map[*media.Track]media.Sink
	attached []*media.Track
	told     map[*Member]*Speech // who is, or was, told
}

// tells: a member is being told, and hears nothing else.
func (r *recorded) tells(m *Member) bool { return r.on && !r.told[m].Over() }

// attach records the tracks, and no others from now on.
func (r *recorded) attach(want []*media.Track, channel func(*media.Track) int) {
	for _, t := range r.attached {
		if !slices.Contains(want, t) {
			t.Detach(r.sinks[t])
		}
	}
	for _, t := range want {
		if slices.Contains(r.attached, t) {
			continue
		}
		if r.sinks[t] == nil {
			r.sinks[t] = r.tape.Sink(channel(t), t.Codec)
		}
		if r.sinks[t] != nil {
			t.Attach(r.sinks[t])
		}
	}
	r.attached = want
}

// ends the tape, if there is one.
func (r *recorded) ends() {
	for _, told := range r.told {
		told.Stop()
	}
	if r.tape != nil {
		r.tape.End()
		r.tape, r.sinks = nil, nil
	}
}

func (r *recorded) may() RecordingState {
	agents := r.rule.Record == recording.Asked
	return RecordingState{Start: !r.on && (agents || r.rule.Stop), Pause: r.on && r.rule.Pause,
		Stop: r.on && (agents || r.rule.Stop)}
}

// look shows it to those in the call: nobody is recorded unseen.
func (r *recorded) look(v *View) {
	if r.rule.Record == "" || r.rule.Record == recording.Never {
		return
	}
	now := r.may()
	switch now.State = RecordingOn; {
	case !r.on:
		now.State = RecordingOff
	case r.paused:
		now.State = RecordingPaused
	case slices.ContainsFunc(slices.Collect(maps.Values(r.told)), func(s *Speech) bool { return !s.Over() }):
		now.State = RecordingAnnounced
	}
	v.Recording = &now
}
