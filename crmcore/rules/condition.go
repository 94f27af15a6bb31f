package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
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
	Field string      `json:"field,omitempty" doc:"For rules of arrival source, direction, line, address, name, subject, country, language, weekday, time; for automation what GET /automation/fields says"`
	Op    string      `json:"op,omitempty" doc:"is, not, starts, contains, empty, filled; of numbers and days from, to (both included); of time between"`
	// one of them has to fit; for time: from and to as "15:04", to is excluded and may lie past midnight
	Values []string `json:"values,omitempty" doc:"One of them has to fit. A day is 2026-11-30, or so many from today on, as -7 or +30; time has from and to as 15:04"`
}

// Subject is what conditions look at.
type Subject interface {
	// Look reads a field; false when there is none of that name.
	Look(field string) (Value, bool)
}

// As is how a field is compared.
type As string

const (
	Text   As = "text"
	Number As = "number"
	Day    As = "day" // 2026-11-30
	Clock  As = "time"
)

// Value is what a field has.
type Value struct {
	Name  string // what people call the field
	As    As
	Have  []string               // none: it is empty
	Call  func(id string) string // how people read a text of it; nil: as it is
	Today time.Time              // for Day
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

// Look reads a field; false when there is none of that name.
func (f Facts) Look(field string) (Value, bool) {
	text := func(v string) (Value, bool) {
		if v == "" {
			return Value{Name: field, As: Text}, true
		}
		return Value{Name: field, As: Text, Have: []string{v}}, true
	}
	switch field {
	case "source":
		return text(f.Source)
	case "direction":
		return text(f.Direction)
	case "line":
		return text(f.Line)
	case "address":
		return text(f.Address)
	case "name":
		return text(f.Name)
	case "subject":
		return text(f.Subject)
	case "country":
		return text(f.Country)
	case "language":
		return text(Language(f.Country))
	}
	return Moment(field, f.At)
}

// Moment reads a field of a time: weekday or time.
func Moment(field string, at time.Time) (Value, bool) {
	switch field {
	case "weekday":
		return Value{Name: field, As: Text, Have: []string{strings.ToLower(at.Weekday().String()[:3])}}, true
	case "time":
		return Value{Name: field, As: Clock, Have: []string{at.Format("15:04")}}, true
	}
	return Value{}, false
}

// Language is the one of ours that most people of a country speak, English for others.
func Language(country string) string {
	switch country {
	case "RO", "MD":
		return "ro"
	case "RU", "BY", "KZ", "KG":
		return "ru"
	}
	return "en"
}

// Holds tells whether the condition is true of s, and why in one line.
func (c Condition) Holds(s Subject) (bool, string) {
	switch {
	case len(c.All) > 0:
		return c.holdsAll(s)
	case len(c.Any) > 0:
		return c.holdsAny(s)
	case c.Not != nil:
		ok, why := c.Not.Holds(s)
		return !ok, "not (" + why + ")"
	case c.Field != "":
		return c.leaf(s)
	}
	return true, "always"
}

func (c Condition) holdsAll(s Subject) (bool, string) {
	var reasons []string
	for _, each := range c.All {
		ok, why := each.Holds(s)
		if !ok {
			return false, why
		}
		reasons = append(reasons, why)
	}
	return true, strings.Join(reasons, "; ")
}

func (c Condition) holdsAny(s Subject) (bool, string) {
	var reasons []string
	for _, each := range c.Any {
		ok, why := each.Holds(s)
		if ok {
			return true, why
		}
		reasons = append(reasons, why)
	}
	return false, strings.Join(reasons, "; ")
}

func (c Condition) leaf(s Subject) (bool, string) {
	value, known := s.Look(c.Field)
	if !known {
		value.Name = c.Field
	}
	ok := value.fits(c.Op, c.Values)
	verdict := "is not so"
	if ok {
		verdict = "is so"
	}
	return ok, fmt.Sprintf("%s %s: %q %s", value.Name, strings.TrimSpace(c.Op+" "+value.read(c.Values)),
		value.read(value.Have), verdict)
}

// read are texts as people read them.
func (v Value) read(texts []string) string {
	if v.Call != nil {
		texts = slices.Clone(texts)
		for i := range texts {
			texts[i] = v.Call(texts[i])
		}
	}
	return strings.Join(texts, ", ")
}

// fits tells whether a value is as it is asked for.
func (v Value) fits(op string, want []string) bool {
	switch op {
	case "empty", "filled":
		return (len(v.Have) == 0) == (op == "empty")
	case "between":
		return len(v.Have) > 0 && len(want) == 2 && between(v.Have[0], want)
	case "not":
		return !v.fits("is", want)
	case "from", "to":
		return v.bounded(op, want)
	}
	have := v.Have
	if len(have) == 0 {
		have = []string{""} // what is not there may be asked for
	}
	return slices.ContainsFunc(want, func(want string) bool {
		return slices.ContainsFunc(have, func(have string) bool { return v.one(op, have, want) })
	})
}

func (v Value) one(op, have, want string) bool {
	if v.As == Number || v.As == Day {
		a, known := v.rank(have)
		b, asked := v.rank(want)
		return op == "is" && known && asked && a == b
	}
	have, want = fold.Text(have), fold.Text(want)
	switch op {
	case "is":
		return have == want
	case "starts":
		return strings.HasPrefix(have, want)
	case "contains":
		return strings.Contains(have, want)
	}
	return false
}

func (v Value) bounded(op string, want []string) bool {
	if len(v.Have) == 0 || len(want) == 0 {
		return false
	}
	have, known := v.rank(v.Have[0])
	bound, asked := v.rank(want[0])
	return known && asked && (op == "from" && have >= bound || op == "to" && have <= bound)
}

// rank is where a number or day stands among others.
func (v Value) rank(text string) (float64, bool) {
	if v.As == Number {
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil && !math.IsNaN(n)
	}
	day, ok := dayOf(text, v.Today)
	return float64(day.Unix() / 86400), ok
}

// dayOf reads a day, or one that is so many days from today.
func dayOf(text string, today time.Time) (time.Time, bool) {
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		n, err := strconv.Atoi(text)
		y, m, d := today.Date()
		return time.Date(y, m, d+n, 0, 0, 0, 0, time.UTC), err == nil && n > -100_000 && n < 100_000
	}
	day, err := time.Parse(time.DateOnly, text)
	return day, err == nil
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

// Strangers' JSON may be as deep and wide as nobody builds by hand.
const (
	maxDepth  = 50
	maxNodes  = 1000 // of a condition
	maxValues = 500  // of a leaf
)

// Check refuses what can't be asked of subjects that have these fields.
func (c Condition) Check(known func(field string) (As, bool)) error {
	nodes := 0
	return c.checkNode(1, &nodes, known)
}

func (c Condition) checkNode(depth int, nodes *int, known func(field string) (As, bool)) error {
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
		as, there := known(c.Field)
		if !there {
			return input.Refuse("when", "there is no field "+c.Field)
		}
		return c.checkLeaf(as)
	}
	for _, each := range inner {
		if err := each.checkNode(depth+1, nodes, known); err != nil {
			return err
		}
	}
	return nil
}

func (c Condition) checkLeaf(as As) error {
	none := c.Op == "empty" || c.Op == "filled"
	switch {
	case none && as != Clock && len(c.Values) == 0:
		return nil
	case none:
		return input.Refuse("when", c.Field+" "+c.Op+" has no values")
	case len(c.Values) == 0 || len(c.Values) > maxValues:
		return input.Refuse("when", fmt.Sprintf("%s needs 1 to %d values", c.Field, maxValues))
	case as == Clock:
		return c.checkSpan()
	case as == Number || as == Day:
		return c.checkRanked(as)
	case !slices.Contains([]string{"is", "not", "starts", "contains"}, c.Op):
		return input.Refuse("when", c.Field+" is compared by is, not, starts, contains, empty or filled")
	case c.Op != "is" && c.Op != "not" &&
		slices.ContainsFunc(c.Values, func(v string) bool { return fold.Text(v) == "" }):
		return input.Refuse("when", c.Field+" has an empty value")
	}
	return nil
}

// checkRanked checks what is asked of a number or day.
func (c Condition) checkRanked(as As) error {
	if !slices.Contains([]string{"is", "not", "from", "to"}, c.Op) {
		return input.Refuse("when", c.Field+" is compared by is, not, from, to, empty or filled")
	}
	for _, v := range c.Values {
		if _, ok := (Value{As: as}).rank(v); !ok {
			return input.Refuse("when", v+" is not a number, or a day such as 2026-11-30 or -7")
		}
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
