package dialplan

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

// asking is where the ways out of a menu lead. Menus may lead to each other, so they are not followed before somebody
// chooses. There is one for each menu of a program, which makes equal steps equal.
type asking struct {
	leads      func(Destination, Timed) Step
	extensions map[string]Extension // by number
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
	if key, ok := strings.CutPrefix(string(o), pressed); ok {
		if at := slices.IndexFunc(a.Menu.Keys, func(k MenuKey) bool { return k.Key == key }); at >= 0 {
			return a.from.leads(a.Menu.Keys[at].To, Timed{})
		}
	}
	if number, ok := strings.CutPrefix(string(o), dialled); ok && a.Menu.Direct {
		if e, exists := a.from.extensions[number]; exists {
			return a.from.leads(e.Destination, e.Timed)
		}
	}
	if a.Menu.Otherwise == nil {
		return nil
	}
	return a.from.leads(*a.Menu.Otherwise, Timed{})
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
	for number := range a.from.extensions {
		switch {
		case number == digits:
			o = Outcome(dialled + digits)
		case strings.HasPrefix(number, digits):
			more = true
		}
	}
	return o, more
}

// Give leads to the heir where the menu leads on to a user; false: nothing changes.
func (m *Menu) Give(user, heir string) (given bool) {
	given = m.Otherwise != nil && m.Otherwise.Give(user, heir)
	for i := range m.Keys {
		given = m.Keys[i].To.Give(user, heir) || given
	}
	return given
}
