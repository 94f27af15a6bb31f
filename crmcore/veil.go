package crmcore

import (
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

// show cuts activities to what the actor may read, before they leave the room by whichever door: an entry of a line
// that is closed to him tells who and when, not what; of a meeting that he is not invited to, not its title; of the
// records an entry is on, those he may see.
func (c *Core) show(ctx context.Context, actor people.User, lists ...[]Activity) error {
	if actor == people.System() {
		return nil
	}
	if err := c.veil(ctx, actor.ID, lists...); err != nil {
		return err
	}
	if err := c.untitle(ctx, actor, lists); err != nil || actor.SeesAll() {
		return err
	}
	return c.hideOthers(ctx, actor, lists)
}

// shown is show for one activity.
func (c *Core) shown(ctx context.Context, actor people.User, a Activity, err error) (Activity, error) {
	if err != nil {
		return Activity{}, err
	}
	list := []Activity{a}
	err = c.show(ctx, actor, list)
	return list[0], err
}

// veil takes the text out of the entries whose line is closed to the user.
func (c *Core) veil(ctx context.Context, user string, lists ...[]Activity) error {
	var lines []string
	for _, list := range lists {
		for _, a := range list {
			if a.closable() && !slices.Contains(lines, a.Line) {
				lines = append(lines, a.Line)
			}
		}
	}
	if len(lines) == 0 {
		return nil
	}
	open, err := c.cfg.Lines.Open(ctx, user, lines)
	for _, list := range lists {
		for i := range list {
			if a := &list[i]; a.closable() && !slices.Contains(open, a.Line) {
				a.close()
			}
		}
	}
	return err
}

// untitle takes the titles out of the entries of meetings, and of calls into them, that the actor is not invited to.
func (c *Core) untitle(ctx context.Context, actor people.User, lists [][]Activity) error {
	if c.cfg.Meetings == nil || actor.Role == people.Admin {
		return nil
	}
	var sources []string
	for _, list := range lists {
		for _, a := range list {
			if a.titled() {
				sources = append(sources, a.Source)
			}
		}
	}
	if len(sources) == 0 {
		return nil
	}
	open, err := c.cfg.Meetings.OpenTo(ctx, actor.ID, sources)
	for _, list := range lists {
		for i := range list {
			if a := &list[i]; a.titled() && !open[a.Source] {
				a.Title = ""
			}
		}
	}
	return err
}

// titled tells whether an entry has the title of a meeting.
func (a Activity) titled() bool {
	return a.Title != "" && (a.Kind == string(Meeting) || a.Kind == string(Call))
}

// closable tells whether an entry came over a line that may be closed to some.
func (a Activity) closable() bool {
	for _, p := range policies() {
		if p.kind == a.Kind {
			return p.closable
		}
	}
	return false
}

// close leaves of an entry that it was, when, and over which line.
func (a *Activity) close() {
	a.Private, a.Title, a.Body, a.Address, a.Source, a.Made = true, "", "", "", "", nil
}

// hideOthers drops the records that the actor may not see from those that activities are on.
func (c *Core) hideOthers(ctx context.Context, actor people.User, lists [][]Activity) error {
	var refs []record.Ref
	for _, list := range lists {
		for _, a := range list {
			refs = append(refs, a.Entities...)
		}
	}
	seen, err := c.Readable(ctx, actor, record.Distinct(refs))
	if err != nil {
		return err
	}
	for _, list := range lists {
		for i := range list {
			list[i].Entities = slices.DeleteFunc(slices.Clone(list[i].Entities), func(ref record.Ref) bool {
				return !slices.ContainsFunc(seen, func(n record.Named) bool { return n.Ref == ref })
			})
		}
	}
	return nil
}

// closed tells whether a touch came over a line that does not file into the timelines which all share.
func (c *Core) closed(ctx context.Context, t Touch) (bool, error) {
	if !t.Channel.policy().closable {
		return false, nil
	}
	open, err := c.cfg.Lines.Open(ctx, "", []string{t.Line})
	return len(open) == 0, err
}
