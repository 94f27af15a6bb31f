package timeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Activity is one entry of a timeline.
type Activity struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"` // call, mail, meeting, note, task, change, automation
	Incoming bool         `json:"incoming"`
	At       time.Time    `json:"at"`
	Seconds  int64        `json:"seconds,omitempty"` // talked
	Outcome  string       `json:"outcome,omitempty"` // calls: answered, missed, … ; tasks: open, done
	Title    string       `json:"title"`
	Body     string       `json:"body,omitempty"`
	Address  string       `json:"address,omitempty"`  // of the client: number or mailbox
	Line     string       `json:"line,omitempty"`     // ours: number or mailbox
	User     string       `json:"user,omitempty"`     // who did or has to do it
	Due      *time.Time   `json:"due,omitempty"`      // tasks
	Verified bool         `json:"verified"`           // mail: the sender is proven
	Source   string       `json:"source,omitempty"`   // id of the call, message or meeting behind it
	Several  bool         `json:"several,omitempty"`  // the address has several owners and nobody chose yet: see Timelines.Choose
	Newcomer bool         `json:"newcomer,omitempty"` // mail: it continues a client's conversation from an address that is none of his
	Entities []record.Ref `json:"entities"`
	Client   string       `json:"client,omitempty"` // on My day: the name, as it is now, of whom it is about
	// it came over a colleague's line that is closed to the reader: who and when is told, not what
	Private bool  `json:"private,omitempty"`
	Made    *Made `json:"made,omitempty"` // what a title of ours says; nil: a title is somebody's own text
}

// RuleDeed is something that a rule did.
type RuleDeed struct {
	What string `json:"what" enum:"assign,set,move,tag,task,mail,notify,webhook,list,approval"`
	Name string `json:"name,omitempty"` // of a field, task, template, webhook or list
	To   string `json:"to,omitempty"`   // a value, stage, tag or person
}

// Made is a title that the CRM wrote, in parts: Title has them in English, the workplace says them in its reader's
// language.
type Made struct {
	What string `json:"what" enum:"lead_stage,deal_stage,responsible,field,call_back,claimed,merged,trait,document,rule"`
	// claimed: whose client had it; lead_stage: a stage's code; deal_stage and responsible: a name; field: its
	// values; document: its kind, offer or invoice; "": none
	From string `json:"from,omitempty"`
	// likewise; claimed: who entered it; document: created, sent, accepted, declined, issued, paid, cancelled, reopened
	To string `json:"to,omitempty"`
	By By     `json:"by,omitempty" enum:",api,import,merge,rule" doc:"What changed it, when it was not somebody in the workplace"`
	// call_back: of the client, or the number; claimed: the number or mailbox; field: its own; merged: of the other;
	// trait: of what changed; document: its number; rule: its own
	Name string     `json:"name,omitempty"`
	Did  []RuleDeed `json:"did,omitempty"` // rule: what it did
}

// title says it in English.
func (m Made) title() string {
	if m.What == "claimed" {
		return fmt.Sprintf("%s of a client of %s, entered by %s", m.Name, cmp.Or(m.From, "–"), m.To)
	}
	if m.What == "rule" {
		return "Rule: " + m.Name
	}
	if m.What == "merged" {
		return "Merged with " + m.Name
	}
	if m.What == "document" {
		return strings.Join(strings.Fields(m.From+" "+m.Name+" "+m.To), " ")
	}
	field := map[string]string{"lead_stage": "Stage", "deal_stage": "Stage", "responsible": "Responsible",
		"field": m.Name, "trait": m.Name}[m.What]
	if field == "" {
		return "Call back " + m.Name
	}
	return fmt.Sprintf("%s: %s → %s", field, cmp.Or(m.From, "–"), cmp.Or(m.To, "–"))
}

const Columns = `a.id, a.kind, a.incoming, a.at, a.seconds, a.outcome, a.title, a.body, a.address, a.line, a.user_id,
	a.due_at, a.verified, a.several, a.newcomer, a.source, a.made`

func Scan(r store.Row) (a Activity, err error) {
	var at, due int64
	var made string
	err = r.Scan(&a.ID, &a.Kind, &a.Incoming, &at, &a.Seconds, &a.Outcome, &a.Title, &a.Body, &a.Address, &a.Line,
		&a.User,
		&due, &a.Verified, &a.Several, &a.Newcomer, &a.Source, &made)
	if err == nil && made != "" {
		err = json.Unmarshal([]byte(made), &a.Made)
	}
	a.At, a.Entities = store.Time(at), []record.Ref{}
	if due != 0 {
		t := store.Time(due)
		a.Due = &t
	}
	return a, err
}
