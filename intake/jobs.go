package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/mail"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// Handle registers what intake does when a call has ended or a mail is stored. Call it before jobs run.
func (in *Intake) Handle(jobs *store.Jobs) {
	jobs.HandleTogether("intake.call", callsTogether, in.callsEnded)
	jobs.HandleTogether(mail.IntakeJob, mailTogether, in.messagesStored)
}

// callsTogether is how many calls the CRM is told together that they ended.
const callsTogether = 16

// callsEnded are the jobs that close the touches of calls; they come from the transactions that closed their records.
// Those of calls with clients are closed together, in the transaction that does away with their jobs.
func (in *Intake) callsEnded(ctx context.Context, jobs []store.Job) []error {
	errs := make([]error, len(jobs))
	var calls []endedCall
	for i, job := range jobs {
		record, err := in.recordOf(ctx, job)
		switch {
		case err != nil:
			errs[i] = err
		case record.Direction == "in" || record.Direction == "out":
			calls = append(calls, endedCall{i, job, record})
		case record.Direction == "meeting":
			errs[i] = in.meetingEnded(ctx, record)
		} // colleagues among themselves are no touch of a client
	}
	in.clientCalls(ctx, calls, errs)
	return errs
}

func (in *Intake) recordOf(ctx context.Context, job store.Job) (r ledger.Record, err error) {
	var payload struct{ Call string }
	if err := json.Unmarshal(job.Payload, &payload); err != nil {
		return r, fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	if r, err = in.calls.Record(ctx, payload.Call); err != nil {
		err = fmt.Errorf("call %s: %w", payload.Call, err)
	}
	return r, err
}
