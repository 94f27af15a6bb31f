package pbx

import (
	"context"

	"frontdesk/pbx/queue"
)

// SetAgent logs a user in or out of his queues, and pauses him or no longer: nil leaves it as it is.
func (x *Exchange) SetAgent(ctx context.Context, user string, loggedIn, paused *bool) error {
	return x.board.SetAgent(ctx, user, loggedIn, paused)
}

// Agents are users as the queues know them.
func (x *Exchange) Agents(ctx context.Context, users []string) ([]queue.Agent, error) {
	return x.board.Desk.Agents(ctx, users)
}

// Waiting are the callers of a queue, see queue.Queues.
func (x *Exchange) Waiting(ctx context.Context, id string, limit int) (first []queue.Caller, all int, err error) {
	return x.board.Desk.Waiting(ctx, id, limit)
}

// QueuesChanged: another node offered callers, or its agents changed.
func (x *Exchange) QueuesChanged() { x.board.Desk.Read() }
