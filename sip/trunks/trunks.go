// Package trunks keeps the trunks of a node: where their calls come from and go to, our registrations at carriers,
// those of PBXs here, and how each does.
package trunks

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// Status is how a trunk does now: as this node finds it, or for one where another node registers, as that one does.
type Status struct {
	Trunk      string    `json:"trunk"`
	Owner      bool      `json:"owner"`      // it is this node that registers
	Node       string    `json:"node"`       // whose finding this is
	Registered bool      `json:"registered"` // where we register
	Reachable  bool      `json:"reachable"`  // it answered the last OPTIONS or REGISTER
	Problem    string    `json:"problem"`    // the last error, in words; empty when all is well
	Since      time.Time `json:"since"`      // of the present state
	From       string    `json:"from"`       // of a PBX that registers here: transport and address …
	Agent      string    `json:"agent"`      // … the name of its program …
	Until      time.Time `json:"until"`      // … and when it has to be back
	Calls      int       `json:"calls"`      // on this node
	Took       float64   `json:"took"`       // milliseconds until it answered the last OPTIONS or REGISTER; 0: not known
}

// Trunk is one with its state on this node.
type Trunk struct {
	directory.Trunk
	Calls   *atomic.Int64
	cancel  context.CancelFunc
	stirred chan struct{} // where its PBX is has to be looked at anew

	mu      sync.Mutex
	peers   []netip.Prefix           // where its calls come from
	targets []stack.Target           // where calls to it go
	down    map[edge.Place]time.Time // of those, the ones that took no call lately: until when they come last
	status  Status
	fresh   bool // the status was not told to the other nodes
}

// Trunks are the active trunks, as the Directory has them: where their calls come from and go to, our registrations at
// them, and theirs here.
type Trunks struct {
	*stack.Stack
	cfg     Config
	dir     *directory.Directory
	reading sync.Mutex // reloads follow each other

	mu     sync.Mutex
	byID   map[string]*Trunk
	wakeup chan struct{}
}

// Config is what the room needs to know, and the life that it is part of.
type Config struct {
	Node            string
	Ping, NextPlace time.Duration                                         // see sip.Config
	Owns            func(ctx context.Context, trunk string) (bool, error) // see sip.Config
	Alive           func(node string) bool                                // see sip.Config
	Up              *prometheus.GaugeVec                                  // 1 for a trunk that takes calls
	// until the server closes; until its farewells are over
	Ctx, Life context.Context
	Spawn     func(func()) // runs what has to end before the server has closed
}

func New(s *stack.Stack, dir *directory.Directory, cfg Config) *Trunks {
	return &Trunks{Stack: s, cfg: cfg, dir: dir, byID: map[string]*Trunk{}, wakeup: make(chan struct{}, 1)}
}

// Reload reads the trunks anew, soon: they were changed.
func (ts *Trunks) Reload() {
	select {
	case ts.wakeup <- struct{}{}:
	default:
	}
}

func (ts *Trunks) get(id string) *Trunk {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.byID[id]
}

func (ts *Trunks) all() (list []*Trunk) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, trunk := range ts.byID {
		list = append(list, trunk)
	}
	return list
}

// Known tells whether addr is that of a trunk.
func (ts *Trunks) Known(addr netip.Addr) bool {
	for _, trunk := range ts.all() {
		if trunk.Admits(addr) {
			return true
		}
	}
	return false
}

// From finds the trunk that a request from addr belongs to. Where several share an address, the one whose account, or
// whose host in From, the request names.
func (ts *Trunks) From(addr netip.Addr, req *proto.Request) *Trunk {
	var found *Trunk
	for _, trunk := range ts.all() {
		if !trunk.Admits(addr) {
			continue
		}
		host, _ := stack.SplitHost(trunk.Host)
		if trunk.Register && req.Recipient.User == trunk.Contact() ||
			host != "" && strings.EqualFold(req.From().Address.Host, host) {
			return trunk
		}
		if found == nil || trunk.ID < found.ID {
			found = trunk
		}
	}
	return found
}

// moved takes over what DNS says now; when it says nothing, the old holds.
func (t *Trunk) moved(now *Trunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(now.targets) > 0 {
		t.targets = now.targets
	}
	if len(now.peers) > 0 {
		t.peers = now.peers
	}
}

func (t *Trunk) Admits(addr netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.peers {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func (t *Trunk) Wire() string {
	return strings.ToUpper(t.Transport)
}

// Contact is the user part of our Contact at the trunk.
func (t *Trunk) Contact() string {
	if t.Username != "" {
		return stack.Escape(t.Username)
	}
	return "frontdesk"
}

// Dialled is the number that a call of this trunk is for. Where we register, some carriers put our Contact into the
// Request-URI and the number into To.
func (t *Trunk) Dialled(req *proto.Request) string {
	if t.Register && req.Recipient.User == t.Contact() {
		if to := edge.Dialled(req.To().Address); to != "" {
			return to
		}
	}
	return edge.Dialled(req.Recipient)
}

// Proves checks the digest of a trunk that must give one.
func (ts *Trunks) Proves(t *Trunk, req *proto.Request, tx *proto.ServerTx) bool {
	cred := ts.CredentialsIn(req)
	v := ts.Stands(req, cred)
	switch {
	case v != stack.Right:
	case cred.Username != t.InUsername:
		v = stack.Wrong
	default:
		v = ts.Check(req, cred, t.InHA1, "")
	}
	return ts.Settle(req, tx, cred, v, false)
}

// Down tells that a trunk did not answer, or did not let us register, when it was last asked; calls try others first.
func (ts *Trunks) Down(id string) bool {
	t := ts.get(id)
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status.Problem != "" && !t.up()
}

// TrunkStatus tells how each active trunk does.
func (ts *Trunks) TrunkStatus() (list []Status) {
	for _, t := range ts.all() {
		t.mu.Lock()
		st := t.status
		t.mu.Unlock()
		st.Calls = int(t.Calls.Load())
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Trunk, b.Trunk) })
	return list
}

// own makes this node the one that registers; what the one before found is forgotten.
func (t *Trunk) own(node string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = Status{Trunk: t.ID, Owner: true, Node: node, Since: time.Now()}
	t.fresh = true
}

func (t *Trunk) owned() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status.Owner
}

// set notes how the trunk does, and tells whether that is news.
func (t *Trunk) set(ts *Trunks, registered, reachable bool, problem string) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	news = t.fresh || registered != t.status.Registered || reachable != t.status.Reachable ||
		problem != t.status.Problem
	t.fresh = false
	if registered != t.status.Registered || reachable != t.status.Reachable {
		t.status.Since = time.Now()
		ts.Log.Info("sip: trunk", "trunk", t.ID, "name", t.Name, "registered", registered, "reachable", reachable,
			"problem", problem)
	}
	t.status.Registered, t.status.Reachable, t.status.Problem = registered, reachable, problem
	t.gauge(ts)
	return news
}

// took notes how quickly the trunk answered.
func (t *Trunk) took(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Took = milliseconds(d)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Server is the host that all goes to.
func (t *Trunk) Server() string { return serverOf(t.Trunk) }

func serverOf(t directory.Trunk) string { return cmp.Or(t.Proxy, t.Host) }

// up tells that calls can be made; under mu.
func (t *Trunk) up() bool {
	return t.status.Reachable && (t.status.Registered || !t.Register && !t.Registers())
}

func (t *Trunk) gauge(ts *Trunks) {
	up := 0.0
	if t.up() {
		up = 1
	}
	ts.cfg.Up.WithLabelValues(t.ID).Set(up)
}

// publish tells the other nodes how the trunk does here.
func (t *Trunk) publish(ctx context.Context, ts *Trunks) {
	t.mu.Lock()
	s := t.status
	t.mu.Unlock()
	err := ts.dir.SaveTrunkStatus(ctx, directory.TrunkStatus{Trunk: s.Trunk, Node: s.Node, Registered: s.Registered,
		Reachable: s.Reachable, Problem: s.Problem, Since: s.Since,
		Took: time.Duration(s.Took * float64(time.Millisecond))})
	if err != nil && ctx.Err() == nil {
		ts.Log.Warn("sip: status of the trunk is not told", "trunk", t.ID, "err", err)
	}
}

// copy shows how the trunk does at the node that registers.
func (t *Trunk) copy(ctx context.Context, ts *Trunks) {
	s, err := ts.dir.TrunkStatus(ctx, t.ID)
	if err != nil && !errors.Is(err, pbx.ErrNotFound) { // not found: nobody registered yet
		ts.Log.Warn("sip: status of the trunk is not known", "trunk", t.ID, "err", err)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		s.Since = t.status.Since
	}
	t.status = Status{Trunk: t.ID, Node: s.Node, Registered: s.Registered, Reachable: s.Reachable, Problem: s.Problem,
		Since: s.Since, Took: milliseconds(s.Took)}
	t.gauge(ts)
}
