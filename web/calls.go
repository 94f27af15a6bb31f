package web

import (
	"context"

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

func (o *phoneOps) listCalls(ctx context.Context, in *callList) (Page[ledger.Record], error) {
	u := userOf(ctx)
	f := ledger.Filter{User: in.User, Missed: in.Missed, Number: in.Number, Before: in.After, Limit: in.Limit}
	if in.Mine || !seesAllCalls(u) {
		f.Viewer = u.ID
	}
	items, next, err := o.exchange.Records(ctx, f)
	if err == nil {
		err = o.untitle(ctx, u, items)
	}
	return Page[ledger.Record]{Items: items, Next: next}, err
}

func (o *phoneOps) activeCalls(ctx context.Context, _ *none) (Page[pbx.View], error) {
	q, u := runningQuery{}, userOf(ctx)
	if !seesAllCalls(u) {
		q.User = u.ID
	}
	now, err := o.live.runningOn(ctx, q)
	if err == nil {
		err = o.untitleViews(ctx, u, now.Calls)
	}
	return list(now.Calls, err)
}

func (o *phoneOps) getCall(ctx context.Context, in *ByID) (ledger.Record, error) {
	r, err := o.exchange.Record(ctx, in.ID)
	u := userOf(ctx)
	if err == nil && !seesAllCalls(u) && !r.Saw(u.ID) {
		return ledger.Record{}, pbx.ErrNotFound
	}
	one := []ledger.Record{r}
	if err == nil {
		err = o.untitle(ctx, u, one)
	}
	return one[0], err
}

// hangupCall is for those in the call, and for admins.
func (o *phoneOps) hangupCall(ctx context.Context, in *ByID) error {
	u := userOf(ctx)
	if _, here := o.exchange.Call(in.ID); here {
		return o.live.hangupHere(ctx, u, in.ID)
	}
	return o.live.hangupThere(ctx, hangupQuery{User: u.ID, Call: in.ID})
}

// titled tells which of the meetings behind calls a user knows the titles of; all of them where it is nil.
func (o *phoneOps) titled(ctx context.Context, u crmcore.User, meetings []string) (map[string]bool, error) {
	if isAdmin(u) || len(meetings) == 0 {
		return nil, nil
	}
	return o.directory.OpenTo(ctx, u.ID, meetings)
}

// untitle takes the titles of meetings out of records: for whom was neither invited nor there.
func (o *phoneOps) untitle(ctx context.Context, u crmcore.User, page []ledger.Record) error {
	others := func(r *ledger.Record) bool { return r.Direction == "meeting" && !r.Saw(u.ID) }
	var meetings []string
	for i := range page {
		if others(&page[i]) {
			meetings = append(meetings, page[i].Meeting)
		}
	}
	open, err := o.titled(ctx, u, meetings)
	for i := range page {
		if r := &page[i]; open != nil && others(r) && !open[r.Meeting] {
			r.To = ""
		}
	}
	return err
}

// untitleViews does the same with what runs now.
func (o *phoneOps) untitleViews(ctx context.Context, u crmcore.User, views []pbx.View) error {
	var meetings []string
	for _, v := range views {
		if v.Direction == "meeting" {
			meetings = append(meetings, v.Meeting)
		}
	}
	open, err := o.titled(ctx, u, meetings)
	for i := range views {
		if v := &views[i]; open != nil && v.Direction == "meeting" && !open[v.Meeting] {
			v.To = ""
		}
	}
	return err
}
