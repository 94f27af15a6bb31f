package crmapi

import (
	"errors"
	"testing"

	"frontdesk/crmcore/record"
)

// Pages that end early are followed by the next ones, as far as hits are wanted and not without end.
func TestHitsOfPagesThatEndEarly(t *testing.T) {
	pages := map[string]record.List[string]{
		"":  {Items: []string{}, Next: "a"},
		"a": {Items: []string{"Ana"}, Next: "b"},
		"b": {Items: []string{"Ion", "Dan", "Eva"}, Next: "c"},
		"c": {Items: []string{"Gil"}, Next: "c"},
	}
	asked := 0
	page := func(f record.Filter) (record.List[string], error) {
		asked++
		return pages[f.Cursor], nil
	}
	of := func(name string) Hit { return Hit{Name: name} }
	for limit, want := range map[int]int{1: 1, 3: 3, 4: 4, 6: 5} {
		asked = 0
		f := record.Filter{Page: record.Page{Limit: limit}}
		if found, err := hits(f, page, of); err != nil || len(found) != want || asked > maxPages {
			t.Errorf("%d wanted: %v, %v after %d pages", limit, found, err, asked)
		}
	}
	broken := func(record.Filter) (record.List[string], error) { return record.List[string]{}, errors.New("away") }
	if _, err := hits(record.Filter{Page: record.Page{Limit: 6}}, broken, of); err == nil {
		t.Error("no word of an error")
	}
}
