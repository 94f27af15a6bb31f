package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Members is this node's place among the nodes that share a database. It is safe for concurrent use.
type Members struct {
	config MembersConfig
	hooks  MembersHooks
	db     *DB
	log    *slog.Logger
	before *Member // the life of this node before; nil for the first

	mu         sync.Mutex
	self       Member
	others     map[string]*watched
	recovering map[string]bool // by holder

	cause error           // why lost was closed
	lost  chan struct{}   // closed when this node is a member no more
	life  context.Context // ends at Close
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// watched is another member and when its sign of life last changed, by this process's own clock: clocks of nodes need
// not agree.
type watched struct {
	Member
	changed time.Time
}

// JoinMembers announces this process as a new life of its node. Start must follow.
func JoinMembers(ctx context.Context, db *DB, c MembersConfig, log *slog.Logger) (*Members, error) {
	if c.Beat == 0 {
		c.Beat = time.Second
	}
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	m := &Members{config: c, db: db, log: log, others: map[string]*watched{}, recovering: map[string]bool{},
		lost: make(chan struct{}),
		self: Member{ID: c.Node, Epoch: Micros(time.Now()), Address: c.Address, State: MemberUp}}
	if err := db.Tx(ctx, m.join); err != nil {
		return nil, fmt.Errorf("join the nodes: %w", err)
	}
	return m, nil
}

// join takes the node's row and remembers the life that had it.
func (m *Members) join(tx *Tx) error {
	ctx := context.Background() // of a statement or two
	m.before = nil
	before, err := scanMember(tx.QueryRow(ctx, memberQuery+` WHERE id = $1`, m.self.ID))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil {
		m.before = &before
	}
	m.self.Epoch = max(m.self.Epoch, before.Epoch+1)
	result, err := tx.Exec(ctx, `INSERT INTO node (id, epoch, address, state, seen_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, address = excluded.address, state = excluded.state, seen_at = excluded.seen_at
		WHERE node.epoch < excluded.epoch`,
		m.self.ID, m.self.Epoch, m.self.Address, m.self.State, Micros(time.Now()))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrReplaced, err)
	}
	return nil
}

// Start shows signs of life and watches those of others until Close, and clears up after the life of this node before,
// however it ended.
func (m *Members) Start(ctx context.Context, hooks MembersHooks) error {
	m.hooks = hooks
	m.life, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := m.watch(ctx, false); err != nil {
		return fmt.Errorf("see the nodes: %w", err)
	}
	m.done.Go(func() { m.run(m.life) })
	if m.before == nil {
		return nil
	}
	return m.recover(ctx, *m.before)
}

// Close leaves, so that the others need not wait for this node to be missed.
func (m *Members) Close() {
	if m.stop != nil {
		m.stop()
	}
	m.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := m.become(ctx, MemberGone); err != nil && !errors.Is(err, ErrFenced) {
		m.log.Warn("leave the nodes", "err", err)
	}
}

// Announce tells the others where they reach this node over SIP.
func (m *Members) Announce(ctx context.Context, sip string) error {
	_, err := m.db.Exec(ctx, `UPDATE node SET sip = $3 WHERE id = $1 AND epoch = $2`, m.self.ID, m.self.Epoch, sip)
	return err
}

// Find is another member that is there, by id.
func (m *Members) Find(node string) (Member, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.others[node]; w != nil {
		return w.Member, true
	}
	return Member{}, false
}

// Runs tells whether another node is a member. One that Find does not know may have come within the last Beat: its row
// tells.
func (m *Members) Runs(ctx context.Context, node string) (bool, error) {
	if _, seen := m.Find(node); seen {
		return true, nil
	}
	var rows int
	err := m.db.QueryRow(ctx, `SELECT COUNT(*) FROM node WHERE id = $1 AND state IN ('up', 'draining')`,
		node).Scan(&rows)
	return rows > 0, err
}

// Drain tells the others that this node takes nothing new. It takes no more leases; those it has are its own to
// release.
func (m *Members) Drain(ctx context.Context) error { return m.become(ctx, MemberDraining) }

func (m *Members) become(ctx context.Context, state string) error {
	result, err := m.db.Exec(ctx, `UPDATE node SET state = $3, seen_at = $4 WHERE id = $1 AND epoch = $2 AND state IN ('up', 'draining')`,
		m.self.ID, m.self.Epoch, state, Micros(time.Now()))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrFenced, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.self.State = state
	return nil
}

// Self is this node.
func (m *Members) Self() Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self
}

// Others are the other members that are there, by id.
func (m *Members) Others() (list []Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.others {
		list = append(list, w.Member)
	}
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Lost is closed when this node is a member no more: see Err.
func (m *Members) Lost() <-chan struct{} { return m.lost }

// Err is ErrFenced or ErrReplaced once Lost is closed.
func (m *Members) Err() error {
	select {
	case <-m.lost:
		return m.cause
	default:
		return nil
	}
}

func (m *Members) run(ctx context.Context) {
	tick := time.NewTicker(m.config.Beat)
	defer tick.Stop()
	reached := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := m.beat(ctx)
		if errors.Is(err, ErrFenced) || errors.Is(err, ErrReplaced) {
			m.cause = err
			close(m.lost)
			return
		}
		if err == nil {
			err = m.watch(ctx, !reached)
		}
		if err != nil && ctx.Err() == nil && reached {
			m.log.Error("the database is not reached: this node can't tell the others that it lives", "err", err)
		}
		reached = err == nil
	}
}

// beat is a sign of life. Who was counted as lost meanwhile is not a member any more, whatever it believes.
func (m *Members) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.config.Patience)
	defer cancel()
	if err := m.Alive(ctx, m.db); !errors.Is(err, ErrFenced) {
		return err
	}
	now, err := scanMember(m.db.QueryRow(ctx, memberQuery+` WHERE id = $1`, m.self.ID))
	if err == nil && now.Epoch > m.self.Epoch {
		return ErrReplaced
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return ErrFenced
}

// Alive shows a sign of life by way of q. Once that is committed nobody takes over from this node before it has been
// silent for Patience; ErrFenced when somebody has already.
func (m *Members) Alive(ctx context.Context, q Queries) error {
	result, err := q.Exec(ctx, `UPDATE node SET seen_at = $3 WHERE id = $1 AND epoch = $2 AND state IN ('up', 'draining')`,
		m.self.ID, m.self.Epoch, Micros(time.Now()))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrFenced, err)
	}
	return nil
}

// Patience is how long a node may be silent before the others take over from it.
func (m *Members) Patience() time.Duration { return m.config.Patience }

const memberQuery = `SELECT id, epoch, address, sip, state, seen_at FROM node`

// watch reads the others' signs of life and acts on what it sees. afresh forgives silence: the database was away, for
// them too.
func (m *Members) watch(ctx context.Context, afresh bool) error {
	ctx, cancel := context.WithTimeout(ctx, m.config.Patience)
	defer cancel()
	rows, err := m.db.Query(ctx, memberQuery+` WHERE id <> $1`, m.self.ID)
	seen, err := Collect(rows, err, scanMember)
	if err != nil {
		return err
	}
	for _, x := range m.note(seen, afresh) {
		if err := m.bury(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// recoverWithin bounds one attempt to clear up after a node.
const recoverWithin = time.Minute

// recoverLater clears up beside the signs of life, which must not wait for it. Until it succeeds it is tried again with
// each look at the nodes.
func (m *Members) recoverLater(x Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.recovering[x.Holder()] {
		return
	}
	m.recovering[x.Holder()] = true
	m.done.Go(func() {
		ctx, cancel := context.WithTimeout(m.life, recoverWithin)
		defer cancel()
		if err := m.recover(ctx, x); err != nil && m.life.Err() == nil {
			m.log.Error("not all of a lost node's work is taken over yet", "err", err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.recovering, x.Holder())
	})
}

// note brings what is known of the others up to date, and returns who is lost.
func (m *Members) note(seen []Member, afresh bool) (lost []Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, there := time.Now(), map[string]bool{}
	for _, x := range seen {
		old := m.others[x.ID]
		switch {
		case x.State == MemberLost:
			lost = append(lost, x)
			continue
		case x.State == MemberGone:
			continue
		case old == nil || old.Member != x || afresh:
			if old != nil && old.Epoch != x.Epoch {
				m.left(old.Member)
			}
			m.others[x.ID] = &watched{x, now}
		case now.Sub(old.changed) > m.config.Patience:
			lost = append(lost, x) // if it gives no sign just now, its row says so when it is read next
		}
		there[x.ID] = true
	}
	for id, w := range m.others {
		if !there[id] {
			delete(m.others, id)
			m.left(w.Member)
		}
	}
	return lost
}

func (m *Members) left(x Member) {
	m.log.Info("a node is not there any more", "node", x.ID, "epoch", x.Epoch)
	if m.hooks.Left != nil {
		m.hooks.Left(x)
	}
}

// bury takes over from a lost member: from the first statement on it can't act on what it held. Any number of nodes may
// do so at once.
func (m *Members) bury(ctx context.Context, x Member) error {
	if x.State != MemberLost {
		result, err := m.db.Exec(ctx, `UPDATE node SET state = 'lost' WHERE id = $1 AND epoch = $2 AND seen_at = $3 AND state IN ('up', 'draining')`,
			x.ID, x.Epoch, Micros(x.Seen))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err // it gave a sign just now, or another node was faster and this one sees so next time
		}
		m.log.Warn("a node is lost: its work is taken over", "node", x.ID, "epoch", x.Epoch, "silent for more than",
			m.config.Patience)
	}
	m.recoverLater(x)
	return nil
}

// recover frees what a life of a node held.
func (m *Members) recover(ctx context.Context, x Member) error {
	if _, err := m.db.Exec(ctx, `UPDATE job SET state = 'ready', lost = lost + 1, lease = '', lease_until = 0 WHERE state = 'leased' AND lease LIKE $1`, x.Holder()+"/%"); err != nil {
		return fmt.Errorf("jobs of node %s: %w", x.ID, err)
	}
	if _, err := m.db.Exec(ctx, `DELETE FROM lease WHERE node = $1 AND epoch <= $2`, x.ID, x.Epoch); err != nil {
		return fmt.Errorf("leases of node %s: %w", x.ID, err)
	}
	if m.hooks.Recover != nil {
		if err := m.hooks.Recover(ctx, x); err != nil {
			return fmt.Errorf("recover from node %s: %w", x.ID, err)
		}
	}
	_, err := m.db.Exec(ctx, `UPDATE node SET state = 'gone' WHERE id = $1 AND epoch = $2 AND state = 'lost'`, x.ID,
		x.Epoch)
	return err
}
