package crmapi

import (
	"context"
	"errors"
	"strings"

	"frontdesk/crmcore/calling"
	"frontdesk/store"
	"frontdesk/web/api"
)

// routeCalling registers calling lists, and the numbers that asked not to be called.
func (o *Operations) routeCalling(f *api.Frame) {
	add := func(pattern, summary string) api.Route {
		return api.Route{Tag: "Calling lists", Access: api.Users, Pattern: pattern, Summary: summary}
	}
	made := add("POST /calling-lists", "Make a calling list")
	made.Status = 201
	api.Add(f, add("GET /calling-lists", "The calling lists that one works or may change, with how far they are"),
		o.callingLists)
	api.Add(f, made, o.createCallingList)
	api.Add(f, add("GET /calling-lists/{id}", "One calling list"), o.callingList)
	api.Add(f, add("PUT /calling-lists/{id}", "Change a calling list"), o.updateCallingList)
	api.Do(f, add("DELETE /calling-lists/{id}", "Delete a calling list; its clients stay"), o.deleteCallingList)
	api.Add(f, add("POST /calling-lists/{id}/records", "Put records at the end of a calling list"), o.addToCallingList)
	api.Add(f, add("POST /calling-lists/{id}/next",
		"The client one is to call now: nobody else gets him. Held on to for three minutes, longer with a call"),
		o.nextToCall)
	api.Add(f, add("POST /calling-items/{id}/hold", "Hold on to the client one has"), o.holdToCall)
	api.Do(f, add("POST /calling-items/{id}/outcome", "Say what came of the client one has"), o.calledWith)
	api.Add(f, add("GET /do-not-call", "Numbers that asked not to be called, by number"), o.listBarred)
	api.Add(f, add("PUT /do-not-call/{number}", "A number asked not to be called"), o.bar)
	api.Do(f, add("DELETE /do-not-call/{number}",
		"A number may be called again: for who said otherwise, and for administrators"), o.unbar)
	api.Add(f, add("GET /do-not-call/by-hand", "What becomes of a call that somebody dials to such a number"), o.byHand)
	by := add("PUT /do-not-call/by-hand", "Change that")
	by.Access = api.Admins
	api.Add(f, by, o.putByHand)
}

type (
	callingCreate struct{ Body calling.List }
	callingUpdate struct {
		api.ByID
		Body calling.List
	}
	callingAdd struct {
		api.ByID
		Body struct {
			IDs []string `json:"ids" minItems:"1" maxItems:"1000" doc:"Of the list's kind"`
		}
	}
	callingOutcome struct {
		api.ByID
		Body calling.Outcome
	}
)

func (o *Operations) callingLists(ctx context.Context, _ *api.None) (api.Page[calling.List], error) {
	return api.List(o.calling.All(ctx, api.UserOf(ctx)))
}

func (o *Operations) createCallingList(ctx context.Context, in *callingCreate) (calling.List, error) {
	in.Body.ID = ""
	return o.calling.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) callingList(ctx context.Context, in *api.ByID) (calling.List, error) {
	return o.calling.One(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) updateCallingList(ctx context.Context, in *callingUpdate) (calling.List, error) {
	in.Body.ID = in.ID
	return o.calling.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) deleteCallingList(ctx context.Context, in *api.ByID) error {
	return o.calling.Delete(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) addToCallingList(ctx context.Context, in *callingAdd) (calling.Added, error) {
	return o.calling.Add(ctx, api.UserOf(ctx), in.ID, in.Body.IDs)
}

// ToCall is the client that one is to call.
type ToCall struct {
	Item *calling.Item `json:"item,omitempty" doc:"Left out: there is none now"`
}

func (o *Operations) nextToCall(ctx context.Context, in *api.ByID) (ToCall, error) {
	if _, err := o.calling.One(ctx, api.UserOf(ctx), in.ID); err != nil {
		return ToCall{}, err
	}
	item, err := o.calling.Next(ctx, api.UserOf(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return ToCall{}, nil
	}
	return ToCall{&item}, err
}

func (o *Operations) holdToCall(ctx context.Context, in *api.ByID) (calling.Item, error) {
	return o.calling.Hold(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) calledWith(ctx context.Context, in *callingOutcome) error {
	return o.calling.Say(ctx, api.UserOf(ctx), in.ID, in.Body)
}

type (
	barredList struct {
		api.Paging
		Numbers string `query:"numbers" maxLength:"2000" doc:"Only those of these numbers, in E.164, with commas between them"`
	}
	barredPut struct {
		Number string `path:"number" maxLength:"100"`
		Body   struct {
			Why string `json:"why,omitempty" maxLength:"500" doc:"What was said"`
		}
	}
	barredDelete struct {
		Number string `path:"number" maxLength:"100" doc:"In E.164"`
	}
)

// ByHand is what becomes of calls that people dial to numbers that asked not to be called.
type ByHand struct {
	ByHand calling.ByHand `json:"by_hand" enum:"ask,refuse" doc:"ask: whoever dials says whether he means it; refuse: they are not made. From calling lists they never are"`
}

func (o *Operations) listBarred(ctx context.Context, in *barredList) (p api.Page[calling.Barred], err error) {
	if in.Numbers != "" {
		return api.List(o.calling.BarredOf(ctx, strings.Split(in.Numbers, ",")))
	}
	p.Items, err = o.calling.AllBarred(ctx, in.After, in.Limit)
	if n := len(p.Items); n == in.Limit {
		p.Next = p.Items[n-1].Number
	}
	return p, err
}

func (o *Operations) bar(ctx context.Context, in *barredPut) (calling.Barred, error) {
	return o.calling.Bar(ctx, api.UserOf(ctx), in.Number, in.Body.Why)
}

func (o *Operations) unbar(ctx context.Context, in *barredDelete) error {
	return o.calling.Unbar(ctx, api.UserOf(ctx), in.Number)
}

func (o *Operations) byHand(ctx context.Context, _ *api.None) (ByHand, error) {
	by, err := o.calling.Dialled(ctx)
	return ByHand{by}, err
}

func (o *Operations) putByHand(ctx context.Context, in *struct{ Body ByHand }) (ByHand, error) {
	return in.Body, o.calling.Dial(ctx, in.Body.ByHand)
}
