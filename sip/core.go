package sip

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media/net"
	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// core is what a server and a single phone have in common: the stack, and the legs it carries.
type core struct {
	*stack.Stack
	cfg     Config
	stats   *metrics
	ports   *rtp.Ports
	network net.Network // nil where it is another's, who closes it
	dialogs *dialog.Table[served]
	outside func(req *proto.Request, tx *proto.ServerTx) // takes the requests outside dialogs

	work    sync.WaitGroup  // every goroutine of ours
	ctx     context.Context // until close
	stop    context.CancelFunc
	life    context.Context // until the farewells are over
	kill    context.CancelFunc
	closing sync.Once
}

// served is a leg as the messages of its dialogs reach it.
type served interface {
	serve(req *proto.Request, tx *proto.ServerTx) bool // a request in a dialog of it; false when it is over
	acknowledge(ack *proto.Request)                    // of a 2xx
	Hangup(c pbx.Cause)
	abandon()               // ends it, whether its farewells were answered or not
	ended() <-chan struct{} // closed when nothing of it runs any more
}

// newCore binds the sockets. Of above, Request takes what is outside dialogs; Stray and Runs are the core's own.
func newCore(cfg Config, above stack.Above, log *slog.Logger, reg prometheus.Registerer) (*core, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &core{cfg: cfg, stats: newMetrics(reg), outside: above.Request}
	c.dialogs = dialog.NewTable[served](cfg.MaxLegs, c.stats.legs)
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.life, c.kill = context.WithCancel(context.Background())
	above.Request, above.Stray, above.Runs = c.request, c.stray, c.dialogs.Runs
	if c.Stack, err = stack.Open(cfg.stack(), above, log, reg); err != nil {
		return nil, err
	}
	ip, err := c.rtpIP()
	if err != nil {
		c.close()
		return nil, fmt.Errorf("sip: RTP address: %w", err)
	}
	if cfg.Network == nil {
		c.network = net.New()
	}
	c.ports = rtp.NewPorts(cmp.Or(cfg.Network, c.network), ip, cfg.RTPMin, cfg.RTPMax)
	return c, nil
}

func (c *core) rtpIP() (netip.Addr, error) {
	if c.cfg.RTPIP != "" {
		return netip.ParseAddr(c.cfg.RTPIP)
	}
	return c.ListenIP(), nil
}

// close ends all legs, waits for their farewells and then closes the sockets.
func (c *core) close() {
	legs := c.dialogs.Close()
	patience := time.AfterFunc(c.cfg.farewell, c.kill)
	defer patience.Stop()
	for _, l := range legs {
		l.Hangup(pbx.CauseDraining)
	}
	for _, l := range legs {
		select {
		case <-l.ended():
		case <-c.life.Done():
			l.abandon()
			<-l.ended()
		}
	}
	c.stop()
	c.work.Wait()
	c.kill()
	if c.network != nil {
		c.network.Close()
	}
	c.Stack.Close()
}

// request takes what the stack does not answer.
func (c *core) request(req *proto.Request, tx *proto.ServerTx) {
	switch {
	case req.IsAck():
		c.ack(req, tx)
	case req.IsCancel(): // one that matches a transaction never comes here
		c.TurnAway(req, tx, edge.UnknownDialog())
	case !c.Initial(req) && req.Method != proto.SUBSCRIBE: // whose dialogs are no calls
		c.within(req, tx)
	default:
		c.outside(req, tx)
	}
}

// within gives a request inside a dialog to its leg.
func (c *core) within(req *proto.Request, tx *proto.ServerTx) {
	l, known := c.dialogs.Find(dialog.Key(string(*req.CallID()), edge.ToTag(req)))
	if known {
		readable(c.ctx, req)
	}
	if !known || !l.serve(req, tx) {
		c.TurnAway(req, tx, edge.UnknownDialog())
	}
}

// ack of a 2xx is a transaction of its own and never answered.
func (c *core) ack(req *proto.Request, tx *proto.ServerTx) {
	tx.Terminate()
	if l, known := c.dialogs.Find(dialog.Key(string(*req.CallID()), edge.ToTag(req))); known {
		readable(c.ctx, req)
		l.acknowledge(req)
	}
}

// stray takes a response that no transaction waits for: a 2xx to a call of ours must not leave a ghost behind.
func (c *core) stray(res *proto.Response) {
	if !res.IsSuccess() || !dialog.Complete(res) || res.CSeq().MethodName != proto.INVITE ||
		edge.TagOf(res.From()) != c.CallerTag(string(*res.CallID())) {
		return
	}
	if c.ctx.Err() == nil {
		c.dismiss(res)
	}
}

// dismiss ends a dialog that nobody wants; it returns the ACK, to be repeated when the 2xx is.
func (c *core) dismiss(res *proto.Response) *proto.Request {
	d := dialog.FromResponse(res)
	ack := d.Request(c.Stack, proto.ACK, d.LocalSeq)
	c.write(ack)
	seq := d.LocalSeq + prackSeqs
	c.spawn(func() {
		_, err := c.Ask(c.life, &stack.Login{}, func() *proto.Request {
			seq++
			return d.Request(c.Stack, proto.BYE, seq)
		})
		if err != nil {
			c.Log.Info("sip: BYE to an unwanted fork", "err", err)
		}
	})
	return ack
}

func (c *core) write(req *proto.Request) {
	if err := c.Write(req); err != nil {
		c.Log.Info("sip: not sent", "method", req.Method, "to", req.Destination(), "err", err)
	}
}

// spawn runs f; close waits for it.
func (c *core) spawn(f func()) { c.work.Go(f) }

// maxPracks bounds what one call makes us confirm.
const maxPracks = 16

// prackSeqs are the sequence numbers after that of an INVITE that PRACKs may have taken.
const prackSeqs = maxPracks * (1 + stack.MaxChallenges)
