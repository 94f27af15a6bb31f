package sip

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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
)

// core is what a server and a single phone have in common: sockets, transactions, and the legs they carry.
type core struct {
	cfg     Config
	log     *slog.Logger
	stats   *metrics
	ports   *rtp.Ports
	guard   *edge.Shield
	proxies edge.Proxies
	edge.Sealer

	net   *proto.TransportLayer
	txs   *transactions
	udp   *edge.UDP
	tcp   *edge.TCP
	serve func(req *proto.Request, tx *proto.ServerTx) // requests outside dialogs

	exempt  func(netip.Addr) bool // sources that the shield lets pass; nil: none
	lost    func(edge.Place)      // told when a phone is no longer reached there; may be nil
	cluster edge.Place            // where the other nodes reach us

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

// library is set up once for the process: sipgo keeps both settings in variables of its own.
var library sync.Once

// setUpLibrary lifts sipgo's refusal of UDP messages over 1300 bytes: an INVITE's answer must go where the INVITE came from, and IP
// fragments arrive more often than not; where the peer takes TCP, large requests go there (RFC 3261 §18.1.1). And it makes debug messages of
// the library's log.
func setUpLibrary(log *slog.Logger) {
	library.Do(func() {
		proto.UDPMTUSize = edge.MaxMessage
		proto.SetDefaultLogger(log)
	})
}

func newCore(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*core, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &core{cfg: cfg, log: log, stats: newMetrics(reg), legs: map[string]*Leg{}, running: map[string]int{}, merged: map[string]bool{}}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.life, c.kill = context.WithCancel(context.Background())
	c.guard = edge.NewShield(cfg.Shield, cfg.Told)
	c.proxies, _ = edge.ParseProxies(cfg.Proxies)
	c.Sealer = edge.Sealer{Secret: cfg.Secret, Node: cfg.Node}
	quiet := slog.New(quietHandler{log.Handler()})
	setUpLibrary(quiet)
	c.net = proto.NewTransportLayer(cfg.Resolver, proto.NewParser(), nil, proto.WithTransportLayerLogger(quiet),
		proto.WithTransportLayerTransports(proto.TransportsConfig{TCP: &proto.TransportTCP{ReadTimeout: edge.TCPIdle, WriteTimeout: edge.TCPWrite}}))
	c.txs = newTransactions(c, quiet)
	c.net.OnMessage(c.preview) // before a transaction sees a message
	c.net.OnMessage(c.txs.take)
	if err := c.listen(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *core) listen() error {
	if c.cfg.UDP != "" {
		udp, err := edge.ListenUDP(c.cfg.UDP, c.door())
		if err != nil {
			return fmt.Errorf("sip: listen on UDP: %w", err)
		}
		c.udp = udp
	}
	if c.cfg.TCP != "" {
		tcp, err := edge.ListenTCP(c.cfg.TCP, c.cfg.MaxConns, c.door())
		if err != nil {
			return fmt.Errorf("sip: listen on TCP: %w", err)
		}
		c.tcp = tcp
	}
	ip, err := c.rtpIP()
	if err != nil {
		return fmt.Errorf("sip: RTP address: %w", err)
	}
	c.ports = rtp.NewPorts(ip, c.cfg.RTPMin, c.cfg.RTPMax)
	c.cluster = c.findCluster()
	return nil
}

func (c *core) rtpIP() (netip.Addr, error) {
	if c.cfg.RTPIP != "" {
		return netip.ParseAddr(c.cfg.RTPIP)
	}
	return c.listenIP(), nil
}

// listenIP is the address that we listen on for SIP; it may be unspecified.
func (c *core) listenIP() netip.Addr {
	if c.udp != nil {
		return c.udp.At.Addr()
	}
	return c.tcp.At.Addr()
}

// start begins to take messages.
func (c *core) start() {
	if c.udp != nil {
		c.udp.Serve()
	}
	if c.tcp != nil {
		c.tcp.Serve()
	}
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
	c.txs.close()
	if c.udp != nil {
		c.udp.Shut()
	}
	if c.tcp != nil {
		c.tcp.Shut()
	}
	c.net.Close()
	c.txs.lanes.Close()
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

// preview stamps requests with where they came from and, when they begin something, with our tag. It runs in the reader, before a transaction
// exists, so that whatever sipgo answers by itself (487 to a cancelled INVITE) carries the same as our answers (RFC 3261 §8.2.6.2).
func (c *core) preview(m proto.Message) {
	if c.udp != nil && m.Transport() == "UDP" {
		c.udp.Understood()
	}
	req, ok := m.(*proto.Request)
	if !ok {
		return
	}
	noteSource(req.Via(), edge.SourceOf(req))
	if req.To() == nil || req.To().Params.Has("tag") {
		return
	}
	if p, _ := c.passage(req); p != nil {
		return // somebody else will answer
	}
	req.To().Params.Add("tag", c.tag(req))
}

// tag is the one for answers to req: the same for its retransmissions and for its CANCEL.
func (c *core) tag(req *proto.Request) string {
	mac := hmac.New(sha256.New, c.cfg.Secret)
	if v := req.Via(); v != nil {
		mac.Write([]byte(v.SentBy() + "\x00" + v.Params.GetOr("branch", "")))
	}
	if id, seq := req.CallID(), req.CSeq(); id != nil && seq != nil {
		fmt.Fprintf(mac, "\x00%s\x00%d\x00%s", *id, seq.SeqNo, edge.TagOf(req.From()))
	}
	return hex.EncodeToString(mac.Sum(nil)[:10])
}

// initial tells whether req began something: preview stamped it.
func (c *core) initial(req *proto.Request) bool { return edge.ToTag(req) == c.tag(req) }

// request is the entry of every request that is no retransmission; those with the same Call-ID come one after the other.
func (c *core) request(req *proto.Request, tx *proto.ServerTx) {
	c.stats.request(string(req.Method))
	if wrong, bad := edge.Validate(req); bad {
		c.turnAway(req, tx, wrong)
		return
	}
	p, err := c.passage(req)
	switch {
	case err != nil:
		c.turnAway(req, tx, edge.Refusal{Code: 403, Phrase: "Flow Token Invalid"})
	case p != nil:
		c.relay(req, tx, p)
	case req.IsAck():
		c.ack(req, tx)
	case req.IsCancel(): // one that matches a transaction never comes here
		c.turnAway(req, tx, edge.UnknownDialog())
	case !c.initial(req):
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
		c.turnAway(req, tx, edge.UnknownDialog())
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

// respond answers a request with no more than a status and the given headers.
func (c *core) respond(req *proto.Request, tx *proto.ServerTx, code int, phrase string, headers ...proto.Header) {
	c.send(tx, c.response(req, code, phrase, nil, headers...))
}

func (c *core) response(req *proto.Request, code int, phrase string, body []byte, headers ...proto.Header) *proto.Response {
	res := proto.NewResponseFromRequest(req, code, phrase, body)
	res.SipVersion = "SIP/2.0"
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if c.cfg.UserAgent != "" {
		res.AppendHeader(proto.NewHeader("Server", c.cfg.UserAgent))
	}
	return res
}

func (c *core) send(tx *proto.ServerTx, res *proto.Response) error {
	c.stats.response(res.StatusCode)
	err := tx.Respond(res)
	if err != nil {
		c.log.Debug("sip: response not sent", "call", res.CallID(), "code", res.StatusCode, "err", err)
	}
	return err
}

// spawn runs f; close waits for it.
func (c *core) spawn(f func()) { c.work.Go(f) }

// quietHandler turns the library's log into debug messages: its errors are mostly about what strangers send.
type quietHandler struct{ slog.Handler }

func (q quietHandler) Enabled(ctx context.Context, _ slog.Level) bool {
	return q.Handler.Enabled(ctx, slog.LevelDebug-4)
}

func (q quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return q.Handler.Handle(ctx, r)
}

func (q quietHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return quietHandler{q.Handler.WithAttrs(a)}
}
func (q quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{q.Handler.WithGroup(name)}
}
