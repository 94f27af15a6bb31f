package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"frontdesk/pbx/input"
	"frontdesk/store"
)

const (
	maxAbout    = 10
	maxAboutKey = 100 // bytes of a kind or id
)

// MeetingFilter chooses meetings. The zero value chooses all.
type MeetingFilter struct {
	User   string // only those he made or is invited to
	About  string // only those about the record of this id
	Before string // the cursor of the page before
	Limit  int    // default 50, at most 200
}

// Meetings lists the meetings, the newest first, and the cursor of the next page: "" at the end.
func (d *Directory) Meetings(ctx context.Context, f MeetingFilter) (page []Meeting, next string, err error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	query, args := f.query()
	rows, err := d.db.Query(ctx, query, args...)
	if page, err = store.Collect(rows, err, scanMeeting); err != nil {
		return nil, "", fmt.Errorf("meetings: %w", err)
	}
	if len(page) > f.Limit {
		page = page[:f.Limit]
		next = page[f.Limit-1].ID
	}
	return page, next, d.fill(ctx, page)
}

const roomColumns = `m.id, m.title, m.owner, m.created_at, m.version`

// query reads one row more than the page. Each branch is read from an index, in the order of the list, and no further
// than the page.
func (f MeetingFilter) query() (string, []any) {
	args := []any{cmp.Or(f.Before, afterAll), f.Limit + 1}
	about := func(meeting string) string { return "" }
	if f.About != "" {
		args = append(args, f.About)
		about = func(meeting string) string {
			return ` AND EXISTS (SELECT 1 FROM meeting_about a WHERE a.ref = $3 AND a.meeting = ` + meeting + `)`
		}
	}
	if f.User == "" {
		return `SELECT ` + roomColumns + ` FROM meeting m WHERE m.id < $1` + about("m.id") +
			` ORDER BY m.id DESC LIMIT $2`, args
	}
	user := "$" + strconv.Itoa(len(args)+1)
	return `SELECT ` + roomColumns + ` FROM (
		SELECT id FROM (SELECT o.id FROM meeting o WHERE o.owner = ` + user + ` AND o.id < $1` + about("o.id") + ` ORDER BY o.id DESC LIMIT $2) own
		UNION SELECT id FROM (SELECT u.meeting AS id FROM meeting_user u JOIN meeting i ON i.id = u.meeting
			WHERE u.user_id = ` + user + ` AND u.meeting < $1` + about("u.meeting") + ` ORDER BY u.meeting DESC LIMIT $2) invited
		) seen JOIN meeting m ON m.id = seen.id ORDER BY m.id DESC LIMIT $2`, append(args, f.User)
}

// afterAll sorts after each id.
const afterAll = "z"

// Meeting is one meeting; ErrNotFound.
func (d *Directory) Meeting(ctx context.Context, id string) (Meeting, error) {
	m, err := scanMeeting(d.db.QueryRow(ctx, `SELECT `+roomColumns+` FROM meeting m WHERE m.id = $1`, id))
	if err != nil {
		return Meeting{}, store.Found(err)
	}
	one := []Meeting{m}
	err = d.fill(ctx, one)
	return one[0], err
}

// Titles of meetings by their ids, in one question; those that were removed have none.
func (d *Directory) Titles(ctx context.Context, ids []string) (map[string]string, error) {
	titles := map[string]string{}
	for some := range slices.Chunk(ids, maxAsked) {
		marks, args := list(some)
		rows, err := d.db.Query(ctx, `SELECT id, title FROM meeting WHERE id IN (`+marks+`)`, args...)
		_, err = store.Collect(rows, err, func(row store.Row) (none struct{}, err error) {
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

func scanMeeting(row store.Row) (m Meeting, err error) {
	var created int64
	err = row.Scan(&m.ID, &m.Title, &m.Owner, &created, &m.Version)
	m.Created, m.About, m.People = store.Time(created), []About{}, []string{}
	return m, err
}

// fill reads what a page of meetings is about, and who is invited.
func (d *Directory) fill(ctx context.Context, page []Meeting) error {
	if len(page) == 0 {
		return nil
	}
	byID, ids := map[string]*Meeting{}, []string{}
	for i := range page {
		byID[page[i].ID] = &page[i]
		ids = append(ids, page[i].ID)
	}
	marks, args := list(ids)
	rows, err := d.db.Query(ctx, `SELECT meeting, kind, ref FROM meeting_about WHERE meeting IN (`+marks+
		`) ORDER BY meeting, position`, args...)
	_, err = store.Collect(rows, err, func(row store.Row) (a About, err error) {
		var meeting string
		err = row.Scan(&meeting, &a.Kind, &a.ID)
		if m := byID[meeting]; m != nil {
			m.About = append(m.About, a)
		}
		return a, err
	})
	if err != nil {
		return err
	}
	rows, err = d.db.Query(ctx, `SELECT meeting, user_id FROM meeting_user WHERE meeting IN (`+marks+
		`) ORDER BY meeting, user_id`, args...)
	_, err = store.Collect(rows, err, func(row store.Row) (user string, err error) {
		var meeting string
		err = row.Scan(&meeting, &user)
		if m := byID[meeting]; m != nil && m.Owner != user {
			m.People = append(m.People, user)
		}
		return user, err
	})
	return err
}

// CreateMeeting makes a meeting; it gets an id. Errors: *Invalid.
func (d *Directory) CreateMeeting(ctx context.Context, m *Meeting) error {
	if err := m.check(); err != nil {
		return err
	}
	m.ID, m.Created, m.Version = store.NewID(), store.Time(store.Micros(time.Now())), 1
	return d.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO meeting (id, title, owner, created_at, version) VALUES ($1, $2, $3, $4, $5)`,
			m.ID, m.Title, m.Owner, store.Micros(m.Created), m.Version)
		if err == nil {
			err = writeAbout(ctx, tx, m.ID, m.About)
		}
		if err == nil {
			err = writeInvited(ctx, tx, m.ID, m.People)
		}
		return err
	})
}

// MeetingChange is what is to be another way in a meeting; what is nil stays.
type MeetingChange struct {
	Title   *string
	About   []About
	People  []string
	Version *int64 // of the meeting that was edited: ErrChanged when somebody changed it since
}

// ChangeMeeting changes a meeting. Errors: *Invalid, ErrNotFound, ErrChanged.
func (d *Directory) ChangeMeeting(ctx context.Context, id string, to MeetingChange) error {
	whole := Meeting{Title: "-", About: to.About, People: to.People}
	if to.Title != nil {
		whole.Title = *to.Title
	}
	if err := whole.check(); err != nil {
		return err
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := to.write(ctx, tx, id); err != nil {
			return err
		}
		if to.About != nil {
			if err := writeAbout(ctx, tx, id, whole.About); err != nil {
				return err
			}
		}
		if to.People != nil {
			return writeInvited(ctx, tx, id, whole.People)
		}
		return nil
	})
	if err == nil && to.Title != nil {
		d.touched() // it may be one that a number leads to
	}
	return err
}

// write changes the row of the meeting, which holds off who changes it at the same time.
func (to MeetingChange) write(ctx context.Context, tx *store.Tx, id string) error {
	title, version := "", int64(-1)
	if to.Title != nil {
		title = *to.Title
	}
	if to.Version != nil {
		version = *to.Version
	}
	result, err := tx.Exec(ctx, `UPDATE meeting SET title = CASE WHEN $2 = '' THEN title ELSE $2 END, version = version + 1
		WHERE id = $1 AND ($3 < 0 OR version = $3)`, id, title, version)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var there string
	if err := tx.QueryRow(ctx, `SELECT id FROM meeting WHERE id = $1`, id).Scan(&there); err != nil {
		return store.Found(err)
	}
	return ErrChanged
}

// check validates the meeting and leaves out what it names twice.
func (m *Meeting) check() error {
	if m.Title == "" || len(m.Title) > 200 {
		return input.Refuse("title", "give the meeting a title of at most 200 characters")
	}
	about := []About{}
	for _, a := range m.About {
		if a.Kind == "" || a.ID == "" || len(a.Kind) > maxAboutKey || len(a.ID) > maxAboutKey {
			return input.Refuse("about", "name a kind and an id for each record")
		}
		if !slices.Contains(about, a) {
			about = append(about, a)
		}
	}
	if len(about) > maxAbout {
		return input.Refuse("about", "a meeting is about at most %d records", maxAbout)
	}
	people := append([]string{}, m.People...)
	slices.Sort(people)
	m.About, m.People = about, slices.Compact(people)
	if len(m.People) > maxInvited || slices.ContainsFunc(m.People,
		func(user string) bool { return user == "" || len(user) > maxAboutKey }) {
		return input.Refuse("people", "name the users by their ids, at most %d", maxInvited)
	}
	return nil
}

func writeAbout(ctx context.Context, tx *store.Tx, meeting string, about []About) error {
	if _, err := tx.Exec(ctx, `DELETE FROM meeting_about WHERE meeting = $1`, meeting); err != nil {
		return err
	}
	for i, a := range about {
		if _, err := tx.Exec(ctx, `INSERT INTO meeting_about (meeting, kind, ref, position) VALUES ($1, $2, $3, $4)`,
			meeting, a.Kind, a.ID, i); err != nil {
			return err
		}
	}
	return nil
}
