package web

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/pbx/ledger"
)

type callList struct {
	Paging
	Mine   bool   `query:"mine" doc:"Only those one took part in or was rung by; who is limited to own records gets no others"`
	User   string `query:"user" maxLength:"100" doc:"Id: only those this user took part in or was rung by"`
	Missed bool   `query:"missed" doc:"Only calls to us that nobody took"`
	Number string `query:"number" maxLength:"100" doc:"Of either side, in any usual writing"`
}

// seesAllCalls tells who is not limited to calls of their own: the history shows numbers of clients.
func seesAllCalls(u crmcore.User) bool { return isAdmin(u) || u.Access == crmcore.AccessAll }

func (s *Server) listCalls(ctx context.Context, in *callList) (Page[ledger.Record], error) {
	u := userOf(ctx)
	f := ledger.Filter{User: in.User, Missed: in.Missed, Number: in.Number, Before: in.After, Limit: in.Limit}
	if in.Mine || !seesAllCalls(u) {
		f.Viewer = u.ID
	}
	items, next, err := s.deps.Exchange.Records(ctx, f)
	if err == nil {
		err = s.untitle(ctx, u, items)
	}
	return Page[ledger.Record]{Items: items, Next: next}, err
}

func (s *Server) activeCalls(ctx context.Context, _ *none) (Page[pbx.View], error) {
	q, u := runningQuery{}, userOf(ctx)
	if !seesAllCalls(u) {
		q.User = u.ID
	}
	now, err := s.runningOn(ctx, q)
	if err == nil {
		err = s.untitleViews(ctx, u, now.Calls)
	}
	return list(now.Calls, err)
}

func (s *Server) getCall(ctx context.Context, in *ByID) (ledger.Record, error) {
	r, err := s.deps.Exchange.Record(ctx, in.ID)
	u := userOf(ctx)
	if err == nil && !seesAllCalls(u) && !r.Saw(u.ID) {
		return ledger.Record{}, pbx.ErrNotFound
	}
	one := []ledger.Record{r}
	if err == nil {
		err = s.untitle(ctx, u, one)
	}
	return one[0], err
}

// hangupCall is for those in the call, and for admins.
func (s *Server) hangupCall(ctx context.Context, in *ByID) error {
	u := userOf(ctx)
	if _, here := s.deps.Exchange.Call(in.ID); here {
		return s.hangupHere(ctx, u, in.ID)
	}
	return s.hangupThere(ctx, hangupQuery{User: u.ID, Call: in.ID})
}

// hangupHere ends a call of this node. Errors: pbx.ErrNotFound, errNotYours.
func (s *Server) hangupHere(ctx context.Context, u crmcore.User, call string) error {
	view, ok := s.deps.Exchange.Call(call)
	if !ok {
		return pbx.ErrNotFound
	}
	if mine, err := s.mayEnd(ctx, u, view); err != nil || !mine {
		return cmp.Or(err, refusal(u, view))
	}
	return s.deps.Exchange.Hangup(call)
}

// refusal is for who may not end a call: who does not see it does not learn that it is there.
func refusal(u crmcore.User, view pbx.View) error {
	if slices.ContainsFunc(view.Legs, func(l pbx.LegView) bool { return l.User == u.ID }) || seesAllCalls(u) {
		return errNotYours
	}
	return pbx.ErrNotFound
}

// mayEnd tells whether a user may end a call for everybody: who calls or talks in it may, who is only rung may not. A meeting is its owner's.
func (s *Server) mayEnd(ctx context.Context, u crmcore.User, view pbx.View) (bool, error) {
	if isAdmin(u) {
		return true, nil
	}
	if view.Meeting != "" {
		m, err := s.deps.Directory.Meeting(ctx, view.Meeting)
		return m.Owner == u.ID, err
	}
	return slices.ContainsFunc(view.Legs, func(l pbx.LegView) bool {
		return l.User == u.ID && (l.State == "active" || l.State == "calling")
	}), nil
}
