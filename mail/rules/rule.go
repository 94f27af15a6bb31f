// Package rules is what a mailbox does with the mail that comes: its own ordered rules, and answers while its owner is
// away (RFC 3834).
package rules

import (
	"fmt"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/mail"
)

// Limits of what people keep.
const (
	maxRules    = 100
	maxDepth    = 5  // of conditions within conditions
	maxParts    = 50 // conditions of a rule
	maxText     = 500
	maxForwards = 5 // addresses of a rule
	maxLabels   = 20
)

// Rule does something with mail that its condition is true of.
type Rule struct {
	Name   string    `json:"name" maxLength:"200"`
	Active bool      `json:"active"`
	If     Condition `json:"if"`
	Then   Action    `json:"then"`
}

// Condition is a question about a mail: of several others (all, any, none), or of one thing in it.
type Condition struct {
	Op     string      `json:"op" enum:"all,any,none,is" doc:"is asks field itself, the others ask of"`
	Of     []Condition `json:"of,omitempty" maxItems:"50"`
	Field  string      `json:"field,omitempty" enum:"from,to,subject,words,header,size,attachment,list" doc:"to is To and Cc, words the subject and the text, attachment the name of a file, list that it came by a mailing list"`
	Header string      `json:"header,omitempty" maxLength:"100" doc:"Name of the field, for header"`
	Match  string      `json:"match,omitempty" enum:"contains,equals,begins,ends,exists,over" doc:"over: size in bytes"`
	Value  string      `json:"value,omitempty" maxLength:"500"`
}

// Action is what is done; what is left out isn't.
type Action struct {
	Folder  string   `json:"folder,omitempty" maxLength:"100" doc:"Id of the folder it moves to"`
	Discard bool     `json:"discard,omitempty" doc:"It goes to Trash"`
	Labels  []string `json:"labels,omitempty" maxItems:"20"`
	Seen    bool     `json:"seen,omitempty"`
	Flagged bool     `json:"flagged,omitempty"`
	Forward []string `json:"forward,omitempty" maxItems:"5" doc:"Addresses it is sent on to"`
	Stop    bool     `json:"stop,omitempty" doc:"No further rule is asked"`
}

// check tells why a rule can't be kept: mail.ErrInvalid.
func (r Rule) check() error {
	parts := 0
	if err := r.If.check(0, &parts); err != nil {
		return err
	}
	if strings.TrimSpace(r.Name) == "" || len(r.Name) > maxText || len(r.Then.Labels) > maxLabels ||
		len(r.Then.Forward) > maxForwards {
		return fmt.Errorf("rule %q: %w", r.Name, mail.ErrInvalid)
	}
	for _, address := range r.Then.Forward {
		if parsed, err := netmail.ParseAddress(address); err != nil || parsed.Address != address {
			return fmt.Errorf("forward to %q: %w", address, mail.ErrInvalid)
		}
	}
	return nil
}

func (c Condition) check(depth int, parts *int) error {
	*parts++
	bad := fmt.Errorf("condition %s %s %s: %w", c.Op, c.Field, c.Match, mail.ErrInvalid)
	if depth > maxDepth || *parts > maxParts || len(c.Value) > maxText || !utf8.ValidString(c.Value) {
		return bad
	}
	switch c.Op {
	case "is":
		return c.checkField(bad)
	case "all", "any", "none":
		for _, of := range c.Of {
			if err := of.check(depth+1, parts); err != nil {
				return err
			}
		}
		return nil
	}
	return bad
}

func (c Condition) checkField(bad error) error {
	switch c.Field {
	case "size":
		if _, ok := c.bytes(); !ok || c.Match != "over" {
			return bad
		}
		return nil
	case "header":
		if c.Header == "" || strings.ContainsAny(c.Header, " :\r\n") {
			return bad
		}
	case "from", "to", "subject", "words", "attachment", "list":
	default:
		return bad
	}
	switch c.Match {
	case "exists":
		return nil
	case "contains", "equals", "begins", "ends":
		if c.Value != "" {
			return nil
		}
	}
	return bad
}

func (c Condition) bytes() (int64, bool) {
	n, err := strconv.ParseInt(c.Value, 10, 64)
	return n, err == nil && n > 0
}

// Away is what a mailbox answers while its owner is away.
type Away struct {
	On    bool       `json:"on"`
	From  *time.Time `json:"from,omitempty" doc:"Without: from now on"`
	Until *time.Time `json:"until,omitempty" doc:"Without: until it is switched off"`
	Days  int        `json:"days" minimum:"1" maximum:"30" doc:"A sender has one answer in so many days"`
	Texts []AwayText `json:"texts" maxItems:"3" doc:"The first one is for languages that have none"`
}

// AwayText is the answer in one language.
type AwayText struct {
	Language string `json:"language" enum:"en,ro,ru"`
	Subject  string `json:"subject" maxLength:"300" doc:"Without: that of the mail, behind Auto:"`
	Text     string `json:"text" maxLength:"10000"`
}

func (a Away) check() error {
	if a.On && (len(a.Texts) == 0 || a.Days < 1) || a.From != nil && a.Until != nil && !a.From.Before(*a.Until) {
		return fmt.Errorf("away: %w", mail.ErrInvalid)
	}
	for _, t := range a.Texts {
		if strings.TrimSpace(t.Text) == "" || len(t.Text) > 40_000 || len(t.Subject) > 1000 {
			return fmt.Errorf("away: %w", mail.ErrInvalid)
		}
	}
	return nil
}
