package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// maxHanded is how many jobs of a kind, that are ours from their insertion on, may wait for a worker here: others are
// added as any job, for whichever node has time.
const maxHanded = 64

// handed are jobs that wait for a worker of this process, which has their leases.
type handed struct {
	mu      sync.Mutex
	open    bool // somebody takes them
	waiting []claimed
	came    chan struct{}
}

func newHanded() handed { return handed{came: make(chan struct{}, 1)} }

func (h *handed) room() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open && len(h.waiting) < maxHanded
}

// put adds a job; false when nobody takes jobs any more.
func (h *handed) put(job claimed) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open {
		return false
	}
	h.waiting = append(h.waiting, job)
	select {
	case h.came <- struct{}{}:
	default:
	}
	return true
}

// take takes up to n of those that have waited longest.
func (h *handed) take(n int) (jobs []claimed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n = min(n, len(h.waiting))
	jobs, h.waiting = h.waiting[:n:n], h.waiting[n:]
	return jobs
}

func (h *handed) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
}

// close returns those that nobody takes any more.
func (h *handed) close() (rest []claimed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rest, h.open, h.waiting = h.waiting, false, nil
	return rest
}

// Hand is the statement that adds a job which this process runs itself, as soon as it hears by run that the statement
// is committed: nobody has to look for the job. While too many wait here, and where a kind has no handler here, it is a
// job like any other. Should this process die, it is one again. On a nil *Jobs it is Enqueuing.
func (j *Jobs) Hand(kind string, payload any, o JobOptions) (add Statement, run func(), err error) {
	if j == nil || j.work[kind] == nil || !j.work[kind].handed.room() {
		add, err = Enqueuing(kind, payload, o)
		return add, func() {}, err
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return add, nil, fmt.Errorf("job %s: %w", kind, err)
	}
	now := time.Now()
	job := claimed{Job: Job{ID: NewID(), Kind: kind, Payload: body, Created: now, Attempts: 1,
		lease: j.holder + "/" + NewID(), over: new(atomic.Bool)}}
	return o.adding(job, now.Add(lease)), func() { j.runs(job) }, nil
}

// runs takes a job that was committed.
func (j *Jobs) runs(job claimed) {
	if !j.work[job.Kind].handed.put(job) {
		j.putBack(context.Background(), []claimed{job})
	}
}

// putBack leaves jobs that were not begun to whoever has time.
func (j *Jobs) putBack(ctx context.Context, jobs []claimed) {
	var all []Statement
	for _, job := range jobs {
		all = append(all, Statement{Query: `UPDATE job SET state = 'ready', attempts = 0, lease = '', lease_until = 0 WHERE id = $1 AND lease = $2`,
			Args: []any{job.ID, job.lease}})
	}
	if len(all) == 0 {
		return
	}
	if err := j.db.Tx(ctx, func(tx *Tx) error { return tx.ExecAll(ctx, all) }); err != nil {
		j.log.Error("jobs not put back: another node runs them a little later", "jobs", len(all), "err", err)
	}
}
