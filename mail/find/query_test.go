package find

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	for text, want := range map[string]Query{
		"":                      {},
		"Ofertă ȘTEFAN":         {Words: []string{"oferta", "stefan"}},
		"from:Radu@x.ro pumps":  {From: []string{"radu", "x", "ro"}, Words: []string{"pumps"}},
		`subject:"two words"`:   {Subject: []string{"two", "words"}},
		"TO:ana file:plan.pdf":  {To: []string{"ana"}, Files: []string{"plan", "pdf"}},
		"has:attachment":        {Attachment: true},
		"is:unread is:flagged":  {Unseen: true, Flagged: true},
		"after:2026-03-01 x":    {Since: day(3, 1), Words: []string{"x"}},
		"before:2026-04-02":     {Until: day(4, 2)},
		"before:soon is:purple": {Words: []string{"before", "soon", "is", "purple"}},
		"label:hot https://a.b": {Label: "hot", Words: []string{"https", "a", "b"}},
		"from: ... \"":          {Words: []string{"from"}},
	} {
		if got := Parse(text, time.UTC); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestTimesAreOneText(t *testing.T) {
	want := []int64{0, 1, 63, 64, 1_790_000_000_000_000, 1<<54 - 1}
	var text []byte
	for _, at := range want {
		text = appendTime(text, at)
	}
	got, err := times(string(text))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := times("no index!"); err == nil {
		t.Error("a broken text was read")
	}
	slices.Reverse(got)
	for at, want := range map[int64]int{1 << 60: 0, 64: 2, 70: 2, 0: 5, -1: 6} {
		if n := From(got, at); n != want {
			t.Errorf("from %d: %d, want %d", at, n, want)
		}
	}
}
