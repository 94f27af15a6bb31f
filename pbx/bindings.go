package pbx

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/store"
)

// maxBindings is how many places one device may be registered at; a phone that changes its port leaves old ones behind until they expire.
const maxBindings = 10

// Registration is one REGISTER of an authenticated device (RFC 3261 §10.2).
type Registration struct {
	Device string
	CallID string
	CSeq   uint32
	Add    []Binding // with Contact, Received, Path, Agent and Expires; the rest is filled in
	Remove []string  // contacts
	All    bool      // Contact: *, remove all
}

const bindingColumns = `device, contact, received, path, call_id, cseq, node, agent, expires_at`

// Register applies r, all or nothing (RFC 3261 §10.3 steps 6 to 8), and returns the device's bindings after it.
// Errors: ErrNotFound, ErrOutOfOrder, *Invalid when there are too many.
func (d *Directory) Register(ctx context.Context, r Registration, now time.Time) (after []Binding, err error) {
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := d.lockDevice(ctx, tx, r.Device); err != nil {
			return err
		}
		before, err := bindings(ctx, tx, r.Device, now)
		if err != nil {
			return err
		}
		if err := d.apply(ctx, tx, r, before); err != nil {
			return err
		}
		after, err = bindings(ctx, tx, r.Device, now)
		if err == nil && len(after) > maxBindings {
			return invalid("contact", "the device is registered at %d places already", maxBindings)
		}
		return err
	})
	return after, err
}

// lockDevice makes concurrent registrations of a device follow each other.
func (d *Directory) lockDevice(ctx context.Context, tx *store.Tx, device string) error {
	result, err := tx.Exec(ctx, `UPDATE device SET label = label WHERE id = $1`, device)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return ErrNotFound
	}
	return nil
}

func (d *Directory) apply(ctx context.Context, tx *store.Tx, r Registration, before []Binding) error {
	remove := r.Remove
	for _, b := range before {
		if b.CallID == r.CallID && b.CSeq >= r.CSeq {
			return ErrOutOfOrder
		}
		if r.All {
			remove = append(remove, b.Contact)
		}
	}
	for _, contact := range remove {
		if _, err := tx.Exec(ctx, `DELETE FROM binding WHERE device = $1 AND contact = $2`, r.Device, contact); err != nil {
			return err
		}
	}
	for _, b := range r.Add {
		if err := d.bind(ctx, tx, r, b); err != nil {
			return err
		}
	}
	return nil
}

func (d *Directory) bind(ctx context.Context, tx *store.Tx, r Registration, b Binding) error {
	_, err := tx.Exec(ctx, `INSERT INTO binding (device, contact, received, path, call_id, cseq, node, agent, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (device, contact) DO UPDATE SET received = excluded.received, path = excluded.path,
		call_id = excluded.call_id, cseq = excluded.cseq, node = excluded.node, agent = excluded.agent, expires_at = excluded.expires_at`,
		r.Device, b.Contact, b.Received, asJSON(b.Path), r.CallID, int64(r.CSeq), d.config.Node, b.Agent, store.Micros(b.Expires))
	return err
}

// Bindings lists where a device is registered now, the latest first.
func (d *Directory) Bindings(ctx context.Context, device string, now time.Time) ([]Binding, error) {
	return bindings(ctx, d.db, device, now)
}

func bindings(ctx context.Context, q store.Queries, device string, now time.Time) ([]Binding, error) {
	rows, err := q.Query(ctx, `SELECT `+bindingColumns+` FROM binding WHERE device = $1 AND expires_at > $2 ORDER BY expires_at DESC, contact`, device, store.Micros(now))
	return collect(rows, err, scanBinding)
}

// RegisteredAt tells whether any phone is registered from received, at whichever node.
func (d *Directory) RegisteredAt(ctx context.Context, received string, now time.Time) (bool, error) {
	var n int
	err := d.db.QueryRow(ctx, `SELECT COUNT(*) FROM binding WHERE received = $1 AND expires_at > $2`, received, store.Micros(now)).Scan(&n)
	return n > 0, err
}

// Registered lists all registrations in force, for showing which phones are online.
func (d *Directory) Registered(ctx context.Context, now time.Time) ([]Binding, error) {
	rows, err := d.db.Query(ctx, `SELECT `+bindingColumns+` FROM binding WHERE expires_at > $1 ORDER BY device, contact`, store.Micros(now))
	return collect(rows, err, scanBinding)
}

func scanBinding(row scanner) (b Binding, err error) {
	var path string
	var cseq, expires int64
	if err = row.Scan(&b.Device, &b.Contact, &b.Received, &path, &b.CallID, &cseq, &b.Node, &b.Agent, &expires); err != nil {
		return b, err
	}
	b.CSeq, b.Expires = uint32(cseq), store.Time(expires)
	return b, json.Unmarshal([]byte(path), &b.Path)
}

// UnbindAt removes at once what was registered from received at this node: the phone closed its connection.
func (d *Directory) UnbindAt(ctx context.Context, received string) error {
	_, err := d.db.Exec(ctx, `DELETE FROM binding WHERE received = $1 AND node = $2`, received, d.config.Node)
	return err
}

// Expire removes the registrations that ran out.
func (d *Directory) Expire(ctx context.Context, now time.Time) error {
	_, err := d.db.Exec(ctx, `DELETE FROM binding WHERE expires_at <= $1`, store.Micros(now))
	return err
}
