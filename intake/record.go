package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx"
	"frontdesk/pbx/ledger"
)

func (in *Intake) clientCall(ctx context.Context, r ledger.Record) error {
	touch, err := in.callTouch(ctx, r, timeline.Ended)
	if err != nil {
		return err
	}
	card, err := in.core.Receive(ctx, touch)
	if err != nil {
		return fmt.Errorf("call %s: %w", r.ID, err)
	}
	in.created(card)
	if r.Meeting != "" { // of other calls they know by call.state
		for _, user := range r.Users {
			in.screens.Send(user, "changed", map[string]string{"kind": "call", "id": r.ID})
		}
	}
	return nil
}

// callTouch is the touch of a recorded call between a client and us, or between him and a meeting.
func (in *Intake) callTouch(ctx context.Context, r ledger.Record, phase timeline.Phase) (crmcore.Touch, error) {
	t := crmcore.Touch{Channel: timeline.Call, Phase: phase, Key: r.ID, Incoming: r.Direction == "in",
		Client: in.phone(r.To, false), Line: r.Line,
		Users: r.Users, At: r.Started, Outcome: r.Outcome, Source: r.ID}
	if t.Incoming {
		t.Client, t.Name = in.phone(r.From, false), r.FromName
	}
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
