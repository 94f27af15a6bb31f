package meeting

import (
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// visit is the call of somebody from outside into a meeting, or of ours to somebody who is called into it. It has a
// record of its own, as every call has.
type visit struct {
	of     *visits
	record ledger.Record
	entry  *ledger.Entry
	by     string       // the user who had him called, "" for who came by himself
	name   string       // under which the CRM knows him
	m      *call.Member // nil until something rang
	hunt   *hunt.Hunt   // that rings him, or did
	begun  bool         // who wants him in was told that he is being called
}

// visits of a meeting.
type visits struct {
	*call.Call
	all    []*visit           // that go on
	vain   []*visit           // that came to nothing and are still shown
	enters func(*call.Member) // lets in who answered
}

// maxVain are shown of those who were called in vain.
const maxVain = 10

// arrives begins the visit of somebody who dialled the meeting's number.
func (s *visits) arrives(m *call.Member, in dialplan.Inbound) *visit {
	v := &visit{record: ledger.Record{Direction: in.Direction, From: in.From, FromName: in.Name, To: in.To,
		Line: in.DID, Trunk: in.Trunk, Verified: string(in.Party.Verified)}}
	s.begin(v)
	v.Rung(m)
	return v
}

// begin writes down a visit.
func (s *visits) begin(v *visit) {
	r := &v.record
	v.of, v.entry = s, s.Board.Ledger.Entry()
	r.ID, r.Meeting, r.Started, r.Rang = store.NewID(), s.Record.Meeting, time.Now(), []string{}
	v.entry.Begin(*r)
	s.all = append(s.all, v)
}

// call begins to call a number for somebody inside, or says why not.
func (s *visits) call(by *call.Member, in dialplan.Inbound, first dialplan.Step) call.Cause {
	v := &visit{by: by.Party.User, record: ledger.Record{Direction: in.Direction, From: in.From, To: in.To,
		Users: []string{by.Party.User}}}
	s.begin(v)
	cause := hunt.Refusal(first)
	switch {
	case cause != call.CauseNone:
		s.over(v, cause)
	case s.full():
		s.over(v, call.CauseOverload)
	default:
		s.Log.Info("called into the meeting", "visit", v.record.ID, "to", in.To)
		s.vain = slices.DeleteFunc(s.vain, func(old *visit) bool { return old.number() == in.To })
		v.begun = true
		w := hunt.NewWay(s.Call, first, &v.record, v.entry, by.Party, in.From)
		w.Fresh = true
		v.hunt = hunt.New(w, v, call.LineCodecs(), call.LineCodecs())
		v.hunt.Shows = in.To
		v.hunt.Begin()
	}
	return v.record.Cause
}

// calls tells whether a number is in the meeting or being called in.
func (s *visits) calls(number string) bool {
	return slices.ContainsFunc(s.all, func(v *visit) bool { return v.number() == number })
}

// full tells whether the meeting has no room for one more, those counted who are being called in.
func (s *visits) full() bool {
	room := s.Board.Config.MaxLegs - len(s.Active())
	for _, v := range s.all {
		if v.hunt != nil && !v.hunt.Stopped {
			room--
		}
	}
	return room <= 0
}

// of is the visit of a member, nil where it is one of our own people.
func (s *visits) of(m *call.Member) *visit {
	if i := slices.IndexFunc(s.all, func(v *visit) bool { return v.m == m }); i >= 0 {
		return s.all[i]
	}
	return nil
}

// said serves what a phone says that rings for a visit.
func (s *visits) said(m *call.Member, e call.Event) {
	for _, v := range slices.Clone(s.all) { // those over are taken out
		if v.hunt != nil {
			v.hunt.Said(m, e)
		}
	}
}

// gone tells whether a leg that left only rang; the visit of one who was in is over.
func (s *visits) gone(m *call.Member, e call.Gone) (rang bool) {
	if slices.ContainsFunc(slices.Clone(s.all), func(v *visit) bool { return v.hunt != nil && v.hunt.Lost(m, e) }) {
		return true
	}
	if v := s.of(m); v != nil {
		s.over(v, e.Cause)
	}
	return false
}

func (v *visit) Rung(m *call.Member) {
	v.m = m
	m.Visit, m.By, m.Name = v.record.ID, v.by, v.name
}

func (v *visit) Rings(bool) {}

func (v *visit) Answered(m *call.Member, _ media.Codec) {
	v.m = m
	v.of.enters(m)
}

func (v *visit) Leads(dialplan.Step) { v.of.over(v, call.CauseForbidden) }

func (v *visit) Failed(cause call.Cause) { v.of.over(v, cause) }

// enter notes who is in now, and for all visits with whom of ours they are; the member's own visit is given, nil
// where there is none.
func (s *visits) enter(m *call.Member) *visit {
	mine := s.of(m)
	if mine != nil {
		mine.record.Answered = time.Now()
	}
	for _, other := range s.Active() {
		if mine != nil {
			mine.took(other.Party.User)
		} else if v := s.of(other); v != nil {
			v.took(m.Party.User)
		}
	}
	return mine
}

func (v *visit) took(user string) {
	if user != "" && !slices.Contains(v.record.Users, user) {
		v.record.Users = append(v.record.Users, user)
	}
}

// number of the party from outside.
func (v *visit) number() string {
	if v.by != "" {
		return v.record.To
	}
	return v.record.From
}

// over writes down how a visit ended, once; the meeting does not wait for that.
func (s *visits) over(v *visit, cause call.Cause) {
	at := slices.Index(s.all, v)
	if at < 0 {
		return
	}
	s.all = slices.Delete(s.all, at, at+1)
	r := &v.record
	if r.Answered.IsZero() && cause == call.CauseNormal {
		cause = call.CauseCancelled // who called him has left
	}
	r.Cause, r.Ended = cause, time.Now()
	r.Outcome = ledger.Outcome(*r)
	if v.begun && r.Answered.IsZero() && cause != call.CauseCancelled {
		s.vain = append(s.vain, v)
		s.vain = s.vain[max(0, len(s.vain)-maxVain):]
	}
	s.Board.Metrics.Count(*r)
	v.entry.Conclude(*r)
}

// ended: all visits are over with the meeting.
func (s *visits) ended(cause call.Cause) {
	for _, v := range slices.Clone(s.all) { // those over are taken out
		s.over(v, cause)
	}
}

// look shows who was called in vain.
func (s *visits) look(view *call.View) {
	for _, v := range s.vain {
		view.Legs = append(view.Legs,
			call.LegView{Leg: v.record.ID, Kind: call.Outside, Number: v.number(), Name: v.name,
				State: call.LegFailed, Cause: v.record.Cause, Call: v.record.ID, By: v.by})
	}
}

// dismiss puts a member out, and ends its visit.
func (s *visits) dismiss(m *call.Member, cause call.Cause) {
	if v := s.of(m); v != nil {
		s.over(v, cause)
	}
	s.Call.Dismiss(m, cause)
}

// remove puts out somebody from outside, stops ringing him, or no longer shows that he was called in vain. Whom is his
// leg or his own call.
func (s *visits) remove(whom string) {
	his := func(v *visit) bool { return whom == v.record.ID || v.m != nil && whom == v.m.Leg.ID() }
	s.vain = slices.DeleteFunc(s.vain, his)
	at := slices.IndexFunc(s.all, his)
	if at < 0 {
		return
	}
	v := s.all[at]
	if v.hunt != nil && !v.hunt.Stopped {
		v.hunt.Cancel()
		s.over(v, call.CauseCancelled)
		return
	}
	s.dismiss(v.m, call.CauseNormal)
}

// named is what the CRM knows of a visit.
type named struct {
	visits      *visits
	visit, name string
}

func (named) Late() {}

func (n named) Happen(*call.Call) {
	for _, v := range slices.Concat(n.visits.all, n.visits.vain) {
		if v.record.ID != n.visit {
			continue
		}
		v.name = n.name
		if v.m != nil {
			v.m.Name = n.name
		}
		if v.by == "" {
			v.record.FromName = n.name
		}
	}
}
