package crmcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
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
		return c.opens(ctx, t, w)
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
		return c.closes(ctx, t, w)
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
	if w.links, err = w.f.links(ctx, c.db); err != nil {
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
	w.created, w.activity, w.several = true, e.ID, w.f.several
	c.Tell(ctx, w.links)
	card, err = d.card(ctx, c.db)
	return card, true, err
}

// closes tells what was written, and puts the card together of what made a lead.
func (c *Core) closes(ctx context.Context, t Touch, w written) (Card, error) {
	if w.lead == "" {
		c.Tell(ctx, w.links)
		return Card{Match: w.f.match}, nil
	}
	return c.opens(ctx, t, w)
}

// opens tells what was written, and puts the card together: of a mail only where somebody would see it, or where it made
// a lead, which is told with it.
func (c *Core) opens(ctx context.Context, t Touch, w written) (Card, error) {
	c.Tell(ctx, w.links)
	if w.f.match == None && len(w.links) > 0 {
		w.f.hits = []hit{{Ref: w.links[0], responsible: w.route.User, why: "number"}}
	}
	unseen := c.unseen(t, w)
	if unseen && w.lead == "" && t.Channel.Policy().Leaves == timeline.Answer {
		return Card{Activity: w.activity, Reason: t.Channel, Match: w.f.match, Bare: true}, nil
	}
	return c.card(ctx, t, w, unseen)
}

// write brings the activities of touches and all that follows from them up to date, in one transaction: each as if
// those before it were written. The activities' rows are written first: whoever holds one is the only one at work on
// its touch.
func (c *Core) write(ctx context.Context, tx *store.Tx, touches []Touch, all []written) error {
	if err := bring(ctx, tx, touches, all); err != nil {
		return err
	}
	for i, t := range touches {
		w := &all[i]
		if t.Channel.Policy().Named {
			continue
		}
		if len(w.links) == 0 && !w.several {
			if err := c.connect(ctx, tx, t, w); err != nil {
				return err
			}
		}
		if w.ended {
			if err := c.finish(ctx, tx, t, w); err != nil {
				return err
			}
		}
	}
	return awaitAnswers(ctx, tx, touches, all)
}

// connect puts the activity on its timelines, that of a new lead if need be.
func (c *Core) connect(ctx context.Context, tx *store.Tx, t Touch, w *written) (err error) {
	if w.links, err = w.f.links(ctx, tx); err != nil {
		return err
	}
	w.several = w.f.several
	if w.created && w.route.Create {
		if err := c.makeLead(ctx, tx, t, w); err != nil {
			return err
		}
	}
	return timeline.Link(ctx, tx, w.activity, t.At, w.links)
}

// makeLead makes the lead of an unknown address, or finds the one that another touch made at the same moment: the
// address's row in lead_address lets only one through, and the other waits for it.
func (c *Core) makeLead(ctx context.Context, tx *store.Tx, t Touch, w *written) error {
	lead := store.NewID()
	n, err := query.Exec(ctx, tx, "INSERT INTO lead_address (address, lead) VALUES ($1, $2) ON CONFLICT DO NOTHING",
		t.Client.Key(), lead)
	if err != nil {
		return err
	}
	if n == 0 {
		return takeLead(ctx, tx, t, w)
	}
	if err := w.route.Take(ctx, tx); err != nil {
		return err
	}
	if err := w.route.StillHere(ctx, tx); err != nil {
		return err
	}
	w.lead, w.links = lead, []record.Ref{record.Lead.Ref(lead)}
	name := cmp.Or(t.Name, t.Client.Show())
	return query.Steps(
		func() error {
			return insertLead(ctx, tx, Lead{ID: lead, Title: name, Name: t.Name, Source: string(t.Channel),
				Line: t.Line, Stage: LeadNew, Rule: w.route.Rule,
				Points: []record.Point{record.PointOf(t.Client)}, Responsible: w.route.User, Kept: w.route.Kept,
				Department: w.route.Department})
		},
		func() error {
			if !t.Incoming || t.Channel.Policy().Rings && t.Phase == timeline.Began {
				return nil
			}
			_, err := tx.Exec(ctx, "UPDATE activity SET user_id = $1 WHERE id = $2 AND outcome <> 'answered'",
				w.route.User, w.activity)
			return err
		},
		func() error { return tellLead(ctx, tx, t, *w) })
}

func takeLead(ctx context.Context, tx *store.Tx, t Touch, w *written) error {
	known, err := query.One(ctx, tx, func(r store.Row) (l Lead, err error) {
		return l, r.Scan(&l.ID, &l.Responsible, &l.Kept, &l.Department, &l.Rule)
	},
		query.New("SELECT l.id, l.responsible, l.kept, l.department, l.rule FROM lead_address a JOIN lead l ON l.id = a.lead WHERE a.address = ?", t.Client.Key()))
	if err != nil {
		return fmt.Errorf("lead of %s: %w", t.Client.Key(), err)
	}
	w.links = []record.Ref{record.Lead.Ref(known.ID)}
	w.route.User, w.route.Kept, w.route.Department, w.route.Rule = known.Responsible, known.Kept, known.Department,
		known.Rule
	return nil
}

// finish does what the end of a call brings about, once.
func (c *Core) finish(ctx context.Context, tx *store.Tx, t Touch, w *written) error {
	switch left := t.Channel.Policy().Leaves; {
	case left == timeline.CallBack && t.Outcome == "answered":
		return settleTasks(ctx, tx, t, w)
	case left == timeline.CallBack && t.Incoming && t.neverLead() == "":
		return c.leaveFollowUp(ctx, tx, t, w)
	}
	return nil
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
