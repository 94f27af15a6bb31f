package trunks

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
)

// reloadEvery is how often the table is read anyway: other nodes change it, and names get other addresses.
const reloadEvery = time.Minute

// Run keeps the trunks up to date until the server closes.
func (ts *Trunks) Run() {
	ticker := time.NewTicker(reloadEvery)
	defer ticker.Stop()
	for {
		ctx, cancel := context.WithTimeout(ts.cfg.Ctx, 20*time.Second)
		if err := ts.Load(ctx); err != nil && ts.cfg.Ctx.Err() == nil {
			ts.Log.Error("sip: trunks not read", "err", err)
		}
		cancel()
		select {
		case <-ts.cfg.Ctx.Done():
			return
		case <-ticker.C:
		case <-ts.wakeup:
		}
	}
}

// Load starts, restarts and stops trunks as the table says.
func (ts *Trunks) Load(ctx context.Context) error {
	ts.reading.Lock()
	defer ts.reading.Unlock()
	list, err := ts.dir.Trunks(ctx)
	if err != nil {
		return fmt.Errorf("sip: trunks: %w", err)
	}
	fresh := map[string]*Trunk{}
	for _, row := range list {
		if row.Active {
			fresh[row.ID] = ts.NewTrunk(ctx, row)
		}
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for id, old := range ts.byID {
		now := fresh[id]
		if now != nil && same(now.Trunk, old.Trunk) {
			old.moved(now)
			fresh[id] = old
			continue
		}
		old.cancel()
		if now != nil {
			now.Calls = old.Calls
		}
	}
	for id, trunk := range fresh {
		if ts.byID[id] != trunk {
			ts.begin(trunk)
		}
	}
	ts.byID = fresh
	return nil
}

func same(a, b directory.Trunk) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

func (ts *Trunks) begin(trunk *Trunk) {
	ctx, cancel := context.WithCancel(ts.cfg.Ctx)
	trunk.cancel = cancel
	ts.cfg.Spawn(func() { trunk.keep(ctx, ts) })
}

// Find is get, for a trunk that may be newer than the last reload too.
func (ts *Trunks) Find(ctx context.Context, id string) (*Trunk, error) {
	if trunk := ts.get(id); trunk != nil {
		return trunk, nil
	}
	if err := ts.Load(ctx); err != nil {
		return nil, err
	}
	return ts.get(id), nil
}

// NewTrunk resolves the host: calls go to all its servers, and come from them.
func (ts *Trunks) NewTrunk(ctx context.Context, row directory.Trunk) *Trunk {
	t := &Trunk{Trunk: row, Calls: &atomic.Int64{}, stirred: make(chan struct{}, 1), down: map[edge.Place]time.Time{},
		status: Status{Trunk: row.ID, Node: ts.cfg.Node, Since: time.Now()}}
	if !row.Registers() {
		t.targets, _ = ts.Locate(ctx, serverOf(row), t.Wire()) // not found now: perhaps at the next reload
	}
	t.peers = ts.peersOf(ctx, row, t.targets)
	return t
}
