package trunks

import (
	"context"
	"errors"
	"fmt"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// keep registers or pings a trunk until ctx ends, and then signs off. Where another node registers, its state is shown.
func (t *Trunk) keep(ctx context.Context, l *Trunks) {
	switch {
	case t.Registers():
		t.await(ctx, l)
		return
	case !t.Register:
		t.ping(ctx, l)
		return
	}
	for ctx.Err() == nil {
		if l.owns(ctx, t.ID, false) {
			t.enrol(ctx, l)
			continue
		}
		t.copy(ctx, l)
		select {
		case <-ctx.Done():
		case <-time.After(ownEvery):
		}
	}
}

// TestTrunk tries a trunk step by step: is its name known, does it answer, does it let us register. It calls nobody.
// Errors: pbx.ErrNotFound.
func (l *Trunks) TestTrunk(ctx context.Context, id string) ([]Step, error) {
	trunk, err := l.dir.Trunk(ctx, id)
	if err != nil {
		return nil, err
	}
	if trunk.Registers() {
		return l.testBound(ctx, trunk)
	}
	targets, err := l.Locate(ctx, serverOf(trunk), (&Trunk{Trunk: trunk}).Wire())
	steps := []Step{{"address of " + serverOf(trunk), err == nil, fmt.Sprint(stack.InOrder(targets))}}
	if err != nil {
		steps[0].Told = "the name is not known: check the host"
		return steps, nil
	}
	res, err := l.TryEach(ctx, stack.InOrder(targets),
		func(ctx context.Context, p edge.Place) (*proto.Response, error) { return l.probe(ctx, trunk, p) })
	if err != nil {
		return append(steps, Step{"OPTIONS over " + trunk.Transport, false, unanswered(err)}), nil
	}
	steps = append(steps, Step{"OPTIONS over " + trunk.Transport, true,
		fmt.Sprintf("%d %s", res.StatusCode, res.Reason)})
	if !trunk.Register {
		return steps, nil
	}
	return append(steps, l.testRegister(ctx, trunk)), nil
}

// unanswered is why OPTIONS got no answer.
func unanswered(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, stack.ErrNoAnswer) {
		return "no answer in time: check host, port, transport and firewall"
	}
	return err.Error()
}

func (l *Trunks) testRegister(ctx context.Context, trunk directory.Trunk) Step {
	e := &enrolment{trunks: l, trunk: trunk, user: (&Trunk{Trunk: trunk}).Contact(), callID: uuid.NewString()}
	d, err := e.register(ctx, registerFor)
	if t := l.get(trunk.ID); t == nil || !t.owned() { // calls shall not come here for it
		e.signOff(err == nil)
	}
	if err != nil {
		return Step{"REGISTER as " + trunk.Username, false, err.Error()}
	}
	return Step{"REGISTER as " + trunk.Username, true, fmt.Sprintf("granted for %s", d)}
}
