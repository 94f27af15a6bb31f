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
	modelName = "company"
	fraction  = 8192 // weights are kept as 16-bit fixed point: steps of 1/8192, from -4 to 4
	manySeen  = 1000 // assumed lessons that are worth a save by themselves
)

// loadModel reads the company's model; a company without one starts with a model that knows nothing.
func loadModel(ctx context.Context, db *store.DB) (*model, error) {
	m := newModel()
	var packed string
	row := db.QueryRow(ctx, `SELECT junk, clean, weights FROM mail_filter WHERE name = $1`, modelName)
	if err := row.Scan(&m.junk, &m.clean, &packed); errors.Is(err, sql.ErrNoRows) {
		return m, nil
	} else if err != nil {
		return nil, fmt.Errorf("junk filter: %w", err)
	}
	if err := unpack(packed, m.weights); err != nil {
		return nil, fmt.Errorf("junk filter: the saved model can't be read, delete its row of mail_filter to start anew: %w", err)
	}
	return m, nil
}

// keepSaved saves what people taught soon, and what was assumed once there is much of it.
func (f *Filter) keepSaved(ctx context.Context) {
	defer close(f.done)
	tick := time.NewTicker(f.config.Save)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !f.model.due() {
			continue
		}
		if err := f.save(ctx); err != nil && ctx.Err() == nil {
			f.log.Error("save the junk filter's model", "err", err)
		}
	}
}

func (m *model) due() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.taught > 0 || m.assumed >= manySeen
}

// save writes the model if it changed since the last time.
func (f *Filter) save(ctx context.Context) error {
	junk, clean, weights, changes := f.model.snapshot()
	if changes == 0 {
		return nil
	}
	_, err := f.db.Exec(ctx, `INSERT INTO mail_filter (name, junk, clean, weights, saved_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name) DO UPDATE SET junk = excluded.junk, clean = excluded.clean, weights = excluded.weights, saved_at = excluded.saved_at`,
		modelName, junk, clean, pack(weights), store.Micros(time.Now()))
	if err != nil {
		f.model.unsaved(changes)
	}
	return err
}

func (m *model) snapshot() (junk, clean int64, weights []float32, changes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if changes = m.taught + m.assumed; changes == 0 {
		return 0, 0, nil, 0
	}
	m.taught, m.assumed = 0, 0
	return m.junk, m.clean, slices.Clone(m.weights), changes
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
