package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Hold takes the lease of a name for this node, unless a member holds it. It returns the node that has it then, which
// is this one or another. A lease stays until Release or until this node is lost; a draining node takes none.
func (m *Members) Hold(ctx context.Context, name string) (holder string, err error) {
	self := m.Self()
	// The node that held it counts only in the life in which it took it, and this one only in the life it believes to
	// be in.
	const upsert = `INSERT INTO lease (name, node, epoch)
		SELECT $1, id, epoch FROM node WHERE id = $2 AND epoch = $3 AND state = 'up'
		ON CONFLICT (name) DO UPDATE SET node = excluded.node, epoch = excluded.epoch
		WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.id = lease.node AND n.epoch = lease.epoch AND n.state IN ('up', 'draining'))`
	if _, err := m.db.Exec(ctx, upsert, name, self.ID, self.Epoch); err != nil {
		return "", fmt.Errorf("lease %s: %w", name, err)
	}
	return m.Holder(ctx, name)
}

// Holder is the member that has the lease of a name, "" for none.
func (m *Members) Holder(ctx context.Context, name string) (holder string, err error) {
	const query = `SELECT coalesce(max(l.node), '') FROM lease l JOIN node n ON n.id = l.node AND n.epoch = l.epoch AND n.state IN ('up', 'draining') WHERE l.name = $1`
	if err := m.db.QueryRow(ctx, query, name).Scan(&holder); err != nil {
		return "", fmt.Errorf("lease %s: %w", name, err)
	}
	return holder, nil
}

// Release gives a lease back; one that this node does not hold is left alone.
func (m *Members) Release(ctx context.Context, name string) error {
	self := m.Self()
	_, err := m.db.Exec(ctx, `DELETE FROM lease WHERE name = $1 AND node = $2 AND epoch = $3`, name, self.ID,
		self.Epoch)
	return err
}

// Held are the names with a prefix whose leases this node has.
func (m *Members) Held(ctx context.Context, prefix string) (names []string, err error) {
	self := m.Self()
	rows, err := m.db.Query(ctx, `SELECT name FROM lease WHERE node = $1 AND epoch = $2 ORDER BY name`, self.ID,
		self.Epoch)
	names, err = Collect(rows, err, func(row Row) (name string, err error) { return name, row.Scan(&name) })
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) }), err
}
