// Package voicemail keeps the messages that callers leave.
package voicemail

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"frontdesk/media/audio"
	"frontdesk/media/record"
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
	Heard   bool      `json:"heard" doc:"By somebody whose box it is in"`
	Peaks   []int     `json:"peaks" doc:"The loudest moments, in as many equal parts: 0 to 255; empty: not known"`
	blob    string
}

// Messages are all that callers left. It is safe for concurrent use.
type Messages struct {
	db      *store.DB
	blobs   blob.Store
	changed func(box string)
}

// New opens the messages.
func New(db *store.DB, blobs blob.Store) *Messages {
	return &Messages{db: db, blobs: blobs, changed: func(string) {}}
}

// AtChange has fn called after a box has other messages than before, or more of them were heard. It must be called
// before the messages are used, and fn must not block.
func (v *Messages) AtChange(fn func(box string)) { v.changed = fn }

// Kind of the tapes that Finish makes messages of.
const Kind = "voicemail"

// About is what a tape says of itself.
type About struct{ ID, Box, Call, From, Name string }

// Finish makes a message of a tape that has ended, without the silence around it; of one that nobody spoke on, none.
func (v *Messages) Finish(ctx context.Context, told json.RawMessage, sound *record.Sound) error {
	var about About
	if err := json.Unmarshal(told, &about); err != nil {
		return err
	}
	if spoken, err := sound.Trim(); err != nil || !spoken {
		return err
	}
	file, made, err := sound.File(1)
	if err != nil {
		return err
	}
	defer file.Close()
	return v.Keep(ctx, Message{ID: about.ID, Box: about.Box, Call: about.Call, From: about.From, Name: about.Name,
		At: sound.Began, Seconds: made.Length.Seconds(), Peaks: made.Peaks[0]}, file)
}

// Keep stores a message, once, and the job that brings it to its box's users.
func (v *Messages) Keep(ctx context.Context, m Message, wav io.Reader) error {
	key, _, err := v.blobs.Put(ctx, wav)
	if err != nil {
		return err
	}
	peaks, err := json.Marshal(m.Peaks)
	if err != nil {
		return err
	}
	err = v.db.Tx(ctx, func(tx *store.Tx) error {
		_, dropped := tx.Exec(ctx, `DELETE FROM mail_dropped WHERE blob = $1`, key) // it is needed again
		_, err := tx.Exec(ctx, `INSERT INTO voicemail (`+columns+`, heard_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '')
			ON CONFLICT DO NOTHING`, m.ID, m.Box, m.Call, m.From, m.Name, store.Micros(m.At), int64(m.Seconds*1000), key, string(peaks))
		return errors.Join(dropped, err, store.Enqueue(ctx, tx, Job, map[string]string{"id": m.ID},
			store.JobOptions{Dedupe: m.ID}))
	})
	if err == nil {
		v.changed(m.Box)
	}
	return err
}

// Count is how many messages there are.
type Count struct{ New, Old int } // not heard yet, and heard

// Count counts the messages in some boxes.
func (v *Messages) Count(ctx context.Context, boxes []string) (c Count, err error) {
	for _, box := range boxes {
		var fresh, all int
		if err := v.db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE heard_at = 0), count(*) FROM voicemail WHERE box = $1`,
			box).Scan(&fresh, &all); err != nil {
			return c, err
		}
		c.New, c.Old = c.New+fresh, c.Old+all-fresh
	}
	return c, nil
}

// Heard notes who was the first to hear a message, for all whose box it is in.
func (v *Messages) Heard(ctx context.Context, m Message, user string) error {
	result, err := v.db.Exec(ctx, `UPDATE voicemail SET heard_at = $2, heard_by = $3 WHERE id = $1 AND heard_at = 0`, m.ID,
		store.Micros(time.Now()), user)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	v.changed(m.Box)
	return nil
}

const columns = `id, box, call, from_number, from_name, at, length, blob, peaks, heard_at`

func scan(row store.Row) (m Message, err error) {
	var at, length, heard int64
	var peaks string
	if err = row.Scan(&m.ID, &m.Box, &m.Call, &m.From, &m.Name, &at, &length, &m.blob, &peaks, &heard); err != nil {
		return m, err
	}
	m.At, m.Seconds, m.Heard, m.Peaks = store.Time(at), float64(length)/1000, heard > 0, []int{}
	if peaks != "" {
		err = json.Unmarshal([]byte(peaks), &m.Peaks)
	}
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

// For is the message of a call that a user may hear, as it is in a box of his: as private as mail.
func (v *Messages) For(ctx context.Context, user, call string) (Message, error) {
	m, err := scan(v.db.QueryRow(ctx, `SELECT `+columns+` FROM voicemail WHERE call = $1 AND box IN (`+itsBoxes+`)
		ORDER BY at LIMIT 1`, call, user))
	return m, store.Found(err)
}

// maxListed of a user's messages are shown.
const maxListed = 200

// List are the messages in the boxes of a user, the newest first.
func (v *Messages) List(ctx context.Context, user string) ([]Message, error) {
	rows, err := v.db.Query(ctx, `SELECT `+columns+` FROM voicemail WHERE box IN (`+itsBoxes+`) ORDER BY at DESC, id DESC LIMIT $1`,
		maxListed, user)
	return store.Collect(rows, err, scan)
}

// Of is one of a user's messages; ErrNotFound.
func (v *Messages) Of(ctx context.Context, user, id string) (Message, error) {
	m, err := scan(v.db.QueryRow(ctx, `SELECT `+columns+` FROM voicemail WHERE id = $1 AND box IN (`+itsBoxes+`)`, id, user))
	return m, store.Found(err)
}

// Delete removes one of a user's messages, for all whose box it is in; ErrNotFound. Its content goes with the next
// sweep.
func (v *Messages) Delete(ctx context.Context, user, id string) error {
	m, err := v.Of(ctx, user, id)
	if err != nil {
		return err
	}
	err = v.db.Tx(ctx, func(tx *store.Tx) error {
		_, dropped := tx.Exec(ctx, `INSERT INTO mail_dropped (blob, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, m.blob,
			store.Micros(time.Now()))
		_, err := tx.Exec(ctx, `DELETE FROM voicemail WHERE id = $1`, id)
		return errors.Join(dropped, err)
	})
	if err == nil {
		v.changed(m.Box)
	}
	return err
}

// Prompt and the id of a message are what is said to who hears it on a phone.
const Prompt = "voicemail/"

// longest is more than any box allows.
const longest = time.Hour

// Sound is that of a message (media.Rate, mono).
func (v *Messages) Sound(ctx context.Context, id string) ([]int16, error) {
	m, err := v.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	file, err := v.File(ctx, m)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	wav, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return audio.Decode(wav, longest)
}

// itsBoxes are the boxes of a user ($2): each has its users as a JSON list of their ids.
const itsBoxes = `SELECT b.id FROM voicemail_box b WHERE b.users LIKE '%"' || $2 || '"%'`

// File opens the sound of a message, a WAV file.
func (v *Messages) File(ctx context.Context, m Message) (io.ReadSeekCloser, error) {
	return v.blobs.Open(ctx, m.blob)
}

// Uses tells whether a content is that of a message.
func (v *Messages) Uses(ctx context.Context, blob string) (bool, error) {
	var n int
	err := v.db.QueryRow(ctx, `SELECT count(*) FROM voicemail WHERE blob = $1`, blob).Scan(&n)
	return n > 0, err
}
