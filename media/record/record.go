// Package record writes down what is said in calls. A Recorder keeps a file for each recording, its Tape, in a folder
// of this machine, and writes to it as the sound comes: what was said until a process dies is in its file, and the
// next one finishes it. A finished tape becomes one sound of several channels (Sound).
//
// Its files read in one direction: tape.go takes packets, file.go is their form on disk, sound.go lays them on one time
// line, wav.go makes a file of that which browsers play, record.go drives them.
package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	writeEvery = 200 * time.Millisecond // so much is lost when a process is killed
	suffix     = ".tape"
)

// retryEvery is how long a tape that could not be finished waits.
const retryEvery = time.Minute

// Finish does what a recording was made for, once it is over; what fails is tried again later. It is given the sound
// and what was said about it at the beginning.
type Finish func(ctx context.Context, about json.RawMessage, sound *Sound) error

// Recorder writes the tapes of this process. It is safe for concurrent use.
type Recorder struct {
	dir     string
	log     *slog.Logger
	metrics *metrics

	mu      sync.Mutex
	tapes   []*Tape
	kinds   map[string]Finish
	waiting []string // files to be finished

	ready  chan struct{} // something waits to be finished
	ctx    context.Context
	cancel context.CancelFunc
	loops  sync.WaitGroup
}

// Open makes the folder where there is none; it is this process's alone. Handle says what becomes of tapes, Run begins
// with those that an earlier process left behind.
func Open(dir string, log *slog.Logger, reg prometheus.Registerer) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	r := &Recorder{dir: dir, log: log, metrics: newMetrics(reg), kinds: map[string]Finish{},
		ready: make(chan struct{}, 1)}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.loops.Go(r.writes)
	return r, nil
}

// Handle says what finishes recordings of a kind. It is called before Run.
func (r *Recorder) Handle(kind string, finish Finish) { r.kinds[kind] = finish }

// Run finishes tapes, one after the other, until ctx ends.
func (r *Recorder) Run(ctx context.Context) {
	left, err := filepath.Glob(filepath.Join(r.dir, "*"+suffix))
	if err != nil {
		r.log.Error("recordings that an earlier process left behind are not looked for", "err", err)
	}
	for _, file := range left {
		if !r.isOpen(file) {
			r.finished(file)
		}
	}
	for {
		select {
		case <-r.ready:
		case <-time.After(retryEvery):
		case <-ctx.Done():
			return
		}
		r.finishAll(ctx)
	}
}

// Close ends all tapes; what is not finished the next process finishes.
func (r *Recorder) Close() {
	r.cancel()
	r.loops.Wait()
}

// Begin starts a recording of a kind. About is anything that JSON can say, for who finishes it. It does not wait for
// the disk.
func (r *Recorder) Begin(kind, id string, about any) (*Tape, error) {
	told, err := json.Marshal(about)
	if err != nil {
		return nil, err
	}
	t := &Tape{path: filepath.Join(r.dir, id+suffix), begun: time.Now(), dropped: r.metrics.dropped.Add}
	if err := t.head(header{Kind: kind, At: t.begun, About: told}); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return nil, errors.New("the recorder is closed")
	}
	r.tapes = append(r.tapes, t)
	return t, nil
}

func (r *Recorder) isOpen(file string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.tapes, func(t *Tape) bool { return t.path == file })
}

// writes brings what came to disk, again and again: one goroutine for all tapes, so none wakes up for a packet.
func (r *Recorder) writes() {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.writeAll(false)
		case <-r.ctx.Done():
			r.writeAll(true)
			return
		}
	}
}

// writeAll writes what every tape has, and lets go of those that have ended.
func (r *Recorder) writeAll(last bool) {
	r.mu.Lock()
	tapes := slices.Clone(r.tapes)
	r.mu.Unlock()
	for _, t := range tapes {
		over, err := t.flush(last)
		if err != nil {
			r.metrics.failed.Inc()
			r.log.Error("a recording breaks off: it can't be written", "file", t.path, "err", err)
		}
		if over || err != nil {
			r.lets(t)
		}
	}
}

// lets go of a tape that is over: it is to be finished.
func (r *Recorder) lets(t *Tape) {
	make := t.close()
	r.mu.Lock()
	r.tapes = slices.DeleteFunc(r.tapes, func(x *Tape) bool { return x == t })
	r.mu.Unlock()
	if make {
		r.finished(t.path)
	}
}

func (r *Recorder) finished(file string) {
	r.mu.Lock()
	r.waiting = append(r.waiting, file)
	r.mu.Unlock()
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// finishAll finishes what waits; what fails waits for the next time.
func (r *Recorder) finishAll(ctx context.Context) {
	r.mu.Lock()
	files := r.waiting
	r.waiting = nil
	r.mu.Unlock()
	for i, file := range files {
		err := r.finish(ctx, file)
		switch {
		case errors.Is(err, errBroken): // for a person to look at
			r.log.Error("a recording can't be read", "file", file, "err", err)
			err = os.Rename(file, strings.TrimSuffix(file, suffix)+".broken")
		case ctx.Err() != nil:
			return // the next process has them
		}
		if err != nil {
			r.log.Error("a recording is not finished: it is tried again", "file", file, "err", err)
			r.mu.Lock()
			r.waiting = append(r.waiting, files[i])
			r.mu.Unlock()
		}
	}
}

func (r *Recorder) finish(ctx context.Context, file string) error {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) { // nothing was written before it broke off
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	head, sound, err := read(f)
	if err != nil {
		return err
	}
	finish := r.kinds[head.Kind]
	if finish == nil {
		return fmt.Errorf("%w: nothing finishes a %q", errBroken, head.Kind)
	}
	if err := finish(ctx, head.About, sound); err != nil {
		return err
	}
	return os.Remove(file)
}
