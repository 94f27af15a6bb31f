package mail

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// The node that a mail came to tells the CRM of it itself: no other looks for the job, not even while it is busy.
func TestJobsAreHandedOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "here/1"}, slog.New(slog.DiscardHandler))
		came, busy := make(chan Intake, 10), make(chan struct{})
		jobs.Handle(IntakeJob, 1, func(_ context.Context, job store.Job) error {
			var in Intake
			err := json.Unmarshal(job.Payload, &in)
			came <- in
			<-busy
			return err
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); jobs.Run(ctx) }()
		o.Box = New(Config{Jobs: jobs}, db, o.blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		first := o.receive(hello, Verdict{}, o.ana)
		if in := <-came; in.Message != first[0].ID {
			t.Errorf("told of %+v", in)
		}
		second := o.receive(hello, Verdict{}, o.ana)
		var taken int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM job WHERE kind = $1 AND state = 'leased' AND lease LIKE 'here/1/%'`,
			IntakeJob).Scan(&taken); err != nil || taken != 2 {
			t.Errorf("%d of 2 jobs are this node's (%v)", taken, err)
		}
		close(busy)
		if in := <-came; in.Message != second[0].ID || in.Telling == nil {
			t.Errorf("told of %+v", in)
		}
		stop()
		<-done
		if o.jobs() != 0 {
			t.Errorf("%d jobs are left", o.jobs())
		}
	})
}
