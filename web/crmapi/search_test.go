package crmapi

import (
	"errors"
	"testing"

	"frontdesk/crmcore"
)

// Pages that end early are followed by the next ones, as far as hits are wanted and not without end.
func TestHitsOfPagesThatEndEarly(t *testing.T) {
	pages := map[string]crmcore.List[string]{
		"":  {Items: []string{}, Next: "a"},
		"a": {Items: []string{"Ana"}, Next: "b"},
		"b": {Items: []string{"Ion", "Dan", "Eva"}, Next: "c"},
		"c": {Items: []string{"Gil"}, Next: "c"},
	}
	asked := 0
	page := func(f crmcore.Filter) (crmcore.List[string], error) {
		asked++
		return pages[f.Cursor], nil
	}
	of := func(name string) Hit { return Hit{Name: name} }
	for limit, want := range map[int]int{1: 1, 3: 3, 4: 4, 6: 5} {
		asked = 0
		f := crmcore.Filter{Page: crmcore.Page{Limit: limit}}
		if found, err := hits(f, page, of); err != nil || len(found) != want || asked > maxPages {
			t.Errorf("%d wanted: %v, %v after %d pages", limit, found, err, asked)
		}
	}
	broken := func(crmcore.Filter) (crmcore.List[string], error) { return crmcore.List[string]{}, errors.New("away") }
	if _, err := hits(crmcore.Filter{Page: crmcore.Page{Limit: 6}}, broken, of); err == nil {
		t.Error("no word of an error")
	}
}
