package toll

import (
	"context"
	"time"

	"frontdesk/store"
)

// Stop is a payer whose calls outside are refused until an administrator allows them again.
type Stop struct {
	Payer string    `json:"payer" doc:"Id of the user, or of the connected PBX's trunk"`
	Since time.Time `json:"since"`
	Why   Reason    `json:"why" doc:"abroad: unusually many calls to other countries; otherwise the limit that was exceeded again and again: together, per_minute, minutes or spend"`
}

// StoppedEvent is the type of the event that tells of a Stop, for the user and for administrators.
const StoppedEvent = "calls.stopped"

// stop refuses a payer's calls from now on, and tells.
func (t *Tolls) stop(ctx context.Context, tx *store.Tx, payer string, why Reason) error {
	s := Stop{Payer: payer, Since: time.Now().UTC(), Why: why}
	t.config.Log.Error("calls outside stopped", "payer", payer, "why", why)
	if err := tx.Later(ctx, store.Statement{Query: `UPDATE toll_payer SET stopped_at = $2, why = $3 WHERE id = $1`,
		Args: []any{payer, store.Micros(s.Since), string(why)}}); err != nil {
		return err
	}
	return tx.Tell(ctx, store.Event{Type: StoppedEvent, Key: payer, Data: s, For: []string{payer}})
}

// Stops are those whose calls are stopped, the latest first.
func (t *Tolls) Stops(ctx context.Context) ([]Stop, error) {
	rows, err := t.db.Query(ctx, `SELECT id, stopped_at, why FROM toll_payer WHERE stopped_at > 0 ORDER BY stopped_at DESC`)
	return store.Collect(rows, err, func(row store.Row) (s Stop, err error) {
		var since int64
		err = row.Scan(&s.Payer, &since, &s.Why)
		s.Since = store.Time(since)
		return s, err
	})
}

// Allow lets a payer call outside again; what was refused before counts no more. ErrNotFound: his calls are not
// stopped.
func (t *Tolls) Allow(ctx context.Context, payer string) error {
	return t.db.Tx(ctx, func(tx *store.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE toll_payer SET stopped_at = 0, why = '' WHERE id = $1 AND stopped_at > 0`, payer)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return store.ErrNotFound
		}
		_, err = tx.Exec(ctx, `DELETE FROM toll_call WHERE payer = $1 AND refused <> ''`, payer)
		return err
	})
}

// kept is how long calls are kept after they count no more.
const kept = 60 * 24 * time.Hour

// Forget deletes what counts no more.
func (t *Tolls) Forget(ctx context.Context) error {
	_, err := t.db.Exec(ctx, `DELETE FROM toll_call WHERE begun_at < $1`, store.Micros(time.Now().Add(-kept)))
	return err
}
