package rules

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore/input"
)

// monday is a call of a Monday morning from Chișinău.
func monday(clock string) Facts {
	at, err := time.Parse("2006-01-02 15:04", "2026-11-30 "+clock)
	if err != nil {
		panic(err)
	}
	return Facts{Source: "call", Direction: "in", Line: "+40312000000", Address: "+37322123456", Name: "Ștefan Ionescu",
		Country: "MD", At: at}
}

func leaf(field, op string, values ...string) Condition {
	return Condition{Field: field, Op: op, Values: values}
}

func is(field string, values ...string) Condition { return leaf(field, "is", values...) }

// checked is what a rule of arrival is told of its condition.
func checked(c Condition) error { return (&Rule{Name: "x", When: c}).check() }

func not(c Condition) Condition { return Condition{Not: &c} }

func TestConditions(t *testing.T) {
	so, notSo := Condition{}, not(Condition{})
	for _, test := range []struct {
		name  string
		when  Condition
		holds bool
	}{
		{"nothing is asked", so, true},
		{"one of the values", is("source", "mail", "call"), true},
		{"none of the values", is("source", "mail", "meeting"), false},
		{"no case and no accents", is("name", "STEFAN IONESCU"), true},
		{"only a part", is("name", "Stefan"), false},
		{"the beginning", leaf("address", "starts", "+40", "+373"), true},
		{"another beginning", leaf("address", "starts", "22"), false},
		{"within", leaf("name", "contains", "țefan i"), true},
		{"not within", leaf("name", "contains", "Pop"), false},
		{"what is not there is not equal", is("subject", "x"), false},
		{"what is not there may be asked for", is("subject", ""), true},
		{"not one of the values", leaf("source", "not", "mail"), true},
		{"nothing is there", leaf("subject", "empty"), true},
		{"something is there", leaf("name", "filled"), true},
		{"the language of a country", is("language", "ro"), true},
		{"the weekday", is("weekday", "mon"), true},
		{"all", Condition{All: []Condition{so, is("country", "MD")}}, true},
		{"all but one", Condition{All: []Condition{so, notSo, so}}, false},
		{"any", Condition{Any: []Condition{notSo, so}}, true},
		{"not any", Condition{Any: []Condition{notSo, notSo}}, false},
		{"not", not(is("country", "MD")), false},
		{"a tree", Condition{Any: []Condition{is("country", "RO"), {All: []Condition{is("country", "MD"),
			not(leaf("time", "between", "18:00", "09:00"))}}}}, true},
	} {
		if err := checked(test.when); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got, why := test.when.Holds(monday("10:00")); got != test.holds || why == "" {
			t.Errorf("%s: %v, as %q", test.name, got, why)
		}
	}
}

// The end is excluded, and may lie past midnight; from a time to itself is no time.
func TestTimesOfDay(t *testing.T) {
	for _, test := range []struct{ from, to, within, outside string }{
		{"09:00", "18:00", "09:00 12:30 17:59", "00:00 08:59 18:00 23:59"},
		{"22:00", "06:00", "22:00 23:59 00:00 05:59", "06:00 12:00 21:59"},
		{"00:00", "23:59", "00:00 12:00 23:58", "23:59"},
		{"09:00", "09:00", "", "00:00 08:59 09:00 23:59"},
	} {
		when := leaf("time", "between", test.from, test.to)
		for clocks, want := range map[string]bool{test.within: true, test.outside: false} {
			for _, clock := range strings.Fields(clocks) {
				if got, why := when.Holds(monday(clock)); got != want {
					t.Errorf("%s: %s", clock, why)
				}
			}
		}
	}
}

func TestConditionsThatAreRefused(t *testing.T) {
	deep := Condition{}
	for range maxDepth {
		deep = not(deep)
	}
	for problem, list := range map[string][]Condition{
		"no field colour":           {is("colour", "red"), not(is("colour", "red"))},
		"needs 1 to":                {is("source"), is("source", make([]string, maxValues+1)...)},
		"is, not, starts, contains": {leaf("source", "", "call"), leaf("weekday", "between", "mon", "fri")},
		"has no values":             {leaf("source", "empty", "call"), leaf("time", "filled")},
		"has an empty value": {leaf("name", "starts", ""), leaf("name", "contains", "a", ""),
			leaf("name", "contains", "\u0301")},
		"between two values": {is("time", "09:00"), leaf("time", "between", "09:00"),
			leaf("time", "between", "09:00", "10:00", "11:00")},
		"is not a time such as": {leaf("time", "between", "9:00", "10:00"), leaf("time", "between", "09:00", "24:00")},
		"only one of": {{All: []Condition{{}}, Not: &Condition{}},
			{Field: "source", Op: "is", Values: []string{"call"}, Any: []Condition{{}}}},
		"at most 50 levels and 1": {deep, {All: make([]Condition, maxNodes)}},
	} {
		for _, when := range list {
			var bad *input.Invalid
			err := checked(when)
			if !errors.As(err, &bad) || bad.Field != "when" || !strings.Contains(bad.Problem, problem) {
				t.Errorf("%+v: %v, want %q", when, err, problem)
			}
		}
	}
}

// A rule says why it does not apply, and asks about our own calls only when it looks at the direction.
func TestRulesThatApply(t *testing.T) {
	out := monday("10:00")
	out.Direction = "out"
	outwards := not(Condition{Any: []Condition{is("direction", "in")}})
	for name, test := range map[string]struct {
		rule  Rule
		facts Facts
		holds bool
		why   string
	}{
		"in":              {Rule{Active: true}, monday("10:00"), true, "always"},
		"off":             {Rule{}, monday("10:00"), false, "switched off"},
		"out":             {Rule{Active: true}, out, false, "incoming only"},
		"out, named":      {Rule{Active: true, When: is("direction", "out")}, out, true, "direction"},
		"out, named deep": {Rule{Active: true, When: outwards}, out, true, "not ("},
	} {
		if ok, why := test.rule.applies(test.facts); ok != test.holds || !strings.Contains(why, test.why) {
			t.Errorf("%s: %v, as %q", name, ok, why)
		}
	}
}

// The turn goes round, also past people who came and went since.
func TestTurns(t *testing.T) {
	users, last, got := []string{"b", "d", "f"}, "", ""
	for range 7 {
		last = next(users, last)
		got += last
	}
	if got != "bdfbdfb" || next(users, "c") != "d" || next(users, "z") != "b" || next([]string{"a"}, "a") != "a" {
		t.Errorf("the turns are %s", got)
	}
}

// Whatever condition is accepted can be asked, is kept as it is, and its contrary holds when it does not.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{`{}`, `{"field":"time","op":"between","values":["22:00","06:00"]}`,
		`{"all":[{"field":"name","op":"contains","values":["ș"]},{"not":{"field":"weekday","op":"is","values":["sun"]}}]}`,
		`{"any":[{"field":"time","op":"between","values":[]}]}`, `{"not":{"not":{"any":[{}]}}}`} {
		f.Add([]byte(s), "10:00")
	}
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		var when Condition
		if json.Unmarshal(text, &when) != nil || checked(when) != nil {
			return
		}
		facts := monday("10:00")
		facts.Name = name
		holds, why := when.Holds(facts)
		if contrary, _ := not(when).Holds(facts); contrary == holds || why == "" {
			t.Errorf("%s: %v and its contrary %v, as %q", text, holds, contrary, why)
		}
		kept, err := json.Marshal(when)
		var again Condition
		if err = errors.Join(err, json.Unmarshal(kept, &again), checked(again)); err != nil {
			t.Fatalf("%s is kept as %s: %v", text, kept, err)
		}
		if h, w := again.Holds(facts); h != holds || w != why {
			t.Errorf("%s, kept as %s: %v, as %q", text, kept, h, w)
		}
	})
}
