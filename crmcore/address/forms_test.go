package address

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Both forms of a renumbered number are one subscriber, whichever is written; the rules lead to numbers that are one.
func TestFormsOfANumber(t *testing.T) {
	for _, pair := range [][2]string{
		{"+541123456781", "+5491123456781"}, {"+525512345678", "+5215512345678"}, {"+551181234567", "+5511981234567"},
		{"+22547812345", "+2250747812345"}, {"+22997123456", "+2290197123456"}, {"+5716543210", "+576016543210"},
		{"+24107123456", "+24177123456"}, {"+841621234567", "+84321234567"}, {"+201012345678", ""},
		{"+40721550115", ""},
	} {
		forms := Forms(pair[0])
		if pair[1] == "" && len(forms) != 1 || pair[1] != "" && (len(forms) != 2 || forms[1] != pair[1]) {
			t.Errorf("%s: %v, want %s", pair[0], forms, pair[1])
		}
		if pair[1] == "" {
			continue
		}
		if back := Forms(pair[1]); len(back) != 2 || back[1] != pair[0] {
			t.Errorf("%s: %v, want %s", pair[1], back, pair[0])
		}
	}
}

func FuzzTypedPhones(f *testing.F) {
	table, err := os.ReadFile("../testdata/numbers.tsv")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		if row := strings.Split(line, "\t"); len(row) == 4 {
			f.Add(row[1])
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		all, err := Typed(raw, "RO")
		if (err == nil) != (len(all) > 0) {
			t.Fatalf("%q: %d numbers and %v", raw, len(all), err)
		}
		for _, a := range all {
			if !IsE164(a.Value) || a.Last != "" && (a.Last <= a.Value || len(a.Last) != len(a.Value)) {
				t.Fatalf("%q: %+v", raw, a)
			}
			again, err := Typed(a.Value, "US")
			if err != nil || len(again) != 1 || again[0].Value != a.Value {
				t.Fatalf("%q: %+v, then %+v %v", raw, a, again, err)
			}
		}
	})
}

// Two numbers that are both dialled now are two subscribers, however the country once renumbered.
func TestNeighboursAreNotOneNumber(t *testing.T) {
	for _, fixed := range []string{"+2304312345", "+2304512345"} {
		mobile := "+2305" + fixed[4:]
		if forms := Forms(fixed); slices.Contains(forms, mobile) {
			t.Errorf("%s: %q", fixed, forms)
		}
		if forms := Forms(mobile); slices.Contains(forms, fixed) {
			t.Errorf("%s: %q", mobile, forms)
		}
	}
}
