package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/bus"
	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/web/api"
)

// Hangup ends a call, on whichever node it runs, for those in it and for administrators. Errors: pbx.ErrNotFound,
// api.ErrNotYours.
func (d *Server) Hangup(ctx context.Context, u people.User, call string) error {
	if _, here := d.Exchange.Call(call); here {
		return d.hangupHere(ctx, u, call)
	}
	return d.hangupThere(ctx, hangupQuery{User: u.ID, Call: call})
}

// hangupHere ends a call of this node. Errors: pbx.ErrNotFound, errNotYours.
func (d *Server) hangupHere(ctx context.Context, u people.User, call string) error {
	view, ok := d.Exchange.Call(call)
	if !ok {
		return pbx.ErrNotFound
	}
	if mine, err := d.mayEnd(ctx, u, view); err != nil || !mine {
		return cmp.Or(err, refusal(u, view))
	}
	return d.Exchange.Hangup(call)
}

// refusal is for who may not end a call: who does not see it does not learn that it is there.
func refusal(u people.User, view pbx.View) error {
	if slices.ContainsFunc(view.Legs, func(l pbx.LegView) bool { return l.User == u.ID }) || api.SeesAllCalls(u) {
		return api.ErrNotYours
	}
	return pbx.ErrNotFound
}

// mayEnd tells whether a user may end a call for everybody: who calls or talks in it may, who is only rung may not. A
// meeting is its owner's.
func (d *Server) mayEnd(ctx context.Context, u people.User, view pbx.View) (bool, error) {
	if api.IsAdmin(u) {
		return true, nil
	}
	if view.Meeting != "" {
		m, err := d.Directory.Meeting(ctx, view.Meeting)
		return m.Owner == u.ID, err
	}
	return slices.ContainsFunc(view.Legs, func(l pbx.LegView) bool {
		return l.User == u.ID && (l.State == "active" || l.State == "calling")
	}), nil
}

// hangupQuery asks the node of a call to end it in a user's name.
type hangupQuery struct {
	User string `json:"user"`
	Call string `json:"call"`
}

// refusals are the errors of hangupHere that may cross the bus, by their names there.
func refusals() map[string]error {
	return map[string]error{"not found": pbx.ErrNotFound, "not yours": api.ErrNotYours}
}

// hangupThere has the node that runs a call end it.
func (d *Server) hangupThere(ctx context.Context, q hangupQuery) error {
	node, err := d.Exchange.NodeOf(ctx, q.Call)
	if err != nil {
		return err
	}
	if node == d.Node {
		return pbx.ErrNotFound
	}
	var refused string
	switch err := d.Bus.Request(ctx, hangupSubject(node), q, &refused); {
	case errors.Is(err, bus.ErrNobody) && !d.isThere(node):
		return pbx.ErrNotFound
	case err != nil:
		d.Log.Warn("hang-up not relayed", "call", q.Call, "node", node, "err", err)
		return huma.Error503ServiceUnavailable("The server that runs this call is not reached just now. Try again in " +
			"a moment.")
	}
	return refusals()[refused]
}

func (d *Server) hangupForNode(data []byte) (any, error) {
	var q hangupQuery
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), opWithin)
	defer cancel()
	user, err := d.Core.User(ctx, q.User)
	if err != nil {
		return nil, err
	}
	err = d.hangupHere(ctx, user, q.Call)
	for name, known := range refusals() {
		if errors.Is(err, known) {
			return name, nil
		}
	}
	return "", err
}
