package pbx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/store"
)

const (
	maxAbout    = 10
	maxAboutKey = 100 // bytes of a kind or id
)

// Meetings lists the video rooms, newest first.
func (d *Directory) Meetings(ctx context.Context) ([]Meeting, error) { return d.meetings(ctx, "") }

// Meeting is one video room; ErrNotFound.
func (d *Directory) Meeting(ctx context.Context, id string) (Meeting, error) {
	if id == "" {
		return Meeting{}, ErrNotFound
	}
	one, err := d.meetings(ctx, id)
	if err == nil && len(one) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Meeting{}, err
	}
	return one[0], nil
}

// Titles of meetings by their ids, in one question; those that were removed have none.
func (d *Directory) Titles(ctx context.Context, ids []string) (map[string]string, error) {
	titles := map[string]string{}
	for some := range slices.Chunk(ids, maxTitles) {
		marks, args := []string{}, []any{}
		for i, id := range some {
			marks, args = append(marks, "$"+strconv.Itoa(i+1)), append(args, id)
		}
		rows, err := d.db.Query(ctx, `SELECT id, title FROM meeting WHERE id IN (`+strings.Join(marks, ", ")+`)`, args...)
		_, err = collect(rows, err, func(row scanner) (none struct{}, err error) {
			var id, title string
			err = row.Scan(&id, &title)
			titles[id] = title
			return none, err
		})
		if err != nil {
			return nil, err
		}
	}
	return titles, nil
}

// maxTitles are asked for in one statement.
const maxTitles = 500

// meetings reads the room with that id, or all where it is empty.
func (d *Directory) meetings(ctx context.Context, id string) ([]Meeting, error) {
	rows, err := d.db.Query(ctx, `SELECT id, title, owner, created_at FROM meeting WHERE $1 = '' OR id = $1 ORDER BY id DESC`, id)
	all, err := collect(rows, err, scanMeeting)
	if err != nil {
		return nil, err
	}
	return all, d.readAbout(ctx, all, id)
}

func scanMeeting(row scanner) (m Meeting, err error) {
	var created int64
	err = row.Scan(&m.ID, &m.Title, &m.Owner, &created)
	m.Created, m.About = store.Time(created), []About{}
	return m, err
}

// readAbout fills in what the rooms are about; id is as in meetings.
func (d *Directory) readAbout(ctx context.Context, rooms []Meeting, id string) error {
	byID := map[string]*Meeting{}
	for i := range rooms {
		byID[rooms[i].ID] = &rooms[i]
	}
	rows, err := d.db.Query(ctx, `SELECT meeting, kind, ref FROM meeting_about WHERE $1 = '' OR meeting = $1 ORDER BY meeting, position`, id)
	_, err = collect(rows, err, func(row scanner) (a About, err error) {
		var room string
		err = row.Scan(&room, &a.Kind, &a.ID)
		if m := byID[room]; m != nil {
			m.About = append(m.About, a)
		}
		return a, err
	})
	return err
}

// SaveMeeting creates the room (ID empty: it gets one) or changes its title and what it is about. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveMeeting(ctx context.Context, m *Meeting) error {
	if err := m.check(); err != nil {
		return err
	}
	fresh := m.ID == ""
	if fresh {
		m.ID, m.Created = store.NewID(), store.Time(store.Micros(time.Now()))
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := m.write(ctx, tx, fresh); err != nil {
			return err
		}
		return m.writeAbout(ctx, tx)
	})
	if err == nil {
		d.touched()
	}
	return err
}

// check validates the room and leaves out what it names twice.
func (m *Meeting) check() error {
	if m.Title == "" || len(m.Title) > 200 {
		return invalid("title", "give the meeting a title of at most 200 characters")
	}
	about := []About{}
	for _, a := range m.About {
		if a.Kind == "" || a.ID == "" || len(a.Kind) > maxAboutKey || len(a.ID) > maxAboutKey {
			return invalid("about", "name a kind and an id for each record")
		}
		if !slices.Contains(about, a) {
			about = append(about, a)
		}
	}
	if len(about) > maxAbout {
		return invalid("about", "a meeting is about at most %d records", maxAbout)
	}
	m.About = about
	return nil
}

func (m *Meeting) write(ctx context.Context, tx *store.Tx, fresh bool) error {
	if fresh {
		_, err := tx.Exec(ctx, `INSERT INTO meeting (id, title, owner, created_at) VALUES ($1, $2, $3, $4)`, m.ID, m.Title, m.Owner, store.Micros(m.Created))
		return err
	}
	result, err := tx.Exec(ctx, `UPDATE meeting SET title = $2 WHERE id = $1`, m.ID, m.Title)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

func (m *Meeting) writeAbout(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM meeting_about WHERE meeting = $1`, m.ID); err != nil {
		return err
	}
	for i, a := range m.About {
		if _, err := tx.Exec(ctx, `INSERT INTO meeting_about (meeting, kind, ref, position) VALUES ($1, $2, $3, $4)`, m.ID, a.Kind, a.ID, i); err != nil {
			return err
		}
	}
	return nil
}

// DeleteMeeting removes a room; people in it stay until they leave. ErrInUse while a number or extension leads there.
func (d *Directory) DeleteMeeting(ctx context.Context, id string) error {
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	if user := plan.leadsTo(id); user != "" {
		return fmt.Errorf("%s leads to it: %w", user, ErrInUse)
	}
	return d.write(ctx, `DELETE FROM meeting WHERE id = $1`, id)
}
