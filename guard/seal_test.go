package guard

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What is sealed opens with its key and for its purpose, and for nothing else.
func TestSeal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "secret.key")
	first, err := OpenSeal(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenSeal(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the key: %v %v", info.Mode(), err)
	}
	sealed := first.Close("password of a", []byte("open sesame"))
	if text, err := again.Open("password of a", sealed); err != nil || string(text) != "open sesame" {
		t.Errorf("%q %v", text, err)
	}
	if sealed == first.Close("password of a", []byte("open sesame")) {
		t.Error("the same text is sealed alike twice")
	}
	if _, err := first.Open("password of b", sealed); err == nil {
		t.Error("it opens for another purpose")
	}
	if _, err := NewSeal("another").Open("password of a", sealed); !errors.Is(err, ErrKey) {
		t.Errorf("with another key: %v", err)
	}
	for _, broken := range []string{"", "x", sealed[:len(sealed)-2], sealed + "AA"} {
		if _, err := first.Open("password of a", broken); err == nil {
			t.Errorf("%q opens", broken)
		}
	}
}
