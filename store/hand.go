package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"
)

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
	job := claimed{Job: Job{ID: NewID(), Kind: kind, Payload: body, Created: now, Attempts: 1, Known: o.Known,
		lease: j.holder + "/" + NewID(), over: new(atomic.Bool)}}
	return o.adding(job, now.Add(lease)), func() { j.runs(job) }, nil
}

// runs takes a job that was committed.
func (j *Jobs) runs(job claimed) {
	if !j.work[job.Kind].handed.put(job) {
		j.putBack(context.Background(), []claimed{job})
	}
}
