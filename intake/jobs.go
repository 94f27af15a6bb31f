package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/mail"
	"frontdesk/store"
)

// Handle registers what intake does when a call has ended or a mail is stored. Call it before jobs run.
func (in *Intake) Handle(jobs *store.Jobs) {
	jobs.Handle("intake.call", 2, in.callEnded)
	jobs.HandleTogether(mail.IntakeJob, mailTogether, in.messagesStored)
}

// callEnded is the job that closes a call's touch; it comes from the transaction that closed the record.
func (in *Intake) callEnded(ctx context.Context, job store.Job) error {
	var payload struct{ Call string }
	if err := json.Unmarshal(job.Payload, &payload); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	record, err := in.calls.Record(ctx, payload.Call)
	if err != nil {
		return fmt.Errorf("call %s: %w", payload.Call, err)
	}
	switch record.Direction {
	case "in", "out":
		return in.clientCall(ctx, record)
	case "meeting":
		return in.meetingEnded(ctx, record)
	}
	return nil // colleagues among themselves are no touch of a client
}
