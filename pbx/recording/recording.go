// Package recording has the recordings of calls: which calls are recorded (Policy), what there is (Recordings), who may
// listen and did, and when they go.
package recording

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"frontdesk/media/record"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/query"
)

// ErrNotFound: no such recording, or none that the listener may hear.
var ErrNotFound = store.ErrNotFound

// Kind of the tapes that Keep finishes.
const Kind = "call"

// Sides of a recording, as channels.
const (
	Ours = iota // agents; of two of them, who called
	Theirs
	sides
)

// About is what a tape says of itself.
type About struct {
	ID   string `json:"id"`
	Call string `json:"call"`
}

// Recording is what was said in a call, or in a part of it.
type Recording struct {
	ID      string    `json:"id"`
	Call    string    `json:"call"`
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	Size    int64     `json:"size" doc:"Bytes of the file"`
	Peaks   [][]int   `json:"peaks" doc:"The loudest moments of our side and of the other, each side in as many equal parts: 0 to 255"`
	Words   string    `json:"words,omitempty" enum:"waiting,done,failed" doc:"Of its transcript; left out: there is none"`
	blob    string
}

// Recordings are those of the company. It is safe for concurrent use.
type Recordings struct {
	db    *store.DB
	blobs blob.Store
	kept  func(context.Context, *store.Tx, Recording) error // nil: nothing follows
}

// New opens the recordings.
func New(db *store.DB, blobs blob.Store) *Recordings { return &Recordings{db: db, blobs: blobs} }

// Follow has something done with each recording, in the transaction that keeps it. It comes before the first.
func (r *Recordings) Follow(kept func(context.Context, *store.Tx, Recording) error) { r.kept = kept }

// Keep stores a tape that has ended. A call that nothing was said in leaves no recording.
func (r *Recordings) Keep(ctx context.Context, told json.RawMessage, sound *record.Sound) error {
	var about About
	if err := json.Unmarshal(told, &about); err != nil {
		return err
	}
	file, made, err := sound.File(sides)
	if err != nil {
		return err
	}
	defer file.Close()
	if made.Length == 0 {
		return nil
	}
	key, size, err := r.blobs.Put(ctx, file)
	if err != nil {
		return err
	}
	peaks, err := json.Marshal(made.Peaks)
	if err != nil {
		return err
	}
	return r.db.Tx(ctx, func(tx *store.Tx) error {
		_, dropped := tx.Exec(ctx, `DELETE FROM mail_dropped WHERE blob = $1`, key) // it is needed again
		n, err := query.Exec(ctx, tx, `INSERT INTO recording (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			about.ID, about.Call, store.Micros(sound.Began), made.Length.Milliseconds(), size, key, string(peaks))
		if err == nil && n == 1 && r.kept != nil {
			err = r.kept(ctx, tx, Recording{ID: about.ID, Call: about.Call, At: sound.Began,
				Seconds: made.Length.Seconds()})
		}
		return errors.Join(dropped, err)
	})
}

const (
	columns = `id, call, at, length, size, blob, peaks`
	// read are those, and what is known of its words.
	read = columns + `, COALESCE((SELECT t.state FROM transcript t WHERE t.recording = recording.id), '')`
)

func scan(row store.Row) (r Recording, err error) {
	var at, length int64
	var peaks string
	if err := row.Scan(&r.ID, &r.Call, &at, &length, &r.Size, &r.blob, &peaks, &r.Words); err != nil {
		return r, err
	}
	r.At, r.Seconds = store.Time(at), float64(length)/1000
	return r, json.Unmarshal([]byte(peaks), &r.Peaks)
}

// Reader is who may listen: to calls that a user took part in whom his predicate for the column with that user's id
// admits.
type Reader struct {
	User string
	May  func(column string) func(*query.Builder)
}

// Hears is the condition that he may hear what was said in the call whose id a column has.
func (r Reader) Hears(call string) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("EXISTS (SELECT 1 FROM call_user u WHERE u.call = " + call + " AND u.role = 'took' AND ").
			With(r.May("u.user_id")).Add(")")
	}
}

// OfCalls are the recordings of calls that a reader may hear, the first one first.
func (r *Recordings) OfCalls(ctx context.Context, reader Reader, calls []string) ([]Recording, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	q := query.New("SELECT " + read + " FROM recording WHERE call").In(calls).Add(" AND ").
		With(reader.Hears("recording.call")).Add(" ORDER BY at, id")
	return query.All(ctx, r.db, scan, q)
}

// Listen finds a recording for a reader, and writes down that he listens. ErrNotFound.
func (r *Recordings) Listen(ctx context.Context, reader Reader, id string) (Recording, error) {
	q := query.New("SELECT "+read+" FROM recording WHERE id = ? AND ", id).With(reader.Hears("recording.call"))
	found, err := query.One(ctx, r.db, scan, q)
	if err != nil {
		return found, err
	}
	_, err = r.db.Exec(ctx, `INSERT INTO recording_heard (recording, user_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		id, reader.User, store.Micros(time.Now().Truncate(time.Minute)))
	return found, err
}

// Open opens the sound of a recording, a WAV file, for a reader, and writes down that he listens. ErrNotFound.
func (r *Recordings) Open(ctx context.Context, reader Reader, id string) (Recording, io.ReadSeekCloser, error) {
	found, err := r.Listen(ctx, reader, id)
	if err != nil {
		return found, nil, err
	}
	file, err := r.blobs.Open(ctx, found.blob)
	return found, file, err
}

// Sound opens the sound of a recording for a machine. ErrNotFound.
func (r *Recordings) Sound(ctx context.Context, id string) (Recording, io.ReadSeekCloser, error) {
	found, err := query.One(ctx, r.db, scan, query.New("SELECT "+read+" FROM recording WHERE id = ?", id))
	if err != nil {
		return found, nil, err
	}
	file, err := r.blobs.Open(ctx, found.blob)
	return found, file, err
}

// Listened is that somebody heard a recording, or a part of it.
type Listened struct {
	User string    `json:"user"`
	At   time.Time `json:"at" doc:"The minute"`
}

// Heard is who listened to a recording, the last one first.
func (r *Recordings) Heard(ctx context.Context, id string) ([]Listened, error) {
	rows, err := r.db.Query(ctx, `SELECT user_id, at FROM recording_heard WHERE recording = $1 ORDER BY at DESC, user_id LIMIT 500`, id)
	return store.Collect(rows, err, func(row store.Row) (l Listened, err error) {
		var at int64
		err = row.Scan(&l.User, &at)
		l.At = store.Time(at)
		return l, err
	})
}

// Uses tells whether a content is that of a recording.
func (r *Recordings) Uses(ctx context.Context, blob string) (bool, error) {
	var n int
	err := r.db.QueryRow(ctx, `SELECT count(*) FROM recording WHERE blob = $1`, blob).Scan(&n)
	return n > 0, err
}
