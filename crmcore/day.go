package crmcore

import "context"

// Day is what waits for a user.
type Day struct {
	Missed []Activity `json:"missed"` // follow-up tasks of calls nobody took and nobody called back yet
	Tasks  []Activity `json:"tasks"`  // other open tasks, those with a due time first
	Mails  []Activity `json:"mails"`  // mails nobody answered yet
}

// dayLimit bounds each part of a Day.
const dayLimit = 200

// MyDay reads what waits for the actor, or for his department's leads that nobody took yet; oldest first.
func (c *Core) MyDay(ctx context.Context, actor User) (day Day, err error) {
	if day.Missed, err = c.waiting(ctx, actor, "a.kind = 'task' AND a.channel = '"+followUp+"'", "a.at"); err != nil {
		return day, err
	}
	if day.Tasks, err = c.waiting(ctx, actor, "a.kind = 'task' AND a.channel <> '"+followUp+"'", "CASE WHEN a.due_at = 0 THEN 1 ELSE 0 END, a.due_at"); err != nil {
		return day, err
	}
	day.Mails, err = c.waiting(ctx, actor, "a.kind = 'mail'", "a.at")
	return day, err
}

func (c *Core) waiting(ctx context.Context, actor User, what, order string) ([]Activity, error) {
	q := new(query).add("SELECT "+activityColumns+" FROM activity a WHERE a.waiting AND "+what+" AND (a.user_id = ?", actor.ID)
	if actor.Department != "" {
		q.add(` OR (a.user_id = '' AND a.id IN (SELECT e.activity FROM activity_entity e JOIN lead l ON l.id = e.entity_id AND e.entity_kind = 'lead'
			WHERE l.responsible = '' AND l.department = ?))`, actor.Department)
	}
	return activities(ctx, c.db, q.add(") ORDER BY "+order+", a.id LIMIT ?", dayLimit))
}
