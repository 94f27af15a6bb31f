package pbx

import (
	"context"

	"frontdesk/pbx/bridge"
)

// room is the edge to meetings, for who is led into one by a menu, a queue or a transfer: his call rings a leg whose
// far end calls the meeting in his name, wherever that runs. To the meeting he is as if he had dialled it.
type room struct{ x *Exchange }

// Dial brings r.From into Target.Meeting.
func (r room) Dial(ctx context.Context, t Target, q Request) (Leg, error) {
	plan, err := r.x.board.Directory.Plan(ctx)
	if err != nil {
		return nil, err
	}
	from := q.From
	from.Led, from.Trunk, from.Device = t.Meeting, "", "" // his trunk's channel is his call's
	from.Name = q.Name
	if from.Kind == Browser { // he has one line there
		from.Kind = Phone
	}
	to := Party{Kind: Phone, Name: plan.MeetingTitle(t.Meeting), Led: t.Meeting}
	near, far := bridge.New(to, from, q.Codecs)
	r.x.Arrive(far, meetingPrefix+t.Meeting)
	return near, nil
}
