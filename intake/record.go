package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// clientCalls closes the touches of calls in the transaction that does away with their jobs.
func (in *Intake) clientCalls(ctx context.Context, calls []endedCall, errs []error) {
	var touches []crmcore.Touch
	jobs, told := map[string]store.Job{}, calls[:0]
	for _, c := range calls {
		if r := c.Record; r.Direction == "out" && r.Cause != pbx.CauseUnwanted {
			if errs[c.at] = in.listed(ctx, calling.Call{ID: r.ID, Users: r.Users, Ended: true,
				Answered: !r.Answered.IsZero()}, r.To); errs[c.at] != nil {
				continue
			}
		}
		touch, err := in.callTouch(ctx, c.Record, timeline.Ended)
		if errs[c.at] = err; err == nil {
			touches, told, jobs[touch.Key] = append(touches, touch), append(told, c), c.Job
		}
	}
	cards, failed := in.core.CloseTogether(ctx, touches, func(tx *store.Tx, t crmcore.Touch) error {
		return jobs[t.Key].Done(ctx, tx)
	})
	for i, c := range told {
		if errs[c.at] = failed[i]; failed[i] == nil {
			in.callClosed(c.Record, cards[i])
		}
	}
}

// listed tells the calling lists of a call to a number.
func (in *Intake) listed(ctx context.Context, call calling.Call, number string) error {
	if in.called == nil {
		return nil
	}
	call.Number = in.phone(number, false).Value
	return in.called(ctx, call)
}

// callClosed tells the browsers.
func (in *Intake) callClosed(r ledger.Record, card crmcore.Card) {
	in.created(card)
	if r.Meeting == "" {
		return // they know by call.state
	}
	for _, user := range r.Users {
		in.screens.Send(user, "changed", map[string]string{"kind": "call", "id": r.ID})
	}
}

// callTouch is the touch of a recorded call between a client and us, or between him and a meeting.
func (in *Intake) callTouch(ctx context.Context, r ledger.Record, phase timeline.Phase) (crmcore.Touch, error) {
	t := crmcore.Touch{Channel: timeline.Call, Phase: phase, Key: r.ID, Incoming: r.Direction == "in",
		Client: in.phone(r.To, false), Line: r.Line,
		Users: r.Users, At: r.Started, Outcome: r.Outcome, Source: r.ID}
	if t.Incoming {
		t.Client, t.Name = in.phone(r.From, false), r.FromName
	}
	t.Promised = r.Cause == pbx.CauseCallBack
	if phase == timeline.Ended {
		t.Seconds = talked(r)
	}
	if r.Meeting == "" {
		return t, nil
	}
	room, err := in.directory.Meeting(ctx, r.Meeting)
	if err != nil && !errors.Is(err, pbx.ErrNotFound) {
		return t, fmt.Errorf("meeting %s: %w", r.Meeting, err)
	}
	t.Subject = room.Title
	return t, nil
}

// phone reads the caller id of the wire.
func (in *Intake) phone(raw string, private bool) address.Address {
	if private || raw == "" {
		return address.Address{}
	}
	number, err := address.ParsePhone(raw, in.region)
	if err != nil {
		return address.Address{Kind: address.Phone, Raw: raw}
	}
	return number
}

func talked(r ledger.Record) int64 {
	if r.Answered.IsZero() {
		return 0
	}
	return int64(r.Ended.Sub(r.Answered).Round(time.Second) / time.Second)
}

// endedCall is a call whose touch is to be closed.
type endedCall struct {
	at int // among the jobs
	store.Job
	ledger.Record
}
