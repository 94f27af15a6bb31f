package pbxapi

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

type trialAsked struct {
	Number string `query:"number" required:"true" maxLength:"30" doc:"Ours that is dialled"`
	From   string `query:"from" maxLength:"64" doc:"Who calls; withheld when left out"`

	Verified dialplan.Verified `query:"verified" enum:"passed,failed,none" doc:"The carrier's word on that number; left out: it says nothing that is believed"`

	At time.Time `query:"at" doc:"When. Left out: now, by who is there and not in a call"`
}

// Trial tells what would become of a call, by the walk that a call takes; nothing rings, and nothing is written down.
type Trial struct {
	From    string      `json:"from" doc:"Who calls, as we would know the number; empty when withheld"`
	At      time.Time   `json:"at"`
	Caller  TrialCaller `json:"caller"`
	Steps   []TrialStep `json:"steps" doc:"All that may happen, the first one first"`
	Way     []TrialWay  `json:"way" doc:"What happens while nobody answers, in order"`
	Answers []string    `json:"answers" doc:"Ids of the users who are rung first"`
}

// TrialCaller is who calls, as the CRM would say.
type TrialCaller struct {
	Name        string              `json:"name"`
	Known       bool                `json:"known" doc:"A client of ours has the number"`
	Responsible string              `json:"responsible" doc:"Id of the user who should take the call; empty: nobody before whom the number rings"`
	Ties        map[string][]string `json:"ties,omitempty" doc:"Ids of users whom something ties to the client, where a destination asks for that: spoke, missed, deal"`

	Rule  string            `json:"rule" doc:"Name of the rule that decided it, of a client whom nobody knows"`
	Trace []rules.TraceStep `json:"trace" doc:"How each rule was judged"`
}

// TrialStep is one thing that may happen.
type TrialStep struct {
	Kind     string         `json:"kind" enum:"hours,personal,vouch,hunt_group,queue,ring,dial,meeting,announce,menu,voicemail,refuse"`
	Name     string         `json:"name,omitempty" doc:"Of the menu, voicemail box, queue, or the hunt group …"`
	Strategy string         `json:"strategy,omitempty" doc:"… and how it is rung"`
	Users    []string       `json:"users" doc:"Whom it rings; a hunt group in the order in which the next call would ring it; whose settings choose the way"`
	Rests    []string       `json:"rests" doc:"Who is not rung with them, by settings of his own"`
	Away     []string       `json:"away" doc:"Those of them who are not there now"`
	Busy     []string       `json:"busy" doc:"Those of them who are in a call now"`
	Seconds  int            `json:"seconds,omitempty" doc:"How long it rings, or the caller waits"`
	Trunk    string         `json:"trunk,omitempty" doc:"Id of the line that it dials through …"`
	Number   string         `json:"number,omitempty" doc:"… and what"`
	CallerID string         `json:"caller_id,omitempty" doc:"Number that it shows there"`
	For      string         `json:"for,omitempty" doc:"Id of the user who forwards the call there"`
	Confirm  bool           `json:"confirm,omitempty" doc:"Who answers there takes the call by pressing 1"`
	Meeting  string         `json:"meeting,omitempty" doc:"Id of the meeting that it leads into"`
	Item     string         `json:"item,omitempty" doc:"Id of the announcement, menu or voicemail box"`
	Cause    string         `json:"cause,omitempty" doc:"Why it is refused"`
	Schedule string         `json:"schedule,omitempty" doc:"Id of the working hours that choose the way …"`
	Why      string         `json:"why,omitempty" doc:"… and why they do"`
	Holiday  string         `json:"holiday,omitempty" doc:"On which it would be called"`
	Next     map[string]int `json:"next" doc:"Where each outcome leads, as a position in steps; one that is not here ends the call"`
}

// TrialWay is a step that the call comes to.
type TrialWay struct {
	Step    int    `json:"step"`
	Outcome string `json:"outcome"`
}

// tryCall answers who would take a call.
func (o *Operations) tryCall(ctx context.Context, asked *trialAsked) (Trial, error) {
	trial, now := Trial{At: asked.At, Way: []TrialWay{}, Answers: []string{}}, asked.At.IsZero()
	if now {
		trial.At = time.Now()
	}
	party, err := o.callerOf(ctx, asked)
	if err != nil {
		return trial, err
	}
	in, first, err := o.exchange.Try(ctx, party, asked.Number, trial.At,
		func(in dialplan.Inbound) (dialplan.Hint, error) {
			return o.foresee(ctx, in, &trial)
		})
	if err != nil {
		return trial, err
	}
	trial.From = in.From
	there := func(string) (away, busy bool) { return false, false }
	if now {
		if there, err = o.presence(ctx); err != nil {
			return trial, err
		}
	}
	orders, err := o.orders(ctx, first)
	if err != nil {
		return trial, err
	}
	trial.walk(first, there, orders)
	return trial, nil
}

// callerOf is somebody who calls one of our numbers over its line.
func (o *Operations) callerOf(ctx context.Context, asked *trialAsked) (pbx.Party, error) {
	party := pbx.Party{Kind: pbx.Outside, Number: asked.From, Private: asked.From == "", Verified: asked.Verified}
	plan, err := o.directory.Plan(ctx)
	if err != nil {
		return party, err
	}
	if asked.From != "" {
		if _, err := address.ParsePhone(asked.From, plan.Region()); err != nil {
			return party, huma.Error422UnprocessableEntity(err.Error(),
				&huma.ErrorDetail{Message: err.Error(), Location: "query.from"})
		}
	}
	numbers, err := o.directory.Numbers(ctx)
	e164, _ := dialplan.Normalise(asked.Number, plan.Region())
	if at := slices.IndexFunc(numbers, func(n dialplan.Number) bool { return n.E164 == e164 }); at >= 0 {
		party.Trunk = numbers[at].Trunk
	}
	return party, err
}

// foresee asks the CRM who calls, and notes it.
func (o *Operations) foresee(ctx context.Context, in dialplan.Inbound, trial *Trial) (dialplan.Hint, error) {
	client := address.Address{}
	if in.From != "" {
		var err error
		if client, err = address.ParsePhone(in.From, ""); err != nil {
			client = address.Address{Kind: address.Phone, Raw: in.From}
		}
	}
	touch := crmcore.Touch{Channel: timeline.Call, Phase: timeline.Began, Key: "trial", Incoming: true,
		Client: client, Line: in.DID, At: trial.At}
	card, trace, decision, err := o.core.Forecast(ctx, touch)
	if err != nil {
		return dialplan.Hint{}, err
	}
	hint := dialplan.Hint{Name: card.Name, Users: card.Takes()}
	if in.Ties {
		if hint.Ties, err = o.core.Ties(ctx, touch, o.exchange.RangBy); err != nil {
			return hint, err
		}
	}
	trial.Caller = TrialCaller{Name: card.Name, Known: len(decision.Known) > 0, Ties: hint.Ties, Rule: decision.Rule,
		Trace: trace}
	if len(hint.Users) > 0 {
		trial.Caller.Responsible = hint.Users[0]
	}
	return hint, nil
}

// presence tells of users whether they are away, or in a call, now.
func (o *Operations) presence(ctx context.Context) (func(user string) (away, busy bool), error) {
	devices, err := o.directory.Devices(ctx, "")
	if err != nil {
		return nil, err
	}
	bound, err := o.directory.Registered(ctx, time.Now())
	there := o.live.Hub.OnlineUsers()
	for _, d := range devices {
		if slices.ContainsFunc(bound, func(b directory.Binding) bool { return b.Device == d.ID }) {
			there = append(there, d.User)
		}
	}
	calls, running := o.live.Running(ctx, "")
	return func(user string) (away, busy bool) {
		return !slices.Contains(there, user),
			slices.ContainsFunc(calls, func(v pbx.View) bool { return talks(v, user) })
	}, firstOf(err, running)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// talks tells whether a user takes part in a call: being rung is not that.
func talks(v pbx.View, user string) bool {
	return slices.ContainsFunc(v.Legs, func(l pbx.LegView) bool {
		return l.User == user &&
			(l.State == "active" || l.State == "calling")
	})
}

// walk draws the program of the call, and the way through it while nobody answers.
func (t *Trial) walk(first dialplan.Step, there func(user string) (away, busy bool), orders orders) {
	chart, way := dialplan.Rehearse(first, func(s dialplan.Step) dialplan.Outcome {
		rounds := orders.of(s)
		users := firstFree(rounds, there)
		if len(t.Answers) == 0 {
			t.Answers = append(t.Answers, users...)
		}
		if _, waits := s.(dialplan.Enqueue); waits {
			return orders.waits(s)
		}
		if len(rounds) > 0 && len(users) == 0 {
			return dialplan.Offline
		}
		return dialplan.NoAnswer
	})
	for _, node := range chart {
		t.Steps = append(t.Steps, trialStep(node, there, orders))
	}
	for _, v := range way {
		t.Way = append(t.Way, TrialWay{v.Node, string(v.Outcome)})
	}
}

func trialStep(node dialplan.Node, there func(user string) (away, busy bool), orders orders) TrialStep {
	step := TrialStep{Users: []string{}, Rests: []string{}, Away: []string{}, Busy: []string{}, Next: map[string]int{}}
	for outcome, at := range node.Next {
		step.Next[string(outcome)] = at
	}
	switch s := node.Step.(type) {
	case dialplan.Hours:
		step.Kind, step.Schedule, step.Why, step.Holiday = "hours", s.Schedule, s.Why, s.Holiday
	case dialplan.Personal:
		step.Kind, step.Users, step.Why = "personal", []string{s.User}, s.Why
	case dialplan.Vouch:
		step.Kind, step.Why = "vouch", string(s.Verified)
	case dialplan.Hunt:
		step.Kind, step.Name, step.Strategy, step.Seconds = "hunt_group", s.Name, string(s.Strategy), s.Seconds
		step.rings(slices.Concat(orders.of(s)...), s.Rests, there)
	case dialplan.Enqueue:
		step.Kind, step.Name, step.Seconds = "queue", s.Name, s.MaxWait
		step.rings(slices.Concat(orders.of(s)...), nil, there)
	case dialplan.Ring:
		step.Kind, step.Seconds = "ring", s.Seconds
		step.rings(s.Users, s.Rests, there)
	case dialplan.Dial:
		step.CallerID = s.CallerID
		step.Kind, step.Trunk, step.Number, step.Seconds = "dial", s.Trunk, s.Number, s.Seconds
		step.For, step.Confirm = s.For, s.Confirm
	case dialplan.Join:
		step.Kind, step.Meeting = "meeting", s.Meeting
	case dialplan.Ask:
		step.Kind, step.Item, step.Name = "menu", s.Menu.ID, s.Menu.Name
		if len(s.Menu.Keys) == 0 {
			step.Kind = "announce"
		}
	case dialplan.Voicemail:
		step.Kind, step.Item, step.Name = "voicemail", s.Box.ID, s.Box.Name
	case dialplan.Refuse:
		step.Kind, step.Cause = "refuse", string(s.Cause)
	}
	return step
}

// rings notes whom a step rings, and who of them can't take the call.
func (s *TrialStep) rings(users, rests []string, there func(user string) (away, busy bool)) {
	s.Users, s.Rests = append(s.Users, users...), append(s.Rests, rests...)
	for _, user := range users {
		switch away, busy := there(user); {
		case busy:
			s.Busy = append(s.Busy, user)
		case away:
			s.Away = append(s.Away, user)
		}
	}
}
