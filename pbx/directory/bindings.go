package directory

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

// maxBindings is at how many places a phone or PBX may be registered; one that changes its port leaves old ones behind
// until they expire.
const maxBindings = 10

// Registration is one REGISTER of an authenticated device, or of a PBX (RFC 3261 §10.2).
type Registration struct {
	Device string // either this …
	Trunk  string // … or this
	Login  string // what was proved: Device.Login or Trunk.Login
	CallID string
	CSeq   uint32
	Add    []Binding // with Contact, Received, Path, Agent and Expires; the rest is filled in
	Remove []string  // contacts
	All    bool      // Contact: *, remove all
}

// registrar is a table of bindings, whose they are, and which of those, with the login $2, may have some.
type registrar struct{ table, owner, open string }

func ofDevices() registrar { return registrar{"binding", "device", "NOT switched_off AND ha1 = $2"} }

func ofTrunks() registrar {
	return registrar{"trunk_binding", "trunk", "active AND host = '' AND in_ha1 || allow = $2"}
}

// Login is what a registration rests on: it ends when the name or the password changes.
func (v Device) Login() string { return v.HA1 }

// Login is what a registration of its PBX rests on: it ends when the name, the password or the networks change.
func (t Trunk) Login() string { return t.InHA1 + asJSON(t.Allow) }

func (r Registration) whose() (registrar, string) {
	if r.Trunk != "" {
		return ofTrunks(), r.Trunk
	}
	return ofDevices(), r.Device
}

// Register applies r, all or nothing (RFC 3261 §10.3 steps 6 to 8), and returns the bindings after it. Errors:
// ErrNotFound, also when the login changed since it was proved; ErrOutOfOrder; *input.Invalid when there are too
// many.
func (d *Directory) Register(ctx context.Context, r Registration, now time.Time) (after []Binding, err error) {
	at, id := r.whose()
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := at.lock(ctx, tx, id, r.Login); err != nil {
			return err
		}
		before, err := at.bindings(ctx, tx, id, now)
		if err != nil {
			return err
		}
		if err := d.apply(ctx, tx, r, before, now); err != nil {
			return err
		}
		after, err = at.bindings(ctx, tx, id, now)
		if err == nil && len(after) > maxBindings {
			return input.Refuse("contact", "registered at %d places already", maxBindings)
		}
		return err
	})
	return after, err
}

// lock makes concurrent registrations of the same owner, and changes of its login, follow each other.
func (at registrar) lock(ctx context.Context, tx *store.Tx, id, login string) error {
	return hit(tx.Exec(ctx, `UPDATE `+at.owner+` SET id = id WHERE id = $1 AND `+at.open, id, login))
}

func (d *Directory) apply(ctx context.Context, tx *store.Tx, r Registration, before []Binding, now time.Time) error {
	at, id := r.whose()
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
		if _, err := tx.Exec(ctx, `DELETE FROM `+at.table+` WHERE `+at.owner+` = $1 AND contact = $2`, id,
			contact); err != nil {
			return err
		}
	}
	for _, b := range r.Add {
		if err := d.bind(ctx, tx, r, b, now); err != nil {
			return err
		}
	}
	return nil
}

func (d *Directory) bind(ctx context.Context, tx *store.Tx, r Registration, b Binding, now time.Time) error {
	at, id := r.whose()
	_, err := tx.Exec(ctx, `INSERT INTO `+at.table+` (`+at.owner+`, contact, received, path, call_id, cseq, node, agent, expires_at, since_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (`+at.owner+`, contact) DO UPDATE SET received = excluded.received, path = excluded.path,
		call_id = excluded.call_id, cseq = excluded.cseq, node = excluded.node, agent = excluded.agent, expires_at = excluded.expires_at,
		since_at = CASE WHEN `+at.table+`.expires_at > excluded.since_at AND `+at.table+`.since_at > 0 THEN `+at.table+`.since_at ELSE excluded.since_at END`,
		id, b.Contact, b.Received, asJSON(b.Path), r.CallID, int64(r.CSeq), d.config.Node, b.Agent,
		store.Micros(b.Expires), store.Micros(now))
	return err
}

// Bindings lists where a device is registered now, the latest first.
func (d *Directory) Bindings(ctx context.Context, device string, now time.Time) ([]Binding, error) {
	return ofDevices().bindings(ctx, d.db, device, now)
}

// TrunkBindings lists where the PBX of a trunk that registers here is now, the latest first.
func (d *Directory) TrunkBindings(ctx context.Context, trunk string, now time.Time) ([]Binding, error) {
	return ofTrunks().bindings(ctx, d.db, trunk, now)
}

const bindingColumns = `contact, received, path, call_id, cseq, node, agent, expires_at, since_at`

func (at registrar) bindings(ctx context.Context, q store.Queries, id string, now time.Time) ([]Binding, error) {
	b := at.bound(id, now)
	rows, err := q.Query(ctx, b.String(), b.Args...)
	return store.Collect(rows, err, at.scan)
}

// bound selects the bindings of one that hold, the latest first.
func (at registrar) bound(id string, now time.Time) *query.Builder {
	return query.New(`SELECT `+at.owner+`, `+bindingColumns+` FROM `+at.table+` WHERE `+at.owner+` = ? AND expires_at > ?
		ORDER BY expires_at DESC, contact`, id, store.Micros(now))
}

// Reached is one desk phone and where it is registered now, the latest first, read in one turn: a call waits for it;
// ErrNotFound.
func (d *Directory) Reached(ctx context.Context, device string, now time.Time) (Device, []Binding, error) {
	var found []Device
	var at []Binding
	err := d.db.ReadAll(ctx, []store.Read{
		query.Into(scanDevice, query.New(`SELECT `+deviceColumns+` FROM device WHERE id = ?`, device), &found),
		query.Into(ofDevices().scan, ofDevices().bound(device, now), &at)})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Device{}, nil, err
	}
	return found[0], at, nil
}

// RegisteredAt tells whether any phone or PBX is registered from received, at whichever node.
func (d *Directory) RegisteredAt(ctx context.Context, received string, now time.Time) (bool, error) {
	var n int
	err := d.db.QueryRow(ctx, `SELECT (SELECT count(*) FROM binding WHERE received = $1 AND expires_at > $2)
		+ (SELECT count(*) FROM trunk_binding WHERE received = $1 AND expires_at > $2)`, received, store.Micros(now)).Scan(&n)
	return n > 0, err
}

// Rings tells whether any phone of a user is registered, at whichever node.
func (d *Directory) Rings(ctx context.Context, user string, now time.Time) (bool, error) {
	var n int
	err := d.db.QueryRow(ctx, `SELECT count(*) FROM binding b JOIN device d ON d.id = b.device
		WHERE d.user_id = $1 AND NOT d.switched_off AND b.expires_at > $2`, user, store.Micros(now)).Scan(&n)
	return n > 0, err
}

// Registered lists all registrations of phones that hold now.
func (d *Directory) Registered(ctx context.Context, now time.Time) ([]Binding, error) {
	rows, err := d.db.Query(ctx, `SELECT device, `+bindingColumns+
		` FROM binding WHERE expires_at > $1 ORDER BY device, contact`, store.Micros(now))
	return store.Collect(rows, err, ofDevices().scan)
}

func (at registrar) scan(row store.Row) (b Binding, err error) {
	var owner, path string
	var cseq, expires, since int64
	if err = row.Scan(&owner, &b.Contact, &b.Received, &path, &b.CallID, &cseq, &b.Node, &b.Agent, &expires,
		&since); err != nil {
		return b, err
	}
	if at == ofDevices() {
		b.Device = owner
	}
	b.CSeq, b.Expires, b.Since = uint32(cseq), store.Time(expires), store.Time(since)
	return b, json.Unmarshal([]byte(path), &b.Path)
}

// UnbindAt removes at once what was registered from received at this node: the phone or PBX closed its connection.
func (d *Directory) UnbindAt(ctx context.Context, received string) error {
	for _, at := range []registrar{ofDevices(), ofTrunks()} {
		if _, err := d.db.Exec(ctx, `DELETE FROM `+at.table+` WHERE received = $1 AND node = $2`, received,
			d.config.Node); err != nil {
			return err
		}
	}
	return nil
}

// Expire removes the registrations that ran out.
func (d *Directory) Expire(ctx context.Context, now time.Time) error {
	for _, at := range []registrar{ofDevices(), ofTrunks()} {
		if _, err := d.db.Exec(ctx, `DELETE FROM `+at.table+` WHERE expires_at <= $1`, store.Micros(now)); err != nil {
			return err
		}
	}
	return nil
}
