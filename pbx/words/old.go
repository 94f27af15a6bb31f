package words

import (
	"context"

	"frontdesk/store"
	"frontdesk/store/query"
)

// oldJob has what was recorded before somebody wrote it down written down, too.
const oldJob = "recording.words.old"

// ahead is how many of the old recordings wait at once: new ones don't wait behind all of them.
const ahead = 4

// Old tells how far the old recordings are.
type Old struct {
	Running bool `json:"running" doc:"They are being written down"`
	Without int  `json:"without" doc:"Recordings of which nothing is written down"`
	Waiting int  `json:"waiting"`
	Done    int  `json:"done"`
	Failed  int  `json:"failed"`
}

// WriteOld has all recordings written down that have no words yet, the latest first, beside those that are made
// meanwhile, until none is left or StopOld. ErrOff: nobody does that.
func (w *Words) WriteOld(ctx context.Context) error {
	s, err := w.Settings(ctx)
	if err == nil && s.Recogniser.URL == "" {
		err = ErrOff
	}
	if err != nil {
		return err
	}
	return w.nextOld(ctx, w.db, store.JobOptions{})
}

func (w *Words) nextOld(ctx context.Context, db store.Queries, o store.JobOptions) error {
	o.Dedupe, o.MaxAttempts = oldJob, maxAttempts
	return store.Enqueue(ctx, db, oldJob, struct{}{}, o)
}

// StopOld ends that; those that wait already are still written.
func (w *Words) StopOld(ctx context.Context) error {
	_, err := w.db.Exec(ctx, `DELETE FROM job WHERE kind = $1`, oldJob)
	return err
}

// OldOnes tells how far they are.
func (w *Words) OldOnes(ctx context.Context) (o Old, err error) {
	var jobs int
	err = w.db.QueryRow(ctx, `SELECT COUNT(*) FROM job WHERE kind = $1 AND state <> 'dead'`, oldJob).Scan(&jobs)
	if err != nil {
		return o, err
	}
	o.Running = jobs > 0
	_, err = query.All(ctx, w.db, func(r store.Row) (n int, err error) {
		var state string
		err = r.Scan(&state, &n)
		switch state {
		case Waiting:
			o.Waiting = n
		case Done:
			o.Done = n
		case Failed:
			o.Failed = n
		default:
			o.Without = n
		}
		return n, err
	}, query.New(`SELECT COALESCE(t.state, ''), COUNT(*) FROM recording r LEFT JOIN transcript t ON t.recording = r.id
		GROUP BY COALESCE(t.state, '')`))
	return o, err
}

// old is the job: it lets some more of them wait to be written, and leaves itself for the next ones.
func (w *Words) old(ctx context.Context, job store.Job) error {
	s, err := w.Settings(ctx)
	if err != nil || s.Recogniser.URL == "" { // switched off meanwhile
		return err
	}
	return w.db.Tx(ctx, func(tx *store.Tx) error {
		var waiting int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM transcript WHERE state = $1`, Waiting).Scan(&waiting); err != nil {
			return err
		}
		if waiting < ahead {
			ids, err := query.All(ctx, tx, query.Text, query.New(`SELECT r.id FROM recording r
				WHERE NOT EXISTS (SELECT 1 FROM transcript t WHERE t.recording = r.id) ORDER BY r.at DESC LIMIT ?`,
				ahead-waiting))
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := begin(ctx, tx, id); err != nil {
					return err
				}
			}
			if len(ids) == 0 {
				return job.Done(ctx, tx)
			}
		}
		if err := job.Done(ctx, tx); err != nil {
			return err
		}
		return w.nextOld(ctx, tx, store.JobOptions{At: w.config.Again(1)})
	})
}
