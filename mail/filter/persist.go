package filter

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"frontdesk/store"
)

const (
	modelName = "company/2" // with words
	olderName = "company"   // 4-grams alone; nodes of older versions go on with it
	fraction  = 8192        // weights are kept as 16-bit fixed point: steps of 1/8192, from -4 to 4
	manySeen  = 1000        // assumed lessons that are worth a save by themselves
)

// The company has one model, and every node a copy that learns. What a node learned since it last met the company's is
// added to that: weights are sums of small steps, so it matters little in which order nodes add theirs. Nothing is lost
// and nothing added twice: a node writes over exactly the version that its copy begins with, or reads the newer one
// first.

// Notify hints that another node has saved what it learned.
func (f *Filter) Notify() { f.hurry() }

func (f *Filter) hurry() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// keepShared adds what people taught to the company's model at once, and what was assumed once there is much of it; and
// it takes over what other nodes learned.
func (f *Filter) keepShared(ctx context.Context) {
	defer close(f.done)
	tick := time.NewTicker(f.config.Save)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.wake:
		}
		if err := f.share(ctx, f.model.due()); err != nil && ctx.Err() == nil {
			f.log.Error("share what the junk filter learned", "err", err)
		}
		select { // many lessons in a row are one
		case <-ctx.Done():
			return
		case <-time.After(f.config.Gather):
		}
	}
}

func (m *model) due() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.taught > 0 || m.assumed >= manySeen
}

// share takes over what others learned and, when give is set, adds what was learned here.
func (f *Filter) share(ctx context.Context, give bool) error {
	for {
		if err := f.take(ctx); err != nil || !give {
			return err
		}
		given, err := f.give(ctx)
		if err != nil || given {
			return err
		}
	}
}

// take reads the company's model if it is another than the copy here begins with; without one the copy begins with what
// an older version learned, and without that with nothing.
func (f *Filter) take(ctx context.Context) error {
	var name string
	var version int64
	err := f.db.QueryRow(ctx, `SELECT name, saved_at FROM mail_filter WHERE name IN ($1, $2) ORDER BY length(name) DESC LIMIT 1`,
		modelName, olderName).Scan(&name, &version)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil || version == f.version {
		return wrap(err)
	}
	s, packed := newState(f.config.bits), ""
	row := f.db.QueryRow(ctx, `SELECT junk, clean, weights, saved_at FROM mail_filter WHERE name = $1`, name)
	if err := row.Scan(&s.junk, &s.clean, &packed, &version); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return wrap(err)
	} else if err == nil {
		if err := s.unpack(packed, name); err != nil {
			return fmt.Errorf("junk filter: the saved model %q can't be read, delete its row of mail_filter to start "+
				"anew: %w", name, err)
		}
	}
	f.model.adopt(s)
	f.version = version
	return nil
}

// unpack reads saved weights. Those of an older version are of 4-grams alone and count double, so that they say on what
// they said, until words have learned as well.
func (s state) unpack(packed, name string) error {
	if name == modelName {
		return unpack(packed, s.weights)
	}
	grams := s.weights[:len(s.weights)/2]
	err := unpack(packed, grams)
	for i := range grams {
		grams[i] *= 2
	}
	return err
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("junk filter: %w", err)
	}
	return nil
}

// give writes the copy over the version it begins with; false when another node has written meanwhile.
func (f *Filter) give(ctx context.Context) (bool, error) {
	s, changes := f.model.snapshot()
	if changes == 0 {
		return true, nil
	}
	packed := pack(s.weights)
	version := max(store.Micros(time.Now()), f.version+1)
	result, err := f.db.Exec(ctx, `INSERT INTO mail_filter (name, junk, clean, weights, saved_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name) DO UPDATE SET junk = excluded.junk, clean = excluded.clean, weights = excluded.weights, saved_at = excluded.saved_at
		WHERE mail_filter.saved_at = $6`, modelName, s.junk, s.clean, packed, version, f.version)
	var n int64
	if err == nil {
		n, err = result.RowsAffected()
	}
	if err != nil || n == 0 {
		f.model.unsaved(changes)
		return false, wrap(err)
	}
	if err := unpack(packed, s.weights); err != nil { // as the others read it
		return true, wrap(err)
	}
	f.model.shared(s)
	f.version = version
	if f.config.Learned != nil {
		f.config.Learned()
	}
	return true, nil
}

// adopt changes the company's part for a newer one.
func (m *model) adopt(s state) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, w := range s.weights {
		m.weights[i] += w - m.company.weights[i]
	}
	m.junk += s.junk - m.company.junk
	m.clean += s.clean - m.company.clean
	m.company = s
}

// shared notes what the company's part is now. What a save rounds off stays to be shared.
func (m *model) shared(s state) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.company = s
}

func (m *model) snapshot() (s state, changes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if changes = m.taught + m.assumed; changes == 0 {
		return s, 0
	}
	m.taught, m.assumed = 0, 0
	return state{slices.Clone(m.weights), m.junk, m.clean}, changes
}

// unsaved makes the next save due again.
func (m *model) unsaved(changes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taught += changes
}

// pack writes weights as text: fixed point, deflated, base64 (one text for both databases).
func pack(weights []float32) string {
	fixed := make([]byte, 0, 2*len(weights))
	for _, w := range weights {
		scaled := min(max(math.Round(float64(w)*fraction), math.MinInt16), math.MaxInt16)
		fixed = binary.LittleEndian.AppendUint16(fixed, uint16(int16(scaled)))
	}
	var deflated bytes.Buffer
	w, _ := flate.NewWriter(&deflated, flate.BestSpeed) // fails only for a wrong level
	w.Write(fixed)                                      // a bytes.Buffer takes everything
	w.Close()
	return base64.StdEncoding.EncodeToString(deflated.Bytes())
}

func unpack(packed string, weights []float32) error {
	deflated, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return err
	}
	fixed := make([]byte, 2*len(weights))
	if _, err := io.ReadFull(flate.NewReader(bytes.NewReader(deflated)), fixed); err != nil {
		return err
	}
	for i := range weights {
		weights[i] = float32(int16(binary.LittleEndian.Uint16(fixed[2*i:]))) / fraction
	}
	return nil
}
