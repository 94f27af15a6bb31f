package pbxapi

import (
	"context"
	"slices"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/pbx"
	"frontdesk/pbx/ledger"
	"frontdesk/web/api"
)

type callList struct {
	api.Paging
	Mine   bool   `query:"mine" doc:"Only those one took part in or was rung by; who is limited to own records gets no others"`
	User   string `query:"user" maxLength:"100" doc:"Id: only those this user took part in or was rung by"`
	Missed bool   `query:"missed" doc:"Only calls to us that nobody took"`
	Number string `query:"number" maxLength:"100" doc:"Of either side, in any usual writing"`

	ClientKind record.Kind `query:"client_kind" enum:"contact,company,lead,deal" doc:"Only calls on the timeline of this record: its kind"`
	Client     string      `query:"client" maxLength:"100" doc:"And its id"`
	Since      time.Time   `query:"since" doc:"Only calls that began at this time or later"`
	Until      time.Time   `query:"until" doc:"Only calls that began before"`
	Recorded   bool        `query:"recorded" doc:"Only calls with a recording that one may hear"`
	Said       string      `query:"said" maxLength:"200" doc:"Only calls in whose recordings, which one may hear, these words were said: their beginnings"`
}

// mostOfClient are looked at of one client.
const mostOfClient = 2000

// filter of a list of calls.
func (o *Operations) filter(ctx context.Context, in *callList) (f ledger.Filter, err error) {
	u := api.UserOf(ctx)
	f = ledger.Filter{User: in.User, Missed: in.Missed, Number: in.Number, Since: in.Since, Until: in.Until,
		Recorded: in.Recorded, Hears: listener(ctx).Hears, Before: in.After, Limit: in.Limit}
	if in.Mine || !api.SeesAllCalls(u) {
		f.Viewer = u.ID
	}
	if in.Said != "" {
		for _, w := range o.words.Asked(in.Said) {
			f.Said = append(f.Said, ledger.Span(w))
		}
	}
	if in.Client != "" {
		f.Calls, err = o.core.Calls(ctx, u, record.Ref{Kind: in.ClientKind, ID: in.Client}, mostOfClient)
		f.Calls = append([]string{}, f.Calls...)
	}
	return f, err
}

func (o *Operations) listCalls(ctx context.Context, in *callList) (api.Page[ledger.Record], error) {
	f, err := o.filter(ctx, in)
	if err != nil {
		return api.Page[ledger.Record]{}, err
	}
	items, next, err := o.exchange.Records(ctx, f)
	if err == nil {
		err = o.dress(ctx, api.UserOf(ctx), items)
	}
	return api.Page[ledger.Record]{Items: items, Next: next}, err
}

func (o *Operations) activeCalls(ctx context.Context, _ *api.None) (api.Page[pbx.View], error) {
	u, whose := api.UserOf(ctx), ""
	if !api.SeesAllCalls(u) {
		whose = u.ID
	}
	now, err := o.live.Running(ctx, whose)
	if err == nil {
		err = o.untitleViews(ctx, u, now)
	}
	return api.List(now, err)
}

func (o *Operations) getCall(ctx context.Context, in *api.ByID) (ledger.Record, error) {
	r, err := o.exchange.Record(ctx, in.ID)
	u := api.UserOf(ctx)
	if err == nil && !api.SeesAllCalls(u) && !r.Saw(u.ID) {
		_, err = o.voicemail.For(ctx, u.ID, in.ID) // whose box has what its caller said
	}
	if err != nil {
		return ledger.Record{}, err
	}
	one := []ledger.Record{r}
	err = o.dress(ctx, u, one)
	if !api.IsAdmin(u) {
		hideForwards(&one[0], u.ID)
	}
	return one[0], err
}

// dress makes records what a user may see: without the titles of others' meetings, with the names of clients he may
// read and what came of each call.
func (o *Operations) dress(ctx context.Context, u people.User, page []ledger.Record) error {
	if err := o.untitle(ctx, u, page); err != nil {
		return err
	}
	if err := o.nameCalled(ctx, u, page); err != nil {
		return err
	}
	return o.nameDispositions(ctx, page)
}

// nameCalled names the clients who were called, as far as the user may read them; who calls us was named when he did.
func (o *Operations) nameCalled(ctx context.Context, u people.User, page []ledger.Record) error {
	var numbers []string
	for _, r := range page {
		if r.Direction == "out" {
			numbers = append(numbers, r.To)
		}
	}
	names, err := o.core.Callees(ctx, u, numbers)
	for i := range page {
		if r := &page[i]; r.Direction == "out" {
			r.ToName = names[r.To]
		}
	}
	return err
}

// nameDispositions fills in what people said of calls.
func (o *Operations) nameDispositions(ctx context.Context, page []ledger.Record) error {
	ids := make([]string, len(page))
	for i := range page {
		ids[i] = page[i].ID
	}
	if len(ids) == 0 {
		return nil
	}
	said, err := o.reports.Said(ctx, ids)
	for i := range page {
		d := said[page[i].ID]
		page[i].Result, page[i].NextStep = d.Result, d.NextStep
	}
	return err
}

// hideForwards takes out of a call's steps the numbers to which phones of colleagues forward: they are private. A line
// that is dialled after users were rung in vain is such a number; whom alone it forwards for knows it.
func hideForwards(r *ledger.Record, viewer string) {
	rung := []string(nil) // in vain, by the last ring
	for i := range r.Steps {
		switch s := &r.Steps[i]; {
		case s.Kind == ledger.Ring && s.Outcome == ledger.Answered:
			rung = nil
		case s.Kind == ledger.Ring:
			rung = s.Users
		case rung != nil && !slices.Equal(rung, []string{viewer}):
			s.Number = ""
		}
	}
}

// hangupCall is for those in the call, and for admins.
func (o *Operations) hangupCall(ctx context.Context, in *api.ByID) error {
	return o.live.Hangup(ctx, api.UserOf(ctx), in.ID)
}

// titled tells which of the meetings behind calls a user knows the titles of; all of them where it is nil.
func (o *Operations) titled(ctx context.Context, u people.User, meetings []string) (map[string]bool, error) {
	if api.IsAdmin(u) || len(meetings) == 0 {
		return nil, nil
	}
	return o.directory.OpenTo(ctx, u.ID, meetings)
}

// untitle takes the titles of meetings out of records: for whom was neither invited nor there.
func (o *Operations) untitle(ctx context.Context, u people.User, page []ledger.Record) error {
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
func (o *Operations) untitleViews(ctx context.Context, u people.User, views []pbx.View) error {
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
