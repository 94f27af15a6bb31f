package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/store"
)

// proof is a message on its way out. It ends only when the sender has proven that it may: what follows the end is the
// dot that makes the other server take it.
type proof struct {
	content io.Reader
	prove   func() error
	conn    io.Closer // to the other server

	mu    sync.Mutex
	given bool
	cut   bool
}

// Read passes the content on; instead of its end, an error keeps the dot back.
func (p *proof) Read(buffer []byte) (int, error) {
	n, err := p.content.Read(buffer)
	if errors.Is(err, io.EOF) {
		if err := p.give(); err != nil {
			return n, err
		}
	}
	return n, err
}

func (p *proof) give() error {
	if err := p.prove(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		return context.Canceled
	}
	p.given = true
	return nil
}

// end drops the connection at the end of the attempt, unless the dot may have gone out: then the answer decides.
func (p *proof) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut = !p.given; p.cut {
		p.conn.Close()
	}
}

// prove makes sure that an attempt still holds its recipients, and that nobody takes them over while it ends the
// message: with the sign of life that goes with it, others wait for Patience. An answer that took half of that proves
// nothing: this process may have been stopped meanwhile (the clock behind it is CLOCK_MONOTONIC, which counts that
// time).
func (q *Queue) prove(ctx context.Context, m *message) error {
	began, fresh := time.Now(), q.config.Members.Patience()/2
	ctx, cancel := context.WithTimeout(ctx, fresh)
	defer cancel()
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		if err := q.prolong(ctx, tx, m); err != nil {
			return err
		}
		return q.config.Members.Alive(ctx, tx)
	})
	if took := time.Since(began); err == nil && took > fresh {
		err = fmt.Errorf("the proof took %v", took)
	}
	if err != nil {
		return fmt.Errorf("this node can't be sure that no other sends the message: %w", err)
	}
	return nil
}

// prolong holds a claim for as long as another attempt would, if it still stands.
func (q *Queue) prolong(ctx context.Context, tx *store.Tx, m *message) error {
	until := time.Now().Add(q.config.Attempt + claimMargin)
	result, err := tx.Exec(ctx, `UPDATE mail_out_rcpt SET busy_until = $1 WHERE out_id = $2 AND busy_by = $3 AND state = 'waiting'`,
		store.Micros(until), m.id, m.claim)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return store.ErrLeaseLost
	}
	m.until = until
	return nil
}

// Recover frees what a node held in a life that is over, or in an earlier one, and has it attempted at once.
func (q *Queue) Recover(ctx context.Context, node string, epoch int64) error {
	claims, err := q.claimsOf(ctx, node, epoch)
	if err != nil {
		return fmt.Errorf("mail that node %s was sending: %w", node, err)
	}
	for _, claim := range claims {
		if err := q.db.Tx(ctx, func(tx *store.Tx) error { return free(ctx, tx, claim) }); err != nil {
			return fmt.Errorf("mail that node %s was sending: %w", node, err)
		}
	}
	return nil
}

func (q *Queue) claimsOf(ctx context.Context, node string, epoch int64) (claims []string, err error) {
	rows, err := q.db.Query(ctx, `SELECT DISTINCT busy_by FROM mail_out_rcpt WHERE state = 'waiting' AND busy_by <> ''`)
	all, err := store.Collect(rows, err, func(row store.Row) (claim string, err error) {
		return claim,
			row.Scan(&claim)
	})
	return slices.DeleteFunc(all, func(claim string) bool { return !claimOf(claim, node, epoch) }), err
}

// claimOf tells whether a claim is of a life of a node, or an earlier one.
func claimOf(claim, node string, epoch int64) bool {
	parts := strings.Split(claim, "/")
	if len(parts) != 3 || parts[0] != node {
		return false
	}
	life, err := strconv.ParseInt(parts[1], 10, 64)
	return err == nil && life <= epoch
}

// free ends a claim and adds a job: the one that held it may have been taken over already, and wait for the claim to
// run out.
func free(ctx context.Context, tx *store.Tx, claim string) error {
	rows, err := tx.Query(ctx, `UPDATE mail_out_rcpt SET busy_until = 0, busy_by = '' WHERE busy_by = $1 RETURNING out_id, domain`, claim)
	freed, err := store.Collect(rows, err, func(row store.Row) (p payload, err error) {
		return p,
			row.Scan(&p.Message, &p.Domain)
	})
	if err != nil {
		return err
	}
	slices.SortFunc(freed, func(a, b payload) int { return strings.Compare(a.key(), b.key()) })
	for _, p := range slices.Compact(freed) {
		if err := enqueue(ctx, tx, p, time.Now()); err != nil {
			return err
		}
	}
	return nil
}
