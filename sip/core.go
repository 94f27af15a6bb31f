package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// core is what a server and a single phone have in common: the stack, and the legs it carries.
type core struct {
	*stack.Stack
	cfg   Config
	stats *metrics
	ports *rtp.Ports
	serve func(req *proto.Request, tx *proto.ServerTx) // requests outside dialogs

	work sync.WaitGroup  // every goroutine of ours
	ctx  context.Context // until close
	stop context.CancelFunc
	life context.Context // until the farewells are over
	kill context.CancelFunc

	mu      sync.Mutex
	legs    map[string]*Leg // by dialog: Call-ID and our tag
	running map[string]int  // dialogs by Call-ID
	merged  map[string]bool // INVITEs being served, by Call-ID, From tag and CSeq
	count   int
	closing sync.Once
	closed  bool
}

func newCore(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*core, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &core{cfg: cfg, stats: newMetrics(reg), legs: map[string]*Leg{}, running: map[string]int{},
		merged: map[string]bool{}}
	if c.Stack, err = stack.Open(cfg.stack(), log, reg); err != nil {
		return nil, err
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.life, c.kill = context.WithCancel(context.Background())
	c.Above = stack.Above{Request: c.request, Stray: c.stray, Runs: c.runs}
	ip, err := c.rtpIP()
	if err != nil {
		c.close()
		return nil, fmt.Errorf("sip: RTP address: %w", err)
	}
	c.ports = rtp.NewPorts(ip, cfg.RTPMin, cfg.RTPMax)
	return c, nil
}

func (c *core) rtpIP() (netip.Addr, error) {
	if c.cfg.RTPIP != "" {
		return netip.ParseAddr(c.cfg.RTPIP)
	}
	return c.ListenIP(), nil
}

// farewell is how long peers have to answer our BYE and CANCEL when the server closes.
const farewell = 2 * time.Second

// close ends all legs, waits for their farewells and then closes the sockets.
func (c *core) close() {
	c.mu.Lock()
	c.closed = true
	legs := c.all()
	c.mu.Unlock()
	patience := time.AfterFunc(farewell, c.kill)
	defer patience.Stop()
	for _, l := range legs {
		l.box.post(func() { l.phase.hangup(pbx.CauseDraining) })
	}
	for _, l := range legs {
		select {
		case <-l.done:
		case <-c.life.Done():
			l.box.post(l.finish)
			<-l.done
		}
	}
	c.stop()
	c.work.Wait()
	c.kill()
	if c.ports != nil {
		c.ports.Close()
	}
	c.Stack.Close()
}

// all lists the legs; under mu.
func (c *core) all() []*Leg {
	seen := map[*Leg]bool{}
	var list []*Leg
	for _, l := range c.legs {
		if !seen[l] {
			seen[l] = true
			list = append(list, l)
		}
	}
	return list
}

var errFull = errors.New("too many calls")

// enter counts a leg in, or refuses it.
func (c *core) enter(key string, l *Leg) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.count >= c.cfg.MaxLegs {
		return errFull
	}
	c.count++
	c.note(key, l)
	c.stats.legs.Set(float64(c.count))
	return nil
}

// know makes a further dialog of a leg findable.
func (c *core) know(key string, l *Leg) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(key, l)
}

// note makes a dialog findable; under mu.
func (c *core) note(key string, l *Leg) {
	if c.legs[key] == nil {
		c.running[callOf(key)]++
	}
	c.legs[key] = l
}

func (c *core) leave(keys []string, merged string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		if c.legs[k] == nil {
			continue
		}
		delete(c.legs, k)
		if c.running[callOf(k)]--; c.running[callOf(k)] == 0 {
			delete(c.running, callOf(k))
		}
	}
	delete(c.merged, merged)
	c.count--
	c.stats.legs.Set(float64(c.count))
}

func (c *core) find(key string) *Leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.legs[key]
}

// runs tells whether there is a call with that Call-ID here.
func (c *core) runs(callID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running[callID] > 0
}

func callOf(key string) string {
	id, _, _ := strings.Cut(key, "\x00")
	return id
}

func dialogKey(callID, ourTag string) string { return callID + "\x00" + ourTag }

// request takes what the stack does not answer.
func (c *core) request(req *proto.Request, tx *proto.ServerTx) {
	switch {
	case req.IsAck():
		c.ack(req, tx)
	case req.IsCancel(): // one that matches a transaction never comes here
		c.TurnAway(req, tx, edge.UnknownDialog())
	case !c.Initial(req):
		c.within(req, tx)
	default:
		c.serve(req, tx)
	}
}

// within gives a request inside a dialog to its leg.
func (c *core) within(req *proto.Request, tx *proto.ServerTx) {
	l := c.find(dialogKey(string(*req.CallID()), edge.ToTag(req)))
	if l != nil {
		c.readable(req)
	}
	if l == nil || !l.box.post(func() { l.within(req, tx) }) {
		c.TurnAway(req, tx, edge.UnknownDialog())
	}
}

// ack of a 2xx is a transaction of its own and never answered.
func (c *core) ack(req *proto.Request, tx *proto.ServerTx) {
	tx.Terminate()
	if l := c.find(dialogKey(string(*req.CallID()), edge.ToTag(req))); l != nil {
		c.readable(req)
		l.box.post(func() { l.acked(req) })
	}
}

// spawn runs f; close waits for it.
func (c *core) spawn(f func()) { c.work.Go(f) }
