// Package voicemail keeps the messages that callers leave.
package voicemail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// ErrNotFound: no such message.
var ErrNotFound = store.ErrNotFound

// Job is the kind of the job that follows each message: {"id": id}. It brings it to its box's users.
const Job = "intake.voicemail"

// Message is what a caller left.
type Message struct {
	ID      string    `json:"id"`
	Box     string    `json:"box"`
	Call    string    `json:"call"`
	From    string    `json:"from"` // E.164, extension or raw; empty when withheld
	Name    string    `json:"name"` // best name of the caller
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	Blob    string    `json:"-"`
}

// Messages are all that callers left. It is safe for concurrent use.
type Messages struct {
	db    *store.DB
	blobs blob.Store
}

// New opens the messages.
func New(db *store.DB, blobs blob.Store) *Messages { return &Messages{db, blobs} }

// Keep stores a message and the job that brings it to its box's users.
func (v *Messages) Keep(ctx context.Context, m Message, pcm []int16) error {
	key, _, err := v.blobs.Put(ctx, bytes.NewReader(audio.WAV(pcm, media.Rate)))
	if err != nil {
		return err
	}
	m.ID = store.NewID()
	return v.db.Tx(ctx, func(tx *store.Tx) error {
		_, dropped := tx.Exec(ctx, `DELETE FROM mail_dropped WHERE blob = $1`, key) // it is needed again
		_, err := tx.Exec(ctx, `INSERT INTO voicemail (id, box, call, from_number, from_name, at, length, blob, heard_at, heard_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')`, m.ID, m.Box, m.Call, m.From, m.Name, store.Micros(m.At),
			int64(len(pcm))*1000/media.Rate, key)
		return errors.Join(dropped, err, store.Enqueue(ctx, tx, Job, map[string]string{"id": m.ID},
			store.JobOptions{Dedupe: m.ID}))
	})
}

const columns = `id, box, call, from_number, from_name, at, length, blob`

func scan(row store.Row) (m Message, err error) {
	var at, length int64
	err = row.Scan(&m.ID, &m.Box, &m.Call, &m.From, &m.Name, &at, &length, &m.Blob)
	m.At, m.Seconds = store.Time(at), float64(length)/1000
	return m, err
}

// Message is one of them.
func (v *Messages) Message(ctx context.Context, id string) (Message, error) {
	m, err := scan(v.db.QueryRow(ctx, `SELECT `+columns+` FROM voicemail WHERE id = $1`, id))
	return m, store.Found(err)
}

// OfCall is the message that the caller of a call left.
func (v *Messages) OfCall(ctx context.Context, call string) (Message, error) {
	m, err := scan(v.db.QueryRow(ctx, `SELECT `+columns+` FROM voicemail WHERE call = $1 ORDER BY at LIMIT 1`, call))
	return m, store.Found(err)
}

// File opens the sound of a message, a WAV file.
func (v *Messages) File(ctx context.Context, m Message) (io.ReadSeekCloser, error) {
	return v.blobs.Open(ctx, m.Blob)
}

// Uses tells whether a content is that of a message.
func (v *Messages) Uses(ctx context.Context, blob string) (bool, error) {
	var n int
	err := v.db.QueryRow(ctx, `SELECT count(*) FROM voicemail WHERE blob = $1`, blob).Scan(&n)
	return n > 0, err
}
