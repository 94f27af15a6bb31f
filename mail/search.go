package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/mail/mime/coding"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// SearchJob is the kind of the job that makes searches find older mail by its text and the names of its files, and mail
// programs list it without opening it: versions before did not store those with it.
const SearchJob = "mail.search"

// filled says how far that is.
type filled struct {
	After   string `json:"after,omitempty"` // id of the last message that is done
	Seen    int    `json:"seen,omitempty"`
	Changed int    `json:"changed,omitempty"`
	Again   bool   `json:"again,omitempty"` // once more a day later: an older version may run beside this one
}

const (
	fillBatch   = 50
	fillBatches = 20 // in one job
)

// FillSearch does a piece of that work at low priority, and leaves the next one to another job. What was done twice is
// done right.
func (b *Box) FillSearch(ctx context.Context, job store.Job) error {
	var done filled
	if err := json.Unmarshal(job.Payload, &done); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	ctx = store.As(ctx, store.Reports, "")
	more := true
	for i := 0; i < fillBatches && more; i++ {
		began := time.Now()
		var err error
		if more, err = b.fillBatch(ctx, &done); err != nil {
			return &store.RetryAt{At: time.Now().Add(time.Minute), Err: err}
		}
		if err := rest(ctx, time.Since(began)); err != nil {
			return err
		}
	}
	return b.fillOn(ctx, done, more)
}

// rest leaves the machine to others for as long as the work took.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fillOn tells how far the work is and enqueues the rest of it.
func (b *Box) fillOn(ctx context.Context, done filled, more bool) error {
	next, options := done, store.JobOptions{Dedupe: "next"}
	if more {
		b.log.Info("searches get to know older mail", "messages", done.Seen, "changed", done.Changed)
		return store.Enqueue(ctx, b.db, SearchJob, next, options)
	}
	b.log.Info("searches know all older mail", "messages", done.Seen, "changed", done.Changed)
	if !done.Again {
		return nil
	}
	options.At = time.Now().Add(24 * time.Hour)
	return store.Enqueue(ctx, b.db, SearchJob, filled{}, options)
}

// unsearched is a message and what searches know of it.
type unsearched struct{ id, blob, search, files string }

// fillBatch does some messages; more is false when there are none behind them.
func (b *Box) fillBatch(ctx context.Context, done *filled) (more bool, err error) {
	rows, err := b.db.Query(ctx, `SELECT id, blob, search, files FROM mail_message WHERE id > $1 ORDER BY id LIMIT $2`,
		done.After, fillBatch)
	list, err := store.Collect(rows, err, func(r store.Row) (m unsearched, err error) {
		return m, r.Scan(&m.id, &m.blob, &m.search, &m.files)
	})
	if err != nil {
		return false, err
	}
	for _, m := range list {
		outcome, err := b.fill(ctx, m)
		if err != nil {
			return false, err
		}
		b.metrics.filled.WithLabelValues(outcome).Inc()
		done.After = m.id
		done.Seen++
		done.Changed += count(outcome == "changed")
	}
	return len(list) == fillBatch, nil
}

// fill writes what searches are to know of one message. One whose content can't be read stays as it is.
func (b *Box) fill(ctx context.Context, m unsearched) (outcome string, err error) {
	parsed, err := b.Parse(ctx, m.blob)
	switch {
	case errors.Is(err, blob.ErrAway) || err != nil && ctx.Err() != nil:
		return "", err
	case err != nil:
		b.log.Warn("a mail's content can't be read, searches find it by its subject only", "msg", m.id, "err", err)
		return "unreadable", nil
	}
	for _, s := range keepHead(m.blob, parsed) {
		if _, err := b.db.Exec(ctx, s.Query, s.Args...); err != nil {
			return "", err
		}
	}
	search := searchText(parsed.Author(), parsed, coding.Clean(parsed.Subject, 1000), coding.Clean(parsed.Snippet, 500))
	files := fileNames(parsed)
	if search == m.search && files == m.files {
		return "same", nil
	}
	// One message a transaction: whoever changes several of a mailbox waits for none of them. A draft that was saved
	// meanwhile has another content.
	_, err = b.db.Exec(ctx, `UPDATE mail_message SET search = $1, files = $2, indexed = $3 WHERE id = $4 AND blob = $5`, search, files,
		false, m.id, m.blob)
	return "changed", err
}
