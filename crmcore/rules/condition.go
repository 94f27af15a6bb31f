package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
)

// Condition is a tree. At most one of All, Any, Not and Field is set; with none it holds always.
type Condition struct {
	All   []Condition `json:"all,omitempty"`
	Any   []Condition `json:"any,omitempty"`
	Not   *Condition  `json:"not,omitempty"`
	Field string      `json:"field,omitempty"` // source, direction, line, address, name, subject, country, language, weekday, time
	Op    string      `json:"op,omitempty"`    // is, starts, contains; for time: between
	// one of them has to fit; for time: from and to as "15:04", to is excluded and may lie past midnight
	Values []string `json:"values,omitempty"`
}

// Facts are what conditions look at.
type Facts struct {
	Source    string // call, mail, meeting
	Direction string // in, out
	Line      string
	Address   string
	Name      string
	Subject   string
	Country   string
	At        time.Time // in the company's time zone
}

// get reads a field; false when there is none of that name.
func (f Facts) get(field string) (string, bool) {
	switch field {
	case "source":
		return f.Source, true
	case "direction":
		return f.Direction, true
	case "line":
		return f.Line, true
	case "address":
		return f.Address, true
	case "name":
		return f.Name, true
	case "subject":
		return f.Subject, true
	case "country":
		return f.Country, true
	case "language":
		return language(f.Country), true
	case "weekday":
		return strings.ToLower(f.At.Weekday().String()[:3]), true
	case "time":
		return f.At.Format("15:04"), true
	}
	return "", false
}

// language is the one of ours that most people of a country speak, English for others.
func language(country string) string {
	switch country {
	case "RO", "MD":
		return "ro"
	case "RU", "BY", "KZ", "KG":
		return "ru"
	}
	return "en"
}

// holds tells whether the condition is true of f, and why in one line.
func (c Condition) holds(f Facts) (bool, string) {
	switch {
	case len(c.All) > 0:
		return c.holdsAll(f)
	case len(c.Any) > 0:
		return c.holdsAny(f)
	case c.Not != nil:
		ok, why := c.Not.holds(f)
		return !ok, "not (" + why + ")"
	case c.Field != "":
		return c.leaf(f)
	}
	return true, "always"
}

func (c Condition) holdsAll(f Facts) (bool, string) {
	var reasons []string
	for _, each := range c.All {
		ok, why := each.holds(f)
		if !ok {
			return false, why
		}
		reasons = append(reasons, why)
	}
	return true, strings.Join(reasons, "; ")
}

func (c Condition) holdsAny(f Facts) (bool, string) {
	var reasons []string
	for _, each := range c.Any {
		ok, why := each.holds(f)
		if ok {
			return true, why
		}
		reasons = append(reasons, why)
	}
	return false, strings.Join(reasons, "; ")
}

func (c Condition) leaf(f Facts) (bool, string) {
	value, _ := f.get(c.Field)
	ok := c.Op == "between" && between(value, c.Values) ||
		slices.ContainsFunc(c.Values, func(want string) bool { return fits(c.Op, value, want) })
	verdict := "is not so"
	if ok {
		verdict = "is so"
	}
	return ok, fmt.Sprintf("%s %s %s: %q %s", c.Field, c.Op, strings.Join(c.Values, ", "), value, verdict)
}

func fits(op, value, want string) bool {
	value, want = fold.Text(value), fold.Text(want)
	switch op {
	case "is":
		return value == want
	case "starts":
		return strings.HasPrefix(value, want)
	case "contains":
		return strings.Contains(value, want)
	}
	return false
}

// between compares times of day as "15:04", which sort as text.
func between(at string, span []string) bool {
	from, to := span[0], span[1]
	if from <= to {
		return from <= at && at < to
	}
	return at >= from || at < to
}

// names tells whether the condition looks at a field at all.
func (c Condition) names(field string) bool {
	within := func(list []Condition) bool {
		return slices.ContainsFunc(list, func(each Condition) bool { return each.names(field) })
	}
	return c.Field == field || within(c.All) || within(c.Any) || c.Not != nil && c.Not.names(field)
}

const (
	maxDepth  = 10
	maxNodes  = 200 // of a condition
	maxValues = 500 // of a leaf
)

func (c Condition) check() error {
	nodes := 0
	return c.checkNode(1, &nodes)
}

func (c Condition) checkNode(depth int, nodes *int) error {
	*nodes++
	if depth > maxDepth || *nodes > maxNodes {
		return input.Refuse("when", fmt.Sprintf("is too large: at most %d levels and %d parts", maxDepth, maxNodes))
	}
	inner := slices.Concat(c.All, c.Any)
	kinds := 0
	for _, set := range []bool{len(c.All) > 0, len(c.Any) > 0, c.Not != nil, c.Field != ""} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return input.Refuse("when", "each part has only one of all, any, not and field")
	case c.Not != nil:
		inner = append(inner, *c.Not)
	case c.Field != "":
		return c.checkLeaf()
	}
	for _, each := range inner {
		if err := each.checkNode(depth+1, nodes); err != nil {
			return err
		}
	}
	return nil
}

func (c Condition) checkLeaf() error {
	_, known := Facts{}.get(c.Field)
	switch {
	case !known:
		return input.Refuse("when", "there is no field "+c.Field)
	case len(c.Values) == 0 || len(c.Values) > maxValues:
		return input.Refuse("when", fmt.Sprintf("%s needs 1 to %d values", c.Field, maxValues))
	case c.Field == "time":
		return c.checkSpan()
	case c.Op != "is" && c.Op != "starts" && c.Op != "contains":
		return input.Refuse("when", c.Field+" is compared by is, starts or contains")
	case c.Op != "is" && slices.ContainsFunc(c.Values, func(v string) bool { return fold.Text(v) == "" }):
		return input.Refuse("when", c.Field+" has an empty value")
	}
	return nil
}

func (c Condition) checkSpan() error {
	if c.Op != "between" || len(c.Values) != 2 {
		return input.Refuse("when", "time is between two values")
	}
	for _, v := range c.Values {
		if at, err := time.Parse("15:04", v); err != nil || at.Format("15:04") != v {
			return input.Refuse("when", v+" is not a time such as 09:30")
		}
	}
	return nil
}
