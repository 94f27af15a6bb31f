package fold

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextsThatPeopleHoldForEqual(t *testing.T) {
	for _, equal := range [][]string{
		{"stefan", "Ștefan", "Ştefan", "ŞTEFAN", "S\u0326tefan"},
		{"чаиковскии", "Чайковский", "ЧАЙКОВСКИЙ", "Чаи\u0306ковскии\u0306"},
		{"елкин", "Ёлкин", "ЕЛКИН"},
		{"lodz", "Łódź", "ŁÓDŹ"},
		{"strasse", "Straße", "STRASSE", "STRAẞE"},
		{"istanbul", "İstanbul", "ıstanbul"},
		{"smorrebrod", "Smørrebrød", "SMØRREBRØD"},
		{"aether oeuvre", "Æther Œuvre"},
		{"dorde", "Đorđe"},
		{"office 5", "oﬃce ⑤", "ＯＦＦＩＣＥ ５"},
	} {
		for _, s := range equal {
			if got := Text(s); got != equal[0] {
				t.Errorf("%q is %q, want %q", s, got, equal[0])
			}
		}
	}
	if Text("кит") == Text("кот") || Text("Ana") == Text("Аna") { // the second begins with a Cyrillic letter
		t.Error("different letters are equal")
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                 nil,
		" – ... ":                          nil,
		"S.C. Ștefan & Fiii S.R.L.":        {"s", "c", "stefan", "fiii", "s", "r", "l"},
		"ООО «Ромашка-2»":                  {"ооо", "ромашка", "2"},
		"o'neil@firm.ro":                   {"o", "neil", "firm", "ro"},
		strings.Repeat("й", MaxWord) + "!": {strings.Repeat("и", MaxWord/2)},
	} {
		if got := Words(text); !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", text, got, want)
		}
	}
}

func TestClipCutsNoCharacter(t *testing.T) {
	for n, want := range []string{"", "a", "a", "aй", "aй", "aй", "aй€", "aй€"} {
		if got := Clip("aй€", n); got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
	}
}

// Whatever the text: folding it again changes nothing, and its words are what an index can keep and find again.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"Ștefan", "ẞ", "ǅ", "ΟΔΟΣ", "\xff\xfe", "İ", strings.Repeat("ﷺ", 40), "ϴ", "K"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Text(s)
		if again := Text(folded); again != folded || !utf8.ValidString(folded) {
			t.Errorf("%q is %q, then %q", s, folded, again)
		}
		words := Words(s)
		for _, w := range words {
			if w == "" || len(w) > MaxWord || !utf8.ValidString(w) || !slices.Equal(Words(w), []string{w}) {
				t.Errorf("a word of %q: %q", s, w)
			}
		}
	})
}
