package directory

import (
	"slices"
	"strings"
)

// Menu is a prompt after which a caller chooses by keys; without keys it is an announcement.
type Menu struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Prompt    string       `json:"prompt"`   // id
	Language  string       `json:"language"` // of what else it says
	Keys      []MenuKey    `json:"keys"`
	Wait      int          `json:"wait"`    // seconds for a key, after the prompt
	Repeats   int          `json:"repeats"` // how often it asks again, before it leads elsewhere
	Direct    bool         `json:"direct"`  // extensions may be dialled, too
	Otherwise *Destination `json:"otherwise,omitempty"`
}

// MenuKey is where a key leads.
type MenuKey struct {
	Key string      `json:"key"`
	To  Destination `json:"to"`
}

// What comes of a menu, besides the keys.
const (
	Timeout Outcome = "timeout" // no key was pressed
	Wrong   Outcome = "invalid" // none that leads anywhere
)

// pressed and dialled begin the outcomes of a key and of an extension.
const pressed, dialled = "key ", "extension "

// Ask has a caller choose from a menu, or only hear what it announces. He is answered for that where nobody has
// answered him yet.
type Ask struct {
	Menu Menu
	from *asking
}

// asking is what the ways out of a menu depend on. Menus may lead to each other, so they are not followed before
// somebody chooses. There is one for each menu of a program, which makes equal steps equal.
type asking struct {
	plan  *Plan
	facts Facts
}

// machines are what calls may lead to besides people.
func (p *Plan) machines(menus []Menu, boxes []VoicemailBox) {
	p.menus, p.boxes = map[string]Menu{}, map[string]VoicemailBox{}
	for _, m := range menus {
		p.menus[m.ID] = m
	}
	for _, b := range boxes {
		p.boxes[b.ID] = b
	}
}

// menu leads to a menu; nil: there is none.
func (p *Plan) menu(id string, facts Facts) Step {
	m, exists := p.menus[id]
	if !exists {
		return orUnavailable(facts.then)
	}
	if facts.asked[id] == nil {
		facts.then = nil
		facts.asked[id] = &asking{p, facts}
	}
	return Ask{Menu: m, from: facts.asked[id]}
}

// Outcomes of a menu.
func (a Ask) Outcomes() []Outcome {
	if len(a.Menu.Keys) == 0 {
		return []Outcome{Done, Failed}
	}
	all := make([]Outcome, 0, len(a.Menu.Keys)+2)
	for _, k := range a.Menu.Keys {
		all = append(all, Outcome(pressed+k.Key))
	}
	return append(all, Timeout, Wrong)
}

// After a menu.
func (a Ask) After(o Outcome) Step {
	plan, facts := a.from.plan, a.from.facts
	if key, ok := strings.CutPrefix(string(o), pressed); ok {
		if at := slices.IndexFunc(a.Menu.Keys, func(k MenuKey) bool { return k.Key == key }); at >= 0 {
			return plan.destination(a.Menu.Keys[at].To, facts)
		}
	}
	if number, ok := strings.CutPrefix(string(o), dialled); ok && a.Menu.Direct {
		if e, exists := plan.extensions[number]; exists {
			return plan.timed(e.Destination, e.Timed, facts)
		}
	}
	if a.Menu.Otherwise == nil {
		return nil
	}
	return plan.destination(*a.Menu.Otherwise, facts)
}

// Chosen is what the digits that a caller has pressed so far mean: an outcome where they lead somewhere, Wrong where
// they lead nowhere; more tells that others might follow, and change that.
func (a Ask) Chosen(digits string) (o Outcome, more bool) {
	o = Wrong
	if slices.ContainsFunc(a.Menu.Keys, func(k MenuKey) bool { return k.Key == digits }) {
		o = Outcome(pressed + digits)
	}
	if !a.Menu.Direct {
		return o, false
	}
	for number := range a.from.plan.extensions {
		switch {
		case number == digits:
			o = Outcome(dialled + digits)
		case strings.HasPrefix(number, digits):
			more = true
		}
	}
	return o, more
}

// VoicemailBox is where callers leave messages for users.
type VoicemailBox struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Users    []string `json:"users"`
	Greeting string   `json:"greeting"` // prompt; "" for the one that ships with the program
	Language string   `json:"language"`
	Seconds  int      `json:"seconds"` // longest message
}

// Voicemail has a caller leave a message.
type Voicemail struct{ Box VoicemailBox }

// What comes of a voicemail.
const (
	Recorded Outcome = "recorded" // there is a message
	Empty    Outcome = "empty"    // nothing was said
)

// Outcomes of Voicemail.
func (Voicemail) Outcomes() []Outcome { return []Outcome{Recorded, Empty, Failed} }

// After a voicemail comes nothing.
func (Voicemail) After(Outcome) Step { return nil }

// voicemail leads to a box.
func (p *Plan) voicemail(id string, facts Facts) Step {
	if box, exists := p.boxes[id]; exists {
		return Voicemail{box}
	}
	return orUnavailable(facts.then)
}
