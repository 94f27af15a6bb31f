package timeline

import (
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

// Show cuts activities to what the actor may read, before they leave the room by whichever door: an entry of a line
// that is closed to him tells who and when, not what; of a meeting that he is not invited to, not its title; of the
// records an entry is on, those he may see.
func (t *Timelines) Show(ctx context.Context, actor people.User, lists ...[]Activity) error {
	if actor == people.System() {
		return nil
	}
	if err := t.Veil(ctx, actor.ID, lists...); err != nil {
		return err
	}
	if err := t.untitle(ctx, actor, lists); err != nil || actor.SeesAll() {
		return err
	}
	return t.hideOthers(ctx, actor, lists)
}

// shown is show for one activity.
func (t *Timelines) shown(ctx context.Context, actor people.User, a Activity, err error) (Activity, error) {
	if err != nil {
		return Activity{}, err
	}
	list := []Activity{a}
	err = t.Show(ctx, actor, list)
	return list[0], err
}

// Veil takes the text out of the entries whose line is closed to the user.
func (t *Timelines) Veil(ctx context.Context, user string, lists ...[]Activity) error {
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
	open, err := t.lines.Open(ctx, user, lines)
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
func (t *Timelines) untitle(ctx context.Context, actor people.User, lists [][]Activity) error {
	if t.meetings == nil || actor.Role == people.Admin {
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
	open, err := t.meetings.OpenTo(ctx, actor.ID, sources)
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
	for _, p := range Policies() {
		if p.Kind == a.Kind {
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
func (t *Timelines) hideOthers(ctx context.Context, actor people.User, lists [][]Activity) error {
	var refs []record.Ref
	for _, list := range lists {
		for _, a := range list {
			refs = append(refs, a.Entities...)
		}
	}
	seen, err := record.Visible(ctx, t.db, actor, record.Distinct(refs))
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

// Closed tells whether what comes over a line of ours does not file into the timelines which all share.
func (t *Timelines) Closed(ctx context.Context, ch Channel, line string) (bool, error) {
	if !ch.Policy().closable {
		return false, nil
	}
	open, err := t.lines.Open(ctx, "", []string{line})
	return len(open) == 0, err
}
