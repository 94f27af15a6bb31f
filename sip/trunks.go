package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	proto "github.com/emiago/sipgo/sip"

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
}

// trunk is a line with its state on this node.
type trunk struct {
	directory.Trunk
	calls   *atomic.Int64
	cancel  context.CancelFunc
	stirred chan struct{} // where its PBX is has to be looked at anew

	mu      sync.Mutex
	peers   []netip.Prefix           // where its calls come from
	targets []stack.Target           // where calls to it go
	down    map[edge.Place]time.Time // of those, the ones that took no call lately: until when they come last
	status  Status
	fresh   bool // the status was not told to the other nodes
}

// trunks are the active lines, as the Directory has them.
type trunks struct {
	core    *core
	dir     *directory.Directory
	reading sync.Mutex // reloads follow each other

	mu     sync.Mutex
	byID   map[string]*trunk
	wakeup chan struct{}
}

func newTrunks(c *core, dir *directory.Directory) *trunks {
	return &trunks{core: c, dir: dir, byID: map[string]*trunk{}, wakeup: make(chan struct{}, 1)}
}

// reloadEvery is how often the table is read anyway: other nodes change it, and names get other addresses.
const reloadEvery = time.Minute

// run keeps the trunks up to date until the server closes.
func (t *trunks) run() {
	ticker := time.NewTicker(reloadEvery)
	defer ticker.Stop()
	for {
		ctx, cancel := context.WithTimeout(t.core.ctx, 20*time.Second)
		if err := t.reload(ctx); err != nil && t.core.ctx.Err() == nil {
			t.core.Log.Error("sip: trunks not read", "err", err)
		}
		cancel()
		select {
		case <-t.core.ctx.Done():
			return
		case <-ticker.C:
		case <-t.wakeup:
		}
	}
}

// Reload reads the trunks anew, soon: they were changed.
func (s *Server) Reload() {
	select {
	case s.trunks.wakeup <- struct{}{}:
	default:
	}
}

// reload starts, restarts and stops lines as the table says.
func (t *trunks) reload(ctx context.Context) error {
	t.reading.Lock()
	defer t.reading.Unlock()
	list, err := t.dir.Trunks(ctx)
	if err != nil {
		return fmt.Errorf("sip: trunks: %w", err)
	}
	fresh := map[string]*trunk{}
	for _, row := range list {
		if row.Active {
			fresh[row.ID] = t.core.newTrunk(ctx, row)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, old := range t.byID {
		now := fresh[id]
		if now != nil && same(now.Trunk, old.Trunk) {
			old.moved(now)
			fresh[id] = old
			continue
		}
		old.cancel()
		if now != nil {
			now.calls = old.calls
		}
	}
	for id, line := range fresh {
		if t.byID[id] != line {
			t.begin(line)
		}
	}
	t.byID = fresh
	return nil
}

func same(a, b directory.Trunk) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

func (t *trunks) begin(line *trunk) {
	ctx, cancel := context.WithCancel(t.core.ctx)
	line.cancel = cancel
	t.core.spawn(func() { line.keep(ctx, t.core, t.dir) })
}

func (t *trunks) get(id string) *trunk {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byID[id]
}

// find is get, for a trunk that may be newer than the last reload too.
func (t *trunks) find(ctx context.Context, id string) (*trunk, error) {
	if line := t.get(id); line != nil {
		return line, nil
	}
	if err := t.reload(ctx); err != nil {
		return nil, err
	}
	return t.get(id), nil
}

func (t *trunks) all() (list []*trunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range t.byID {
		list = append(list, line)
	}
	return list
}

// known tells whether addr is that of a trunk.
func (t *trunks) known(addr netip.Addr) bool {
	for _, line := range t.all() {
		if line.admits(addr) {
			return true
		}
	}
	return false
}

// from finds the trunk that a request from addr belongs to. Where several share an address, the one whose account, or whose host in From, the request names.
func (t *trunks) from(addr netip.Addr, req *proto.Request) *trunk {
	var found *trunk
	for _, line := range t.all() {
		if !line.admits(addr) {
			continue
		}
		host, _ := stack.SplitHost(line.Host)
		if line.Register && req.Recipient.User == line.contact() || host != "" && strings.EqualFold(req.From().Address.Host, host) {
			return line
		}
		if found == nil || line.ID < found.ID {
			found = line
		}
	}
	return found
}

// newTrunk resolves the host: calls go to all its servers, and come from them.
func (c *core) newTrunk(ctx context.Context, row directory.Trunk) *trunk {
	t := &trunk{Trunk: row, calls: &atomic.Int64{}, stirred: make(chan struct{}, 1), down: map[edge.Place]time.Time{}, status: Status{Trunk: row.ID, Node: c.cfg.Node, Since: time.Now()}}
	if !row.Registers() {
		t.targets, _ = c.Locate(ctx, row.Host, t.wire()) // not found now: perhaps at the next reload
	}
	t.peers = c.peersOf(ctx, row, t.targets)
	return t
}

// moved takes over what DNS says now; when it says nothing, the old holds.
func (t *trunk) moved(now *trunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(now.targets) > 0 {
		t.targets = now.targets
	}
	if len(now.peers) > 0 {
		t.peers = now.peers
	}
}

func (t *trunk) admits(addr netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.peers {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func (t *trunk) wire() string {
	if strings.EqualFold(t.Transport, "tcp") {
		return "TCP"
	}
	return "UDP"
}

// contact is the user part of our Contact at the trunk.
func (t *trunk) contact() string {
	if t.Username != "" {
		return stack.Escape(t.Username)
	}
	return "frontdesk"
}

// dialled is the number that a call of this trunk is for. Where we register, some carriers put our Contact into the Request-URI and the number into To.
func (t *trunk) dialled(req *proto.Request) string {
	if t.Register && req.Recipient.User == t.contact() {
		if to := edge.Dialled(req.To().Address); to != "" {
			return to
		}
	}
	return edge.Dialled(req.Recipient)
}

// trunkProves checks the digest of a trunk that must give one.
func (s *Server) trunkProves(t *trunk, req *proto.Request, tx *proto.ServerTx) bool {
	cred := s.CredentialsIn(req)
	v := s.Stands(req, cred)
	switch {
	case v != stack.Right:
	case cred.Username != t.InUsername:
		v = stack.Wrong
	default:
		v = s.Check(req, cred, t.InHA1, "")
	}
	return s.Settle(req, tx, cred, v, false)
}

// Down tells that a trunk did not answer, or did not let us register, when it was last asked; calls try others first.
func (s *Server) Down(id string) bool {
	t := s.trunks.get(id)
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status.Problem != "" && !t.up()
}

// TrunkStatus tells how each active trunk does.
func (s *Server) TrunkStatus() (list []Status) {
	for _, t := range s.trunks.all() {
		t.mu.Lock()
		st := t.status
		t.mu.Unlock()
		st.Calls = int(t.calls.Load())
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Trunk, b.Trunk) })
	return list
}

// own makes this node the one that registers; what the one before found is forgotten.
func (t *trunk) own(node string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = Status{Trunk: t.ID, Owner: true, Node: node, Since: time.Now()}
	t.fresh = true
}

func (t *trunk) owned() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status.Owner
}

// set notes how the trunk does, and tells whether that is news.
func (t *trunk) set(c *core, registered, reachable bool, problem string) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	news = t.fresh || registered != t.status.Registered || reachable != t.status.Reachable || problem != t.status.Problem
	t.fresh = false
	if registered != t.status.Registered || reachable != t.status.Reachable {
		t.status.Since = time.Now()
		c.Log.Info("sip: trunk", "trunk", t.ID, "name", t.Name, "registered", registered, "reachable", reachable, "problem", problem)
	}
	t.status.Registered, t.status.Reachable, t.status.Problem = registered, reachable, problem
	t.gauge(c)
	return news
}

// up tells that calls can be made; under mu.
func (t *trunk) up() bool {
	return t.status.Reachable && (t.status.Registered || !t.Register && !t.Registers())
}

func (t *trunk) gauge(c *core) {
	up := 0.0
	if t.up() {
		up = 1
	}
	c.stats.trunkUp.WithLabelValues(t.ID).Set(up)
}

// publish tells the other nodes how the trunk does here.
func (t *trunk) publish(ctx context.Context, c *core, dir *directory.Directory) {
	t.mu.Lock()
	s := t.status
	t.mu.Unlock()
	err := dir.SaveTrunkStatus(ctx, directory.TrunkStatus{Trunk: s.Trunk, Node: s.Node, Registered: s.Registered, Reachable: s.Reachable, Problem: s.Problem, Since: s.Since})
	if err != nil && ctx.Err() == nil {
		c.Log.Warn("sip: status of the trunk is not told", "trunk", t.ID, "err", err)
	}
}

// copy shows how the trunk does at the node that registers.
func (t *trunk) copy(ctx context.Context, c *core, dir *directory.Directory) {
	s, err := dir.TrunkStatus(ctx, t.ID)
	if err != nil && !errors.Is(err, pbx.ErrNotFound) { // not found: nobody registered yet
		c.Log.Warn("sip: status of the trunk is not known", "trunk", t.ID, "err", err)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		s.Since = t.status.Since
	}
	t.status = Status{Trunk: t.ID, Node: s.Node, Registered: s.Registered, Reachable: s.Reachable, Problem: s.Problem, Since: s.Since}
	t.gauge(c)
}
