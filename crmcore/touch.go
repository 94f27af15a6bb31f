package crmcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/crmcore/match"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// Receive takes a touch and answers with the card to open. It is idempotent on (Channel, Key): the first call makes the
// activity and, for somebody unknown whom the rules want, the lead; later ones bring the same activity up to date.
// Ended may come alone. Errors: Invalid, or a failure of the database, after which the touch should be received again.
func (c *Core) Receive(ctx context.Context, t Touch) (Card, error) {
	return c.timed(ctx, t, func(t Touch) (Card, error) {
		t, w, err := c.look(ctx, t)
		if err != nil {
			return Card{}, err
		}
		if card, done, err := c.begin(ctx, t, w); done || err != nil {
			return card, err
		}
		if w, err = c.writes(ctx, t, w, nil); err != nil {
			return Card{}, err
		}
		return c.shows(ctx, t, w, c.opens)
	})
}

// Close takes the end of a touch, and does more in the transaction that writes it, which may be tried several times.
// There is a card only of what made a lead: nobody is shown another when a touch has ended.
func (c *Core) Close(ctx context.Context, t Touch, also func(tx *store.Tx) error) (Card, error) {
	return c.timed(ctx, t, func(t Touch) (Card, error) {
		t, w, err := c.look(ctx, t)
		if err == nil {
			w, err = c.writes(ctx, t, w, also)
		}
		if err != nil {
			return Card{}, err
		}
		return c.shows(ctx, t, w, c.closes)
	})
}

func (c *Core) timed(ctx context.Context, t Touch, receive func(Touch) (Card, error)) (Card, error) {
	start := time.Now()
	card, err := receive(t)
	c.metrics.received(t, card, err, start)
	if err != nil {
		return Card{}, fmt.Errorf("%s %s: %w", t.Channel, t.Key, err)
	}
	return card, nil
}

// writes writes down a touch that was looked at, and what more also does.
func (c *Core) writes(ctx context.Context, t Touch, seen written,
	also func(tx *store.Tx) error) (w written, err error) {
	var all []written
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		all = []written{seen}
		return c.write(ctx, tx, []Touch{t}, all)
	})
	if err != nil {
		return seen, err
	}
	return all[0], nil
}

// begin writes down a touch that is first heard of and makes no lead, and reads its card, in one turn at the database:
// phones wait to be rung. Not done is one that was heard of before, or needs more.
func (c *Core) begin(ctx context.Context, t Touch, w written) (card Card, done bool, err error) {
	if t.Phase != timeline.Began || !t.Channel.Policy().Rings || w.route.Create {
		return Card{}, false, nil
	}
	e := t.entry(w.f)
	insert, err := e.Inserting()
	if err != nil {
		return Card{}, false, err
	}
	if w.links, err = w.f.Links(ctx, c.db); err != nil {
		return Card{}, false, err
	}
	all := []store.Statement{{Query: insert.String(), Args: insert.Args}}
	if len(w.links) > 0 {
		all = append(all, timeline.Linking(e.ID, t.At, w.links))
	}
	d := drafted(t, &w, c.unseen(t, w))
	changed, err := c.db.Commit(ctx, all, d.reads()...)
	if err != nil || changed[0] == 0 {
		return Card{}, false, err
	}
	w.created, w.activity, w.several = true, e.ID, w.f.Several
	c.Tell(ctx, w.links)
	card, err = d.card(ctx, c.db)
	return card, true, err
}

// shows puts the card of a touch together.
func (c *Core) shows(ctx context.Context, t Touch, w written, opening opening) (Card, error) {
	card, d := opening(ctx, t, &w)
	if d == nil {
		return card, nil
	}
	cards, err := c.cards(ctx, []*draft{d})
	return cards[0], err
}

// opening tells what was written, and which card there is: its draft, where it has to be read.
type opening func(ctx context.Context, t Touch, w *written) (Card, *draft)

// closes opens only what made a lead.
func (c *Core) closes(ctx context.Context, t Touch, w *written) (Card, *draft) {
	if w.lead == "" {
		c.Tell(ctx, w.links)
		return Card{Match: w.f.Match}, nil
	}
	return c.opens(ctx, t, w)
}

// opens has a card of a mail only where somebody would see it, or where it made a lead, which is told with it.
func (c *Core) opens(ctx context.Context, t Touch, w *written) (Card, *draft) {
	c.Tell(ctx, w.links)
	if w.f.Match == None && len(w.links) > 0 {
		w.f.Hits = []match.Hit{{Ref: w.links[0], Responsible: w.route.User, Why: "number"}}
	}
	unseen := c.unseen(t, *w)
	if unseen && w.lead == "" && t.Channel.Policy().Leaves == timeline.Answer {
		return Card{Activity: w.activity, Reason: t.Channel, Match: w.f.Match, Bare: true}, nil
	}
	return Card{}, drafted(t, w, unseen)
}

// write brings the activities of touches and all that follows from them up to date, in one transaction: each as if
// those before it were written. The activities' rows are written first: whoever holds one is the only one at work on
// its touch.
func (c *Core) write(ctx context.Context, tx *store.Tx, touches []Touch, all []written) error {
	if err := bring(ctx, tx, touches, all); err != nil {
		return err
	}
	if err := connect(ctx, tx, touches, all); err != nil {
		return err
	}
	for i, t := range touches {
		if w := &all[i]; w.ended && !t.Channel.Policy().Named {
			if err := c.finish(ctx, tx, t, w); err != nil {
				return err
			}
		}
	}
	return awaitAnswers(ctx, tx, touches, all)
}

// connect puts the activities on their timelines, those of new leads if need be.
func connect(ctx context.Context, tx *store.Tx, touches []Touch, all []written) (err error) {
	var loose []answer
	var unknown []newcomer
	for i, t := range touches {
		w := &all[i]
		if t.Channel.Policy().Named || len(w.links) > 0 || w.several {
			continue
		}
		if w.links, err = w.f.Links(ctx, tx); err != nil {
			return err
		}
		w.several = w.f.Several
		loose = append(loose, answer{t, w})
		if w.created && w.route.Create {
			unknown = append(unknown, newcomer{Touch: t, w: w})
		}
	}
	if err := makeLeads(ctx, tx, unknown); err != nil {
		return err
	}
	for _, l := range loose {
		if err := timeline.Link(ctx, tx, l.w.activity, l.At, l.w.links); err != nil {
			return err
		}
	}
	return nil
}

// finish does what the end of a call brings about, once.
func (c *Core) finish(ctx context.Context, tx *store.Tx, t Touch, w *written) error {
	switch left := t.Channel.Policy().Leaves; {
	case left == timeline.CallBack && t.Outcome == "answered":
		return settleTasks(ctx, tx, t, w)
	case left == timeline.CallBack && t.Incoming && !t.Promised && t.neverLead() == "":
		return c.leaveFollowUp(ctx, tx, t, w)
	}
	return nil
}

// Owes leaves the task to call back that a touch was promised to need none of, and does more in the transaction that
// writes it.
func (c *Core) Owes(ctx context.Context, t Touch, also func(tx *store.Tx) error) error {
	t, seen, err := c.look(ctx, t)
	if err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		all := []written{seen}
		if err := cmp.Or(also(tx), c.write(ctx, tx, []Touch{t}, all)); err != nil || t.neverLead() != "" {
			return err
		}
		return c.leaveFollowUp(ctx, tx, t, &all[0])
	})
}

// leaveFollowUp leaves one task to call back, however often the client called.
func (c *Core) leaveFollowUp(ctx context.Context, tx *store.Tx, t Touch, w *written) error {
	user, err := c.whoCallsBack(ctx, tx, t, w)
	if err != nil {
		return err
	}
	due := t.At
	e := timeline.Entry{Channel: timeline.FollowUp, Dedupe: t.Client.Key(), Waiting: true,
		Activity: timeline.Activity{ID: store.NewID(), Kind: "task", At: store.Now(),
			Outcome: "open", Made: &timeline.Made{What: "call_back", Name: cmp.Or(t.Name, t.Client.Show())},
			Address: t.Client.Key(), Line: t.Line, User: user,
			Due: &due, Several: w.several, Source: w.activity, Entities: w.links}}
	if fresh, err := e.Insert(ctx, tx); err != nil || !fresh {
		return err
	}
	return timeline.TellTask(ctx, tx, timeline.TaskCreated, e.Activity)
}

// whoCallsBack: the responsible user of who called; else who was called; else an admin. A lead that is still its
// department's is left to the whole department.
func (c *Core) whoCallsBack(ctx context.Context, tx *store.Tx, t Touch, w *written) (string, error) {
	for _, ref := range w.links {
		h, err := record.HeadOf(ctx, tx, people.System(), ref)
		if err != nil {
			return "", err
		}
		if h.Responsible == "" && h.Department != "" || people.Here(ctx, tx, h.Responsible) {
			return h.Responsible, nil
		}
	}
	if i := slices.IndexFunc(t.Users, func(id string) bool { return people.Here(ctx, tx, id) }); i >= 0 {
		return t.Users[i], nil
	}
	id, err := people.FirstAdmin(ctx, tx)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return id, err
}
