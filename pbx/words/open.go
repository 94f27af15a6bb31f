package words

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"frontdesk/pbx/recording"
	"frontdesk/store"
)

// New opens the words of recordings.
func New(c Config, db *store.DB, recordings *recording.Recordings, log *slog.Logger) *Words {
	c.Agent, c.Wait = cmp.Or(c.Agent, "Frontdesk"), cmp.Or(c.Wait, 2*time.Minute)
	if c.Again == nil {
		c.Again = func(attempts int) time.Time { return time.Now().Add(store.Backoff(attempts)) }
	}
	return &Words{config: c, db: db, recordings: recordings, log: log, secure: c.client(false), plain: c.client(true)}
}

// Handle registers what is done after a recording is finished.
func (w *Words) Handle(jobs *store.Jobs) {
	jobs.Handle(writeJob, 1, w.write)
	jobs.Handle(sumJob, 1, w.sum)
	jobs.Handle(oldJob, 1, w.old)
}

// Close ends the connections that wait for another question.
func (w *Words) Close() {
	w.secure.CloseIdleConnections()
	w.plain.CloseIdleConnections()
}

// Of is the transcript of a recording that a reader may hear. That he reads it is written down, as if he listened.
// recording.ErrNotFound: there is none for him.
func (w *Words) Of(ctx context.Context, reader recording.Reader, id string) (t Transcript, err error) {
	if _, err := w.recordings.Listen(ctx, reader, id); err != nil {
		return t, err
	}
	return w.transcript(ctx, id)
}
