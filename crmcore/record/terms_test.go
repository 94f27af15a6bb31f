package record

import (
	"testing"
	"unicode/utf8"

	"frontdesk/crmcore/fold"
)

func FuzzFold(f *testing.F) {
	f.Add("Ștefan ŢĂRAN")
	f.Add("Фёдор Й")
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range append(fold.Words(s), terms(s)...) {
			if len(w) > fold.MaxWord || !utf8.ValidString(w) && utf8.ValidString(s) {
				t.Fatalf("%q: %q", s, w)
			}
		}
	})
}
