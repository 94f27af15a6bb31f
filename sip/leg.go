package sip

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/mailbox"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// Leg is one SIP call. One goroutine owns its state; everything else posts to its mailbox.
// What a call can do depends on its phase: incoming, outgoing, talking or over.
type Leg struct {
	moved   []string // where the called party is instead, see pbx.Gone
	id      string
	core    *core
	party   pbx.Party
	codecs  []media.Codec // the party can speak, best first
	byInfo  bool          // keys go to it by INFO
	encrypt rtp.Encryption
	strict  bool // its sound comes from where its descriptions say, and from nowhere else
	log     *slog.Logger
	box     *mailbox.Box[func()]
	done    chan struct{} // closed when the goroutine has ended

	// of the goroutine
	listener func(pbx.Event)
	unheard  []pbx.Event
	gone     bool // Gone was told
	finished bool // nothing is left to do
	phase    phase
	dialog   *dialog.Dialog
	login    stack.Login // for in-dialog requests that are challenged
	sound    *rtp.Stream
	signal   netip.Addr // where the peer's signalling comes from
	local    rtp.Session
	last     *rtp.Description // the peer's
	audio    int              // index of its audio line
	codec    media.Codec      // chosen; no name: not yet
	told     bool             // TrackAdded was
	held     bool
	playing  *media.Track
	answers  []*answer // 2xx of ours that wait for their ACK
	session  *dialog.SessionTimer
	keys     []string // of dialogs, in core.dialogs
	merged   string   // there
	tick     *time.Timer
	asking   bool          // whether a silent peer is still there
	sent     chan struct{} // closed when the request before the next one is answered
}

// phase is what a leg does now. What is common to all of them the leg does itself.
type phase interface {
	ring(early bool)
	answer(codec media.Codec)
	hangup(c pbx.Cause)
	within(req *proto.Request, tx *proto.ServerTx) // serves a request in the dialog, or in one that begins
	played()                                       // what is played has changed
	confirmed()                                    // the ACK of a 2xx came
	talks() bool                                   // the parties speak, and go on to
}

// over is the phase after all others.
type over struct{}

func (over) ring(bool)                              {}
func (over) answer(media.Codec)                     {}
func (over) hangup(pbx.Cause)                       {}
func (over) within(*proto.Request, *proto.ServerTx) {}
func (over) played()                                {}
func (over) confirmed()                             {}
func (over) talks() bool                            { return false }

// answer is a 2xx of ours to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4).
type answer struct {
	seq   uint32
	offer bool // it carries our offer: the ACK must bring the answer
	timer *time.Timer
}

func (a *answer) stop() { a.timer.Stop() }

func (c *core) newLeg(party pbx.Party, callID string) *Leg {
	id := uuid.Must(uuid.NewV7()).String()
	return &Leg{id: id, core: c, party: party, box: mailbox.New[func()](), done: make(chan struct{}),
		phase: over{}, audio: -1, log: c.Log.With("leg", id, "sip_call", callID)}
}

func (l *Leg) run() {
	defer close(l.done)
	for !l.finished {
		<-l.box.Wake()
		for _, f := range l.box.Take() {
			f()
		}
	}
	left := l.box.Close()
	l.release()
	for _, f := range left {
		f() // requests that came meanwhile get their answers
	}
}

func (l *Leg) release() {
	if l.tick != nil {
		l.tick.Stop()
	}
	l.session.Stop()
	for _, a := range l.answers {
		a.stop()
	}
	if l.playing != nil {
		l.playing.Detach(l.sound)
	}
	l.sound.Close()
	l.core.dialogs.Leave(l.keys, l.merged)
}

// post has the leg's goroutine run f; false when it has ended and f will not run.
func (l *Leg) post(f func()) bool { return l.box.Put(f, true) }

// after posts f once d has passed.
func (l *Leg) after(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() { l.post(f) })
}

// ID implements pbx.Leg.
func (l *Leg) ID() string { return l.id }

// Party implements pbx.Leg.
func (l *Leg) Party() pbx.Party { return l.party }

// Offer implements pbx.Leg.
func (l *Leg) Offer() []media.Codec { return l.codecs }

// Listen implements pbx.Leg.
func (l *Leg) Listen(f func(pbx.Event)) {
	deliver := func() {
		l.listener = f
		for _, e := range l.unheard {
			f(e)
		}
		l.unheard = nil
	}
	if !l.post(deliver) { // it is over already: nobody else touches the leg
		<-l.done
		deliver()
	}
}

// Ring implements pbx.Leg.
func (l *Leg) Ring(early bool) { l.post(func() { l.phase.ring(early) }) }

// Answer implements pbx.Leg.
func (l *Leg) Answer(codec media.Codec) { l.post(func() { l.phase.answer(codec) }) }

// Hangup implements pbx.Leg.
func (l *Leg) Hangup(c pbx.Cause) { l.post(func() { l.phase.hangup(c) }) }

// abandon implements served.
func (l *Leg) abandon() { l.post(l.finish) }

// ended implements served.
func (l *Leg) ended() <-chan struct{} { return l.done }

// serve implements served.
func (l *Leg) serve(req *proto.Request, tx *proto.ServerTx) bool {
	return l.post(func() { l.inOrder(req, tx) })
}

// inOrder gives the phase a request that belongs to the dialog and is none of the past (RFC 3261 §12.2.2).
func (l *Leg) inOrder(req *proto.Request, tx *proto.ServerTx) {
	if d := l.dialog; d != nil && !l.finished && edge.TagOf(req.From()) == d.Remote.Tag {
		if req.CSeq().SeqNo <= d.RemoteSeq && d.RemoteSeq != 0 {
			l.core.Respond(req, tx, 500, "CSeq Out Of Order")
			return
		}
		d.RemoteSeq = req.CSeq().SeqNo
	} else if d != nil || l.finished {
		l.core.Respond(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	l.phase.within(req, tx)
}

// tell gives an event to the listener, in order; after Gone there is nothing to tell.
func (l *Leg) tell(e pbx.Event) {
	if l.gone {
		return
	}
	_, l.gone = e.(pbx.Gone)
	if l.listener == nil {
		l.unheard = append(l.unheard, e)
		return
	}
	l.listener(e)
}

// end tells Gone; the goroutine goes on until finish, for the farewell.
func (l *Leg) end(c pbx.Cause) {
	if l.told && !l.gone {
		l.tell(pbx.TrackRemoved{Track: l.sound.Current()})
	}
	l.tell(pbx.Gone{Cause: c, Moved: l.moved})
	if l.playing != nil {
		l.playing.Detach(l.sound)
		l.playing = nil
	}
}

// finish ends the goroutine.
func (l *Leg) finish() {
	l.phase = over{}
	l.finished = true
}

// replyTo is a response that makes or keeps the dialog.
func (l *Leg) replyTo(req *proto.Request, code int, phrase string, sdp []byte) *proto.Response {
	res := l.core.Response(req, code, phrase, sdp,
		l.core.Contact(l.dialog.Target.Scheme, "", l.dialog.Transport, req.Source()),
		proto.NewHeader("Allow", edge.Allowed), proto.NewHeader("Supported", edge.Supported))
	if sdp != nil {
		res.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	}
	return res
}

// send makes a request in the dialog.
func (l *Leg) send(method proto.RequestMethod, dress func(*proto.Request)) {
	l.request(method, dress, stack.Final, func(_ *proto.Response, err error) {
		if err != nil {
			l.log.Info("sip: request failed", "method", method, "err", err)
		}
	})
}

// request makes a request in the dialog; done gets the final response, in another goroutine. Requests follow each
// other, but BYE does not wait long: a peer that is gone would hold it up, and one that is there has to hear how its
// transfer went before its dialog ends. They outlive the leg.
func (l *Leg) request(method proto.RequestMethod, dress func(*proto.Request), patience time.Duration,
	done func(*proto.Response, error)) {
	d := *l.dialog // the goroutine below must not see later changes
	login := l.login.Again()
	seq := d.LocalSeq
	l.dialog.LocalSeq += 1 + stack.MaxChallenges
	before, over := l.sent, make(chan struct{})
	l.sent = over
	l.core.spawn(func() {
		defer close(over)
		if before != nil {
			waitFor(before, method == proto.BYE, 2*l.core.cfg.T1)
		}
		ctx, cancel := context.WithTimeout(l.core.life, patience)
		defer cancel()
		done(l.core.Ask(ctx, &login, func() *proto.Request {
			seq++
			req := d.Request(l.core.Stack, method, seq)
			if dress != nil {
				dress(req)
			}
			return req
		}))
	})
}

// waitFor waits until done is closed, or briefly no longer than patience.
func waitFor(done <-chan struct{}, briefly bool, patience time.Duration) {
	if !briefly {
		<-done
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// bye ends the dialog.
func (l *Leg) bye(c pbx.Cause) {
	l.send(proto.BYE, func(r *proto.Request) { r.AppendHeader(reason(c)) })
}
