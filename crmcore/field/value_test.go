package field

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

// What people type is kept in one writing, and refused where it means nothing.
func TestClean(t *testing.T) {
	choice := Field{ID: "f", Name: "Size", Type: Choice, Choices: []Option{{ID: "s", Name: "Small"}}}
	for _, c := range []struct {
		field  Field
		values []string
		want   string // "!": refused
	}{
		{Field{Type: Number}, []string{" 012.50 "}, "12.5"},
		{Field{Type: Number}, []string{"NaN"}, "!"},
		{Field{Type: Number}, []string{"1e13"}, "!"},
		{Field{Type: Money}, []string{"1200.5 EUR"}, "1200.50 EUR"},
		{Field{Type: Money}, []string{"1200.5"}, "!"},
		{Field{Type: Money}, []string{"5 eur"}, "!"},
		{Field{Type: Date}, []string{"2026-02-29"}, "!"},
		{Field{Type: Date}, []string{"2028-02-29"}, "2028-02-29"},
		{Field{Type: YesNo}, []string{"maybe"}, "!"},
		{choice, []string{"s"}, "s"},
		{choice, []string{"Small"}, "!"},
		{Field{Type: Text}, []string{"", " "}, ""},
		{Field{Type: Text}, []string{"a", "b"}, "!"},
		{Field{Type: Tags}, []string{"a", "b", "a"}, "a b"},
		{Field{Type: Tags}, []string{strings.Repeat("x", maxTag+1)}, "!"},
	} {
		got, err := c.field.clean(t.Context(), nil, c.values, nil)
		if (err != nil) != (c.want == "!") || err == nil && strings.Join(got, " ") != c.want {
			t.Errorf("%s %q: %q %v", c.field.Type, c.values, got, err)
		}
	}
	if got, err := choice.clean(t.Context(), nil, []string{"xl"}, []string{"xl"}); err != nil || len(got) != 1 {
		t.Errorf("a choice that is gone stays where it was: %q %v", got, err)
	}
}

// Values that lists ask for by from and to have ranks in their order; texts are found as people compare them.
func TestOrderOfValues(t *testing.T) {
	for kind, ordered := range map[Type][]string{
		Number: {"-3", "0.5", "2", "10"},
		Money:  {"-1.00 EUR", "9.99 USD", "10.00 EUR"},
		Date:   {"1969-12-31", "2026-11-30", "2026-12-01"},
	} {
		inOrder := slices.IsSortedFunc(ordered, func(a, b string) int { return int(kind.rank(a) - kind.rank(b)) })
		if !kind.ranked() || !inOrder ||
			kind.rank(ordered[0]) == kind.rank(ordered[1]) {
			t.Errorf("%s: %q", kind, ordered)
		}
	}
	if string(Text.key("Ștefan")) != string(Text.key("stefan")) || string(Choice.key("A")) == string(Choice.key("a")) {
		t.Error("texts are alike whatever their case, ids are not")
	}
}

// Conditions mean days from today on where their reader is, and say what can't be asked.
func TestConditions(t *testing.T) {
	a := Asker{Actor: people.User{ID: "maria"}, Zone: time.FixedZone("", 3*3600),
		Now: time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)} // the first of December there
	if day, err := a.day("-1"); err != nil || day.Format(time.DateOnly) != "2026-11-30" {
		t.Errorf("yesterday is %v %v", day, err)
	}
	if got := a.meant(User, "me") + a.meant(Date, "+30"); got != "maria2026-12-31" {
		t.Error(got)
	}
	fields := map[string]Field{"size": {ID: "size", Name: "Size", Type: Number},
		"note": {ID: "note", Name: "Note", Type: Text}}
	for _, c := range []struct {
		asked   Asked
		problem string
	}{
		{Asked{"size", "from", []string{"2"}}, ""},
		{Asked{"size", "from", []string{"two"}}, "two is not a number"},
		{Asked{"size", "starts", []string{"2"}}, "Size can't be asked so"},
		{Asked{"note", "to", []string{"a"}}, "Note can't be asked so"},
		{Asked{"note", "is", nil}, "note needs a value"},
		{Asked{"note", "empty", nil}, ""},
		{Asked{"colour", "is", []string{"red"}}, "there is no field colour"},
		{Asked{"created", "from", []string{"soon"}}, "soon is not a date such as 2026-11-30"},
		{Asked{"responsible", "is", []string{"me"}}, ""},
		{Asked{"amount", "from", []string{"1"}}, "there is no field amount"}, // deals alone have one
	} {
		_, err := a.read(record.Lead, fields, c.asked)
		if (err == nil) != (c.problem == "") || err != nil && err.Error() != c.problem {
			t.Errorf("%+v: %v", c.asked, err)
		}
	}
}
