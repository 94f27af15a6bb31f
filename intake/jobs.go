package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/queue"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
)

// Handle registers what intake does when a call has ended or a mail is stored. Call it before jobs run.
func (in *Intake) Handle(jobs *store.Jobs) {
	jobs.HandleTogether("intake.call", callsTogether, in.callsEnded)
	jobs.Handle(queue.Job, 1, in.callbackFailed)
	jobs.Handle(voicemail.Job, 1, in.voicemailLeft)
	jobs.Handle(bin.ForgottenJob, 1, in.personForgotten)
	jobs.HandleTogether(mail.IntakeJob, mailTogether, in.messagesStored)
}

// callsTogether is how many calls the CRM is told together that they ended.
const callsTogether = 16

// callsEnded are the jobs that close the touches of calls; they come from the transactions that closed their records.
// Those of calls with clients are closed together, in the transaction that does away with their jobs.
func (in *Intake) callsEnded(ctx context.Context, jobs []store.Job) []error {
	errs := make([]error, len(jobs))
	var calls []endedCall
	records := in.recordsOf(ctx, jobs, errs)
	for i := range jobs {
		switch record := records[i]; record.Direction {
		case "in", "out":
			calls = append(calls, endedCall{i, jobs[i], record})
		case "meeting":
			errs[i] = in.meetingEnded(ctx, record)
		} // colleagues among themselves are no touch of a client
	}
	in.clientCalls(ctx, calls, errs)
	return errs
}

// recordsOf are the calls that jobs are about, by their places; where there is none errs says why.
func (in *Intake) recordsOf(ctx context.Context, jobs []store.Job, errs []error) map[int]ledger.Record {
	var calls []string
	var at []int
	records := map[int]ledger.Record{}
	for i, job := range jobs {
		if known, ok := job.Known.(ledger.Record); ok {
			records[i] = known
			continue
		}
		var payload struct{ Call string }
		if err := json.Unmarshal(job.Payload, &payload); err != nil {
			errs[i] = fmt.Errorf("%w: %w", err, store.ErrDead)
			continue
		}
		calls, at = append(calls, payload.Call), append(at, i)
	}
	if len(calls) == 0 {
		return records
	}
	found, err := in.calls.Records(ctx, calls)
	for n, call := range calls {
		i, place := at[n], slices.IndexFunc(found, func(r ledger.Record) bool { return r.ID == call })
		switch {
		case err == nil && place >= 0:
			records[i] = found[place]
		default:
			errs[i] = fmt.Errorf("call %s: %w", call, cmp.Or(err, ledger.ErrNotFound))
		}
	}
	return records
}

// callbackFailed leaves a task of whom a queue was to call back, and could not.
func (in *Intake) callbackFailed(ctx context.Context, job store.Job) error {
	errs := make([]error, 1)
	record, found := in.recordsOf(ctx, []store.Job{job}, errs)[0]
	if !found {
		return errs[0]
	}
	touch, err := in.callTouch(ctx, record, timeline.Ended)
	if err != nil {
		return err
	}
	return in.core.Owes(ctx, touch, func(tx *store.Tx) error { return job.Done(ctx, tx) })
}
