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
func (l *Trunks) Run() {
	ticker := time.NewTicker(reloadEvery)
	defer ticker.Stop()
	for {
		ctx, cancel := context.WithTimeout(l.cfg.Ctx, 20*time.Second)
		if err := l.Load(ctx); err != nil && l.cfg.Ctx.Err() == nil {
			l.Log.Error("sip: trunks not read", "err", err)
		}
		cancel()
		select {
		case <-l.cfg.Ctx.Done():
			return
		case <-ticker.C:
		case <-l.wakeup:
		}
	}
}

// Load starts, restarts and stops trunks as the table says.
func (l *Trunks) Load(ctx context.Context) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	list, err := l.dir.Trunks(ctx)
	if err != nil {
		return fmt.Errorf("sip: trunks: %w", err)
	}
	fresh := map[string]*Trunk{}
	for _, row := range list {
		if row.Active {
			fresh[row.ID] = l.NewTrunk(ctx, row)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, old := range l.byID {
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
		if l.byID[id] != trunk {
			l.begin(trunk)
		}
	}
	l.byID = fresh
	return nil
}

func same(a, b directory.Trunk) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

func (l *Trunks) begin(trunk *Trunk) {
	ctx, cancel := context.WithCancel(l.cfg.Ctx)
	trunk.cancel = cancel
	l.cfg.Spawn(func() { trunk.keep(ctx, l) })
}

// Find is get, for a trunk that may be newer than the last reload too.
func (l *Trunks) Find(ctx context.Context, id string) (*Trunk, error) {
	if trunk := l.get(id); trunk != nil {
		return trunk, nil
	}
	if err := l.Load(ctx); err != nil {
		return nil, err
	}
	return l.get(id), nil
}

// NewTrunk resolves the host: calls go to all its servers, and come from them.
func (l *Trunks) NewTrunk(ctx context.Context, row directory.Trunk) *Trunk {
	t := &Trunk{Trunk: row, Calls: &atomic.Int64{}, stirred: make(chan struct{}, 1), down: map[edge.Place]time.Time{},
		status: Status{Trunk: row.ID, Node: l.cfg.Node, Since: time.Now()}}
	if !row.Registers() {
		t.targets, _ = l.Locate(ctx, serverOf(row), t.Wire()) // not found now: perhaps at the next reload
	}
	t.peers = l.peersOf(ctx, row, t.targets)
	return t
}
