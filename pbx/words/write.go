package words

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/pbx/recording"
	"frontdesk/store"
)

// Kinds of jobs.
const (
	writeJob = "recording.words"
	sumJob   = "recording.summary"
)

const (
	// maxAttempts at what does not work: some nine hours.
	maxAttempts = 20
	// tries of one piece before the attempt is over; what was heard before stays.
	tries = 3
)

type about struct {
	Recording string `json:"recording"`
}

// Kept has what was said in a recording written down, where somebody does that; see recording.Recordings.Follow.
func (w *Words) Kept(ctx context.Context, tx *store.Tx, r recording.Recording) error {
	s, err := w.Settings(ctx)
	if err != nil || s.Recogniser.URL == "" {
		return err
	}
	return begin(ctx, tx, r.ID)
}

// Again has a recording that a reader may hear written down anew. recording.ErrNotFound: there is none for him, or
// nobody who writes it down.
func (w *Words) Again(ctx context.Context, reader recording.Reader, id string) error {
	s, err := w.Settings(ctx)
	if err == nil && s.Recogniser.URL == "" {
		err = recording.ErrNotFound
	}
	if err == nil {
		_, err = w.recordings.Listen(ctx, reader, id)
	}
	if err != nil {
		return err
	}
	return w.db.Tx(ctx, func(tx *store.Tx) error { return begin(ctx, tx, id) })
}

// begin leaves the job. What was written of the recording before goes.
func begin(ctx context.Context, tx *store.Tx, id string) error {
	for _, table := range []string{"transcript_word", "transcript_line", "transcript"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE recording = $1`, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO transcript (recording, state, spans, error, summary, steps)
		VALUES ($1, $2, 0, '', '', '[]')`, id, Waiting); err != nil {
		return err
	}
	return store.Enqueue(ctx, tx, writeJob, about{id}, store.JobOptions{Dedupe: id, MaxAttempts: maxAttempts})
}

// write is the job: it has the recording recognised, from where an attempt before came to.
func (w *Words) write(ctx context.Context, job store.Job) error {
	var a about
	if err := json.Unmarshal(job.Payload, &a); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	s, err := w.Settings(ctx)
	if err != nil {
		return err
	}
	if s.Recogniser.URL == "" { // switched off meanwhile
		_, err := w.db.Exec(ctx, `DELETE FROM transcript WHERE recording = $1 AND state = $2`, a.Recording, Waiting)
		return err
	}
	r, file, err := w.recordings.Sound(ctx, a.Recording)
	if errors.Is(err, recording.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	done, err := w.spans(ctx, r.ID)
	if err != nil {
		return err
	}
	at := 0
	err = cut(file, func(one span) error {
		if at++; at <= done {
			return nil
		}
		return w.take(ctx, s, r.ID, at, one)
	})
	if err != nil {
		return w.failed(ctx, job, r.ID, err)
	}
	return w.finish(ctx, job, s, r)
}

// spans are how many pieces are written already.
func (w *Words) spans(ctx context.Context, id string) (n int, err error) {
	err = w.db.QueryRow(ctx, `SELECT spans FROM transcript WHERE recording = $1`, id).Scan(&n)
	return n, store.Found(err)
}

// take has a piece recognised, and keeps what was said.
func (w *Words) take(ctx context.Context, s Settings, id string, at int, one span) error {
	text, err := w.insist(ctx, s, one)
	if err != nil {
		return err
	}
	return w.db.Tx(ctx, func(tx *store.Tx) error {
		if text != "" {
			if _, err := tx.Exec(ctx, `INSERT INTO transcript_line (recording, span, channel, begins, ends, text)
				VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, id, at, one.channel, one.begins.Milliseconds(),
				one.ends.Milliseconds(), text); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE transcript SET spans = $2, error = '' WHERE recording = $1`, id, at)
		return err
	})
}

// insist asks for a piece a few times: a long call is not lost for one answer.
func (w *Words) insist(ctx context.Context, s Settings, one span) (text string, err error) {
	for try := 1; ; try++ {
		text, err = w.hear(ctx, s, one.pcm, one.rate)
		if err == nil || try == tries || hopeless(err) {
			return text, err
		}
		select {
		case <-time.After(time.Until(w.config.Again(try))):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// failed notes why an attempt came to nothing; it is made again unless it is hopeless.
func (w *Words) failed(ctx context.Context, job store.Job, id string, why error) error {
	if ctx.Err() != nil {
		return why // this process ends, or another has the job
	}
	state := Waiting
	if hopeless(why) || job.Attempts >= maxAttempts {
		state = Failed
	}
	_, err := w.db.Exec(ctx, `UPDATE transcript SET state = CASE WHEN state = 'done' THEN state ELSE $2 END, error = $3 WHERE recording = $1`,
		id, state, clip(why.Error(), maxTrouble))
	if err != nil {
		return err
	}
	w.log.Warn("what was said in a recording is not written down yet", "recording", id, "attempt", job.Attempts,
		"err", why)
	if state == Failed {
		return fmt.Errorf("%w: %w", why, store.ErrDead)
	}
	return &store.RetryAt{At: w.config.Again(job.Attempts), Err: why}
}

// finish makes the words findable, and has them summed up where somebody does that.
func (w *Words) finish(ctx context.Context, job store.Job, s Settings, r recording.Recording) error {
	return w.db.Tx(ctx, func(tx *store.Tx) error {
		lines, err := readLines(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if err := w.index(ctx, tx, r, lines); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE transcript SET state = $2, error = '' WHERE recording = $1`, r.ID, Done); err != nil {
			return err
		}
		if s.Summariser.URL != "" && len(lines) > 0 {
			if err := store.Enqueue(ctx, tx, sumJob, about{r.ID},
				store.JobOptions{MaxAttempts: maxAttempts}); err != nil {
				return err
			}
		}
		return job.Done(ctx, tx)
	})
}
