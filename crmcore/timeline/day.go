package timeline

import (
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store/query"
)

// Day is what waits for a user.
type Day struct {
	Missed []Activity `json:"missed"` // follow-up tasks of calls nobody took and nobody called back yet
	Tasks  []Activity `json:"tasks"`  // other open tasks, those with a due time first
	Mails  []Activity `json:"mails"`  // mails nobody answered yet
}

// dayLimit bounds each part of a Day.
const dayLimit = 200

// MyDay reads what waits for the actor, or for his department's leads that nobody took yet; oldest first.
func (t *Timelines) MyDay(ctx context.Context, actor people.User) (day Day, err error) {
	if day.Missed, err = t.waiting(ctx, actor, "a.kind = 'task' AND a.channel = '"+FollowUp+"'", "a.at"); err != nil {
		return day, err
	}
	if day.Tasks, err = t.waiting(ctx, actor, "a.kind = 'task' AND a.channel <> '"+FollowUp+"'",
		"CASE WHEN a.due_at = 0 THEN 1 ELSE 0 END, a.due_at"); err != nil {
		return day, err
	}
	if day.Mails, err = t.waitingMails(ctx, actor); err != nil {
		return day, err
	}
	if err = t.Show(ctx, actor, day.Missed, day.Tasks); err != nil {
		return day, err
	}
	return day, t.nameClients(ctx, actor, day.Missed, day.Tasks, day.Mails)
}

// nameClients says of each entry whom it is about, where the actor may see that.
func (t *Timelines) nameClients(ctx context.Context, actor people.User, lists ...[]Activity) error {
	var refs []record.Ref
	for _, a := range slices.Concat(lists...) {
		if len(a.Entities) > 0 {
			refs = append(refs, record.Foremost(a.Entities))
		}
	}
	named, err := record.Visible(ctx, t.db, actor, refs)
	names := map[record.Ref]string{}
	for _, n := range named {
		names[n.Ref] = n.Name
	}
	for _, list := range lists {
		for i := range list {
			if len(list[i].Entities) > 0 {
				list[i].Client = names[record.Foremost(list[i].Entities)]
			}
		}
	}
	return err
}

// waitingMails are those the actor may answer: of the mailboxes he reads, and of shared ones those of his clients.
func (t *Timelines) waitingMails(ctx context.Context, actor people.User) ([]Activity, error) {
	own, err := t.lines.Own(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	found, err := t.waiting(ctx, actor, "a.kind IN ("+kinds(Policy.waits)+")", "a.at", own...)
	if err == nil {
		err = t.Show(ctx, actor, found)
	}
	return slices.DeleteFunc(found, func(a Activity) bool { return a.Private }), err
}

// waiting reads what waits for the actor or on lines of his.
func (t *Timelines) waiting(ctx context.Context, actor people.User, what, order string,
	lines ...string) ([]Activity, error) {
	q := query.New("SELECT "+Columns+" FROM activity a WHERE a.waiting AND "+what+" AND (a.user_id = ?",
		actor.ID)
	if len(lines) > 0 {
		q.Add(" OR a.line").In(lines)
	}
	if actor.Department != "" {
		q.Add(` OR (a.user_id = '' AND a.id IN (SELECT e.activity FROM activity_entity e JOIN lead l ON l.id = e.entity_id AND e.entity_kind = 'lead'
			WHERE l.responsible = '' AND l.department = ?))`, actor.Department)
	}
	return Read(ctx, t.db, q.Add(") ORDER BY "+order+", a.id LIMIT ?", dayLimit))
}
