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
func (t *Trunk) keep(ctx context.Context, ts *Trunks) {
	switch {
	case t.Registers():
		t.await(ctx, ts)
		return
	case !t.Register:
		t.ping(ctx, ts)
		return
	}
	for ctx.Err() == nil {
		if ts.owns(ctx, t.ID, false) {
			t.enrol(ctx, ts)
			continue
		}
		t.copy(ctx, ts)
		select {
		case <-ctx.Done():
		case <-time.After(ownEvery):
		}
	}
}

// TestTrunk tries a trunk step by step: is its name known, does it answer, does it let us register. It calls nobody.
// Errors: pbx.ErrNotFound.
func (ts *Trunks) TestTrunk(ctx context.Context, id string) ([]Step, error) {
	trunk, err := ts.dir.Trunk(ctx, id)
	if err != nil {
		return nil, err
	}
	if trunk.Registers() {
		return ts.testBound(ctx, trunk)
	}
	targets, err := ts.Locate(ctx, serverOf(trunk), (&Trunk{Trunk: trunk}).Wire())
	steps := []Step{{StepAddress, "address of " + serverOf(trunk), err == nil, fmt.Sprint(stack.InOrder(targets))}}
	if err != nil {
		steps[0].Told = "the name is not known: check the host"
		return steps, nil
	}
	res, err := ts.TryEach(ctx, stack.InOrder(targets),
		func(ctx context.Context, p edge.Place) (*proto.Response, error) { return ts.probe(ctx, trunk, p) })
	if err != nil {
		return append(steps, Step{StepOptions, "OPTIONS over " + trunk.Transport, false, unanswered(err)}), nil
	}
	steps = append(steps, Step{StepOptions, "OPTIONS over " + trunk.Transport, true,
		fmt.Sprintf("%d %s", res.StatusCode, res.Reason)})
	if !trunk.Register {
		return steps, nil
	}
	return append(steps, ts.testRegister(ctx, trunk)), nil
}

// unanswered is why OPTIONS got no answer.
func unanswered(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, stack.ErrNoAnswer) {
		return "no answer in time: check host, port, transport and firewall"
	}
	return err.Error()
}

func (ts *Trunks) testRegister(ctx context.Context, trunk directory.Trunk) Step {
	e := &enrolment{trunks: ts, trunk: trunk, user: (&Trunk{Trunk: trunk}).Contact(), callID: uuid.NewString()}
	d, err := e.register(ctx, registerFor)
	if t := ts.get(trunk.ID); t == nil || !t.owned() { // calls shall not come here for it
		e.signOff(err == nil)
	}
	if err != nil {
		return Step{StepRegister, "REGISTER as " + trunk.Username, false, err.Error()}
	}
	return Step{StepRegister, "REGISTER as " + trunk.Username, true, fmt.Sprintf("granted for %s", d)}
}
