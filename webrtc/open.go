package webrtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"frontdesk/pbx"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/relay"
	"frontdesk/webrtc/sfu"
)

// New binds the sockets and starts to serve. The caller closes the Endpoint.
func New(config Config, wire Wire, log *slog.Logger, reg prometheus.Registerer) (*Endpoint, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	e := &Endpoint{config: config, wire: wire, log: log, metrics: newMetrics(reg),
		counters: sfu.NewCounters(reg),
		byID:     map[string]leg{}, pace: map[string]*rate.Limiter{},
		quit: make(chan struct{})}
	e.codecs, _ = config.codecs()
	if e.net, err = peer.Open(config.transport(), log, reg); err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	if e.relay, err = relay.New(config.TURN, e.net.Addrs(), config.ExternalIP, peer.Log(log),
		e.metrics.relays); err != nil {
		e.net.Close()
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	e.tasks.Go(e.allots)
	return e, nil
}

// Drain takes no new calls from now on; running ones go on, may be attached, and meetings be joined.
func (e *Endpoint) Drain() { e.draining.Store(true) }

// Close ends every leg with CauseDraining and returns when all that ran is over.
func (e *Endpoint) Close() error {
	e.Drain()
	e.mu.Lock()
	if !e.closed {
		close(e.quit)
	}
	e.closed = true
	e.mu.Unlock()
	for _, l := range e.all() {
		l.Hangup(pbx.CauseDraining)
	}
	e.tasks.Wait()
	e.relay.Close()
	e.net.Close()
	return nil
}

func (e *Endpoint) all() []leg {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Collect(maps.Values(e.byID))
}

// SocketGone tells that a tab went away. Its legs live on while their media flows, and Config.Grace longer; ringing
// stops when it was the user's last tab and none comes back in that time.
func (e *Endpoint) SocketGone(user, socket string) {
	for _, l := range e.legs(user) {
		l.socketGone(socket)
	}
}

// LegsOf are the user's legs, by call, or by "meet:" and the meeting: what a tab needs to know to attach. Legs that
// ring are among them.
func (e *Endpoint) LegsOf(user string) map[string]string {
	byCall := map[string]string{}
	for _, l := range e.legs(user) {
		byCall[l.callID()] = l.ID()
	}
	return byCall
}

// Dial rings all tabs of the user. pbx.ErrNobody when there is none.
func (e *Endpoint) Dial(_ context.Context, to pbx.Target, r pbx.Request) (pbx.Leg, error) {
	switch {
	case to.User == "":
		return nil, errors.New("webrtc: only users can be dialled")
	case !e.wire.Online(to.User):
		return nil, pbx.ErrNobody
	}
	c := e.newCall(to.User, "", r.Call)
	c.request, c.offers = r, e.codecs
	if err := e.add(c); err != nil {
		return nil, err
	}
	if !e.wire.Send(to.User, "", "call.leg", legEvent{Call: r.Call, Leg: c.id, State: "ringing"}) {
		c.Hangup(pbx.CauseUnavailable)
		return nil, pbx.ErrNobody
	}
	c.log.Info("browsers ring", "call", r.Call)
	c.events.push(pbx.Ringing{})
	return c, nil
}

// ICEServers is what a browser of the user needs to reach us through the relay: a log-in for an hour. Empty without a
// relay.
func (e *Endpoint) ICEServers(user string) []relay.ICEServer { return e.relay.LogIn(user) }
