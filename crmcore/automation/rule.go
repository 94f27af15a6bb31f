package automation

import (
	"encoding/json"
	"errors"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
)

// Routine is a rule: it says what happens by itself with records of a kind, when something sets it off and its
// condition holds then.
type Routine struct {
	ID        string          `json:"id" readOnly:"true"`
	Name      string          `json:"name" minLength:"1" maxLength:"200"`
	Position  int64           `json:"position" readOnly:"true"`
	Active    bool            `json:"active"`
	Kind      record.Kind     `json:"kind" enum:"lead,deal,contact,company"`
	On        Trigger         `json:"on"`
	When      rules.Condition `json:"when" required:"false"`
	Then      []Effect        `json:"then" minItems:"1" maxItems:"20" doc:"All of it happens, in order, or nothing"`
	Stopped   Stopped         `json:"stopped" readOnly:"true" enum:",loop,busy" doc:"Why it was switched off by itself: it set itself off again and again, or ran too often with one record"`
	StoppedAt *time.Time      `json:"stopped_at,omitempty" readOnly:"true"`
	StoppedBy *record.Named   `json:"stopped_by,omitempty" readOnly:"true" doc:"The record that it was busy with then"`

	since time.Time
}

// Stopped is why a rule was switched off by itself.
type Stopped string

const (
	loop Stopped = "loop" // more than maxChain rules set each other off
	busy Stopped = "busy" // more than maxHour runs with one record in an hour
)

// What sets rules off.
type What string

const (
	made    What = "made"    // a record is new
	entered What = "entered" // a deal or lead comes to a stage
	left    What = "left"
	changed What = "changed" // a field of a record
)

// Trigger is what sets a rule off.
type Trigger struct {
	What     What     `json:"what" enum:"made,entered,left,changed"`
	Stages   []string `json:"stages,omitempty" maxItems:"100" doc:"entered, left: which; none: any. Ids, of leads new, in_progress, converted, junk"`
	Fields   []string `json:"fields,omitempty" maxItems:"100" doc:"changed: which; none: any. Ids, or responsible, name, title, amount, contact, company, comment, points, position, website"`
	Imported bool     `json:"imported,omitempty" doc:"made: also of those that an import brings in"`
}

// Unit of a time.
type Unit string

const (
	hours Unit = "hours"
	days  Unit = "days"
)

// Do is what an action does.
type Do string

const (
	assign Do = "assign"  // somebody is responsible
	set    Do = "set"     // a field has values
	move   Do = "move"    // to a stage
	tag    Do = "tag"     // tags are added
	task   Do = "task"    // somebody has to do something
	notify Do = "notify"  // somebody is told
	hook   Do = "webhook" // a webhook is told
	list   Do = "list"    // the client is put on a calling list
)

// Effect is one thing that a rule does.
type Effect struct {
	Do      Do       `json:"do" enum:"assign,set,move,tag,task,notify,webhook,list"`
	To      *Whom    `json:"to,omitempty" doc:"assign, task, notify"`
	Field   string   `json:"field,omitempty" maxLength:"100" doc:"set: its id"`
	Values  []string `json:"values,omitempty" maxItems:"50" doc:"set: none empties the field; tag: the tags"`
	Stage   string   `json:"stage,omitempty" maxLength:"100"`
	Title   string   `json:"title,omitempty" maxLength:"400" doc:"task; notify: what is said. {name} is the record's name"`
	Text    string   `json:"text,omitempty" maxLength:"10000" doc:"task"`
	In      int      `json:"in,omitempty" minimum:"0" maximum:"3650" doc:"task: due in so many"`
	Unit    Unit     `json:"unit,omitempty" enum:",hours,days"`
	Webhook string   `json:"webhook,omitempty" maxLength:"100"`
	List    string   `json:"list,omitempty" maxLength:"100"`
}

// Whom names a user.
type Whom struct {
	Who        Who    `json:"who" enum:"responsible,user,next_available,least_busy,department,admin" doc:"department is for notify alone: all its people"`
	User       string `json:"user,omitempty" maxLength:"100"`
	Department string `json:"department,omitempty" maxLength:"100" doc:"next_available, least_busy, department: it and those below"`
}

// Who is a way to name a user.
type Who string

const (
	responsible   Who = "responsible"
	oneUser       Who = "user"
	nextAvailable Who = "next_available"
	leastBusy     Who = "least_busy"
	department    Who = "department"
	admin         Who = "admin"
)

const ruleColumns = `SELECT id, name, position, active, kind, starts, condition, actions, since, stopped, stopped_at,
	stopped_by FROM automation_rule`

func scanRule(r store.Row) (x Routine, err error) {
	var on, when, then, by string
	var since, at int64
	if err = r.Scan(&x.ID, &x.Name, &x.Position, &x.Active, &x.Kind, &on, &when, &then, &since, &x.Stopped, &at,
		&by); err != nil {
		return x, err
	}
	x.since = store.Time(since)
	if at != 0 {
		t := store.Time(at)
		x.StoppedAt = &t
	}
	if by != "" {
		err = json.Unmarshal([]byte(by), &x.StoppedBy)
	}
	return x, errors.Join(err, json.Unmarshal([]byte(on), &x.On), json.Unmarshal([]byte(when), &x.When),
		json.Unmarshal([]byte(then), &x.Then))
}
