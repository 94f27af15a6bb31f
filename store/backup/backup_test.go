package backup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/store/blob"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The secret that seals passwords is kept with them, and never put in place of another.
func TestSealIsKept(t *testing.T) {
	folder, dir := t.TempDir(), t.TempDir()
	old, new, other := filepath.Join(dir, "old"), filepath.Join(dir, "new"), filepath.Join(dir, "other")
	must(t, os.WriteFile(old, []byte("secret"), 0o600))
	must(t, os.WriteFile(other, []byte("other"), 0o600))
	must(t, keepSeal(filepath.Join(dir, "none"), folder))
	must(t, keepSeal(old, folder))
	for range 2 { // again is no harm
		must(t, restoreSeal(folder, new))
	}
	if got, err := os.ReadFile(new); err != nil || string(got) != "secret" {
		t.Errorf("%q, %v", got, err)
	}
	if err := restoreSeal(folder, other); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("over another secret: %v", err)
	}
}

// What the company erased is not in its next backup.
func TestErasedIsForgotten(t *testing.T) {
	from, err := blob.Open(t.TempDir())
	must(t, err)
	to, err := blob.Open(t.TempDir())
	must(t, err)
	put := func(b blob.Store, text string) string {
		key, _, err := b.Put(t.Context(), strings.NewReader(text))
		must(t, err)
		return key
	}
	kept, erased := put(from, "kept"), put(to, "erased")
	put(to, "kept")
	must(t, forget(t.Context(), from, to))
	if _, err := to.Size(t.Context(), kept); err != nil {
		t.Errorf("kept: %v", err)
	}
	if _, err := to.Size(t.Context(), erased); err == nil {
		t.Error("what was erased is in the backup")
	}
}
