package crmcore

import (
	"context"
	"maps"
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// awaits tells whether an answer to the touch waits for us, when it has ended.
func (t Touch) awaits() bool {
	return t.Channel.Policy().Leaves == timeline.Answer && t.Phase == timeline.Ended && t.Incoming &&
		t.neverLead() == ""
}

// overtaken tells whether one of the touches after it comes from or goes to the same address, and so settles it unless
// it was heard of before.
func (t Touch) overtaken(later []Touch) bool {
	return slices.ContainsFunc(later, func(o Touch) bool {
		return o.Channel == t.Channel && o.Phase == timeline.Ended && o.Client.Key() == t.Client.Key()
	})
}

// awaitAnswers: the latest a client wrote waits until somebody answers; whatever either side writes settles what waited
// before. What is new was written as it seemed then.
func awaitAnswers(ctx context.Context, tx *store.Tx, touches []Touch, all []written) error {
	var answers []answer
	for i, t := range touches {
		if w := &all[i]; w.ended && t.Channel.Policy().Leaves == timeline.Answer {
			answers = append(answers, answer{t, w})
		}
	}
	if len(answers) == 0 {
		return nil
	}
	waiting, err := waitingFor(ctx, tx, answers)
	if err != nil {
		return err
	}
	settled := map[string]bool{}
	for _, a := range answers {
		for _, one := range waiting {
			if a.settles(one) {
				settled[one.Activity] = true
			}
		}
		if a.awaits() {
			waiting = append(waiting, a.waiting()...)
		}
	}
	var late []string
	for _, a := range answers {
		id, waits := a.w.activity, a.awaits() && !settled[a.w.activity]
		if waits && !a.w.waits {
			late = append(late, id)
		}
		if !a.w.waits {
			delete(settled, id)
		}
	}
	if err := timeline.SetWaiting(ctx, tx, late, true, ""); err != nil {
		return err
	}
	return timeline.SetWaiting(ctx, tx, slices.Sorted(maps.Keys(settled)), false, "")
}

// answer is a touch that has ended, and settles what waited before it.
type answer struct {
	Touch
	w *written
}

// settles tells whether it ends the waiting: by address, or on the same timeline. Who is new in a conversation settles
// what he wrote himself, and so does who is one of several.
func (a answer) settles(one timeline.Waiting) bool {
	if one.Address != "" {
		return one.Address == a.Client.Key()
	}
	return !a.w.several && !a.w.f.Newcomer && slices.Contains(a.w.links, one.On)
}

// waiting is how the touch itself waits.
func (a answer) waiting() (all []timeline.Waiting) {
	if key := a.Client.Key(); key != "" {
		all = append(all, timeline.Waiting{Activity: a.w.activity, Address: key})
	}
	for _, ref := range a.w.links {
		all = append(all, timeline.Waiting{Activity: a.w.activity, On: ref})
	}
	return all
}

// waitingFor reads what waited before these touches and may be settled by one of them.
func waitingFor(ctx context.Context, tx *store.Tx, answers []answer) (found []timeline.Waiting, err error) {
	var own, kinds, addresses []string
	var on []record.Ref
	for _, a := range answers {
		own, kinds = append(own, a.w.activity), append(kinds, a.Channel.Policy().Kind)
		addresses, on = append(addresses, a.Client.Key()), append(on, a.w.links...)
	}
	alike := func(q *query.Builder) { q.Add(" AND a.kind").In(slices.Compact(kinds)) }
	found, err = timeline.WaitingFor(ctx, tx, alike, addresses, on)
	return slices.DeleteFunc(found, func(w timeline.Waiting) bool { return slices.Contains(own, w.Activity) }), err
}

// settleTasks ends the waiting of the follow-ups that this client's calls left: by address, or on the same timelines.
func settleTasks(ctx context.Context, tx *store.Tx, t Touch, w *written) error {
	var on []record.Ref
	if !w.several && !w.f.Newcomer { // he settles what he wrote himself
		on = w.links
	}
	followUps := func(q *query.Builder) { q.Add(" AND a.kind = 'task' AND a.channel = ?", timeline.FollowUp) }
	found, err := timeline.WaitingFor(ctx, tx, followUps, []string{t.Client.Key()}, on)
	var ids []string
	for _, one := range found {
		ids = append(ids, one.Activity)
	}
	if err != nil {
		return err
	}
	return timeline.SetWaiting(ctx, tx, ids, false, ", outcome = 'done', dedupe = NULL")
}
