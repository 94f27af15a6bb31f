package directory

import (
	"context"
	"slices"
	"strconv"

	"frontdesk/pbx/input"
	"frontdesk/store"
)

// Who sees a meeting and comes in: its owner, and whom somebody invited or let in. By a number or extension that leads
// there anybody comes in who dials it.

// maxInvited are invited to one meeting.
const maxInvited = 500

// Invited tells whether a user is.
func (m Meeting) Invited(user string) bool { return m.Owner == user || slices.Contains(m.People, user) }

// Door tells the title of a meeting, and whether a user may come in; ErrNotFound.
func (d *Directory) Door(ctx context.Context, meeting, user string) (title string, invited bool, err error) {
	var owner, guest string
	err = d.db.QueryRow(ctx, `SELECT m.title, m.owner, COALESCE(u.user_id, '') FROM meeting m
		LEFT JOIN meeting_user u ON u.user_id = $2 AND u.meeting = m.id WHERE m.id = $1`, meeting, user).Scan(&title, &owner, &guest)
	return title, err == nil && user != "" && (owner == user || guest == user), store.Found(err)
}

// Invite lets a user see a meeting and come in, from now on. Errors: *Invalid, ErrNotFound.
func (d *Directory) Invite(ctx context.Context, meeting, user string) error {
	if _, invited, err := d.Door(ctx, meeting, user); err != nil || invited {
		return err
	}
	return d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := hit(tx.Exec(ctx, `UPDATE meeting SET version = version + 1 WHERE id = $1`, meeting)); err != nil {
			return err
		}
		var already int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM meeting_user WHERE meeting = $1`,
			meeting).Scan(&already); err != nil {
			return err
		}
		if already >= maxInvited {
			return input.Refuse("people", "at most %d are invited to one meeting", maxInvited)
		}
		return addInvited(ctx, tx, meeting, user)
	})
}

func addInvited(ctx context.Context, tx *store.Tx, meeting, user string) error {
	_, err := tx.Exec(ctx, `INSERT INTO meeting_user (user_id, meeting) VALUES ($1, $2) ON CONFLICT DO NOTHING`, user,
		meeting)
	return err
}

// writeInvited makes these the ones who are invited.
func writeInvited(ctx context.Context, tx *store.Tx, meeting string, people []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM meeting_user WHERE meeting = $1`, meeting); err != nil {
		return err
	}
	for _, user := range people {
		if err := addInvited(ctx, tx, meeting, user); err != nil {
			return err
		}
	}
	return nil
}

// keepOwner of a meeting that is about to be removed, as one of those who may know of it; ErrNotFound.
func keepOwner(ctx context.Context, tx *store.Tx, meeting string) error {
	var owner string
	if err := tx.QueryRow(ctx, `SELECT owner FROM meeting WHERE id = $1`, meeting).Scan(&owner); err != nil {
		return store.Found(err)
	}
	return addInvited(ctx, tx, meeting, owner)
}

// OpenTo are those of the meetings whose title a user may read: he is, or was, invited.
func (d *Directory) OpenTo(ctx context.Context, user string, meetings []string) (open map[string]bool, err error) {
	open = map[string]bool{}
	for some := range slices.Chunk(meetings, maxAsked) {
		marks, args := list(some)
		me := "$" + strconv.Itoa(len(args)+1)
		rows, err := d.db.Query(ctx, `SELECT id FROM meeting WHERE owner = `+me+` AND id IN (`+marks+`)
			UNION SELECT meeting FROM meeting_user WHERE user_id = `+me+` AND meeting IN (`+marks+`)`,
			append(args, user)...)
		_, err = store.Collect(rows, err, func(row store.Row) (id string, err error) {
			err = row.Scan(&id)
			open[id] = true
			return id, err
		})
		if err != nil {
			return nil, err
		}
	}
	return open, nil
}
