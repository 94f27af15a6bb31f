package rules

import (
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

// mailed is a mail that rules are asked about.
type mailed struct {
	*mime.Message
	size int64
}

// holds tells whether a condition is true of a mail. Of nothing, all and none are true, and any is not.
func (c Condition) holds(l mailed) bool {
	switch c.Op {
	case "all":
		for _, of := range c.Of {
			if !of.holds(l) {
				return false
			}
		}
		return true
	case "any", "none":
		for _, of := range c.Of {
			if of.holds(l) {
				return c.Op == "any"
			}
		}
		return c.Op == "none"
	}
	return c.is(l)
}

func (c Condition) is(l mailed) bool {
	if c.Field == "size" {
		most, ok := c.bytes()
		return ok && l.size > most
	}
	want := strings.ToLower(c.Value)
	for _, value := range c.values(l) {
		value = strings.ToLower(strings.TrimSpace(value))
		is := false
		switch c.Match {
		case "contains":
			is = strings.Contains(value, want)
		case "equals":
			is = value == want
		case "begins":
			is = strings.HasPrefix(value, want)
		case "ends":
			is = strings.HasSuffix(value, want)
		case "exists":
			is = true
		}
		if is {
			return true
		}
	}
	return false
}

// values are what a mail says in a field; names and addresses of people each for itself.
func (c Condition) values(l mailed) (list []string) {
	switch c.Field {
	case "from":
		return people(l.From)
	case "to":
		return append(people(l.To), people(l.Cc)...)
	case "subject":
		return []string{l.Subject}
	case "words":
		return []string{l.Subject, l.Text}
	case "attachment":
		for _, p := range l.Parts {
			if !p.Inline {
				list = append(list, p.Name)
			}
		}
	case "list":
		return fields(l, "List-Id", "List-Post", "List-Unsubscribe")
	case "header":
		return fields(l, c.Header)
	}
	return list
}

func people(list []mime.Person) (values []string) {
	for _, p := range list {
		values = append(values, p.Name, p.Address)
	}
	return values
}

func fields(l mailed, names ...string) (values []string) {
	for _, name := range names {
		for all := l.Header.FieldsByKey(name); all.Next(); {
			values = append(values, coding.Words(all.Value()))
		}
	}
	return values
}
