package input

import (
	"errors"
	"strings"
	"testing"
)

func TestTextIsWhatDatabasesAndScreensHold(t *testing.T) {
	for text, problem := range map[string]string{
		"Ana": "", "": "is missing", "четы": "", "пятый": "is longer than 4 characters", "€€€€": "",
		"a\x00b": "is not readable text", "\xff": "is not readable text",
	} {
		err := Text("name", text, 1, 4)
		var bad *Invalid
		if problem == "" && err != nil || problem != "" && (!errors.As(err, &bad) || *bad != Invalid{"name", problem}) {
			t.Errorf("%q: %v, want %q", text, err, problem)
		}
	}
	if err := Text("comment", "", 0, 4); err != nil {
		t.Errorf("what need not be there: %v", err)
	}
}

// All texts up to the first that is wrong are trimmed, so that one of spaces is missing and one that only ends in
// spaces isn't too long.
func TestTextsAreTrimmedThenChecked(t *testing.T) {
	name, title := "  Ana\t\n", " boss  "
	err := Texts(Bound("name", &name, 1, 3), Bound("title", &title, 0, 4))
	if err != nil || name != "Ana" || title != "boss" {
		t.Errorf("%q, %q: %v", name, title, err)
	}
	blank := " \u00a0 "
	err = Texts(Bound("title", &title, 0, 4), Bound("name", &blank, 1, 3))
	if err == nil || err.Error() != "name: is missing" {
		t.Errorf("a name of spaces: %v", err)
	}
	long := strings.Repeat("ж", MaxName+1)
	if err := Texts(Bound("name", &long, 1, MaxName)); err == nil || !strings.Contains(err.Error(), "200") {
		t.Errorf("a long name: %v", err)
	}
}

func TestFirstOfSeveralErrors(t *testing.T) {
	one, two := Refuse("a", "is missing"), errors.New("two")
	for want, got := range map[error]error{one: First(errors.Join(one, two)), two: First(errors.Join(nil, two))} {
		if got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if First(nil) != nil || First(errors.Join(nil, nil)) != nil || First(two) != two {
		t.Error("a single error, or none, stays what it is")
	}
}
