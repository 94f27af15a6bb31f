package evaluate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// collect writes n mails of either kind, and TREC's index of them.
func collect(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	var index strings.Builder
	for i := range n {
		for k, text := range []string{"the minutes of our meeting on the new office, as agreed",
			"cheap pills casino bonus winner click now"} {
			kind := []string{"ham", "spam"}[k]
			path := filepath.Join(kind, fmt.Sprint(i))
			raw := fmt.Sprintf("From somebody Mon Nov 30\nFrom: a%d@%s.example\nSubject: %s %[1]d\n\n%[3]s %[3]s\n",
				i, kind, text)
			if err := os.MkdirAll(filepath.Join(dir, kind), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, path), []byte(raw), 0o600); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&index, "%s %s\n\n", strings.ToUpper(kind), path)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "index"), []byte(index.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A collection is an index or two folders; what is neither is told with its line.
func TestCollection(t *testing.T) {
	dir := collect(t, 10)
	indexed, err := Collection(filepath.Join(dir, "index"), "", "", 0)
	if err != nil || len(indexed) != 20 {
		t.Fatalf("%d %v", len(indexed), err)
	}
	drawn := func(seed uint64) string {
		mails, err := Collection("", filepath.Join(dir, "ham"), filepath.Join(dir, "spam"), seed)
		if err != nil || len(mails) != 20 {
			t.Fatalf("%d %v", len(mails), err)
		}
		for _, m := range mails {
			if m.junk != strings.Contains(m.path, "spam") {
				t.Errorf("%+v", m)
			}
		}
		return fmt.Sprint(mails)
	}
	if first, again, other := drawn(1), drawn(1), drawn(2); first != again || first == other {
		t.Error("one lot draws one order, another one another")
	}
	if _, err := Collection(filepath.Join(dir, "index"), filepath.Join(dir, "ham"), "", 0); err == nil {
		t.Error("an index and a folder")
	}
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("ham a\nmaybe b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Collection(bad, "", "", 0); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line that is none: %v", err)
	}
}

// The filter learns from what it is told: of mails alike it misses none once it has seen a hundred.
func TestRun(t *testing.T) {
	mails, err := Collection(filepath.Join(collect(t, 100), "index"), "", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Run(t.Context(), &out, mails, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 { // head, after a hundred, after all, the conclusion
		t.Fatalf("%q", lines)
	}
	var all, junk [2]int
	var missed, condemned [2]float64
	for i := range all {
		_, err := fmt.Sscanf(lines[i+1], "%d %d %f %% %f %%", &all[i], &junk[i], &missed[i], &condemned[i])
		if err != nil {
			t.Fatalf("%v: %s", err, lines[i+1])
		}
	}
	if all != [2]int{100, 200} || junk != [2]int{50, 100} {
		t.Error(out.String())
	}
	if missed[0] == 0 || missed[1]*2 > missed[0] || condemned[1] > 0 {
		t.Error(out.String())
	}
}

func TestWithoutEnvelope(t *testing.T) {
	for raw, want := range map[string]string{"From a b\nTo: c\n": "To: c\n", "From: a\n": "From: a\n", "From ": ""} {
		if got := string(withoutEnvelope([]byte(raw))); got != want {
			t.Errorf("%q: %q", raw, got)
		}
	}
}
