package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// house is a module with one package whose files use each other, and one that can be read in one direction.
func house(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module frontdesk\n\ngo 1.26\n",
		"knot/a.go":    "package knot\n\nfunc A() { b() }\n\nfunc help() {}\n",
		"knot/b.go":    "package knot\n\nfunc b() {\n\thelp()\n\tc()\n}\n",
		"knot/c.go":    "package knot\n\nfunc c() {}\n",
		"line/top.go":  "package line\n\nfunc Top() { ground() }\n",
		"line/foot.go": "package line\n\nfunc ground() {}\n",
		"line/long.go": "package line\n\n" + strings.Repeat("// long\n", maxFile),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func printed(t *testing.T, asked ...string) string {
	t.Helper()
	var w strings.Builder
	if err := run(&w, asked); err != nil {
		t.Fatal(err)
	}
	return w.String()
}

func TestTheHouseInFigures(t *testing.T) {
	house(t)
	out := printed(t)
	want := map[string][]string{ // lines, files, longest, functions, exported, arrows, climbing, too wide
		"knot": {"14", "3", "6", "4", "1", "3", "1", "0"},
		"line": {"408", "3", "402", "2", "1", "1", "0", "0"},
	}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) == 9 && want[fields[0]] != nil && !slices.Equal(fields[1:], want[fields[0]]) {
			t.Errorf("%s: got %v, want %v", fields[0], fields[1:], want[fields[0]])
		} else if len(fields) == 9 {
			delete(want, fields[0])
		}
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v\n%s", want, out)
	}
	for _, part := range []string{"longest 4 (b.go:b)", "frontdesk/line/long.go has 402 lines", "1 over the limits"} {
		if !strings.Contains(out, part) {
			t.Errorf("does not say %q:\n%s", part, out)
		}
	}
}

func TestWhatClimbsIsNamed(t *testing.T) {
	house(t)
	out := printed(t, "./knot/", "line")
	if n := strings.Count(out, "climbs to"); n != 1 ||
		!strings.Contains(out, "climbs to a.go: help") && !strings.Contains(out, "climbs to b.go: b\n") {
		t.Errorf("got:\n%s", out)
	}
	if strings.Index(out, "top.go") > strings.Index(out, "foot.go") {
		t.Errorf("what is used stands above its user:\n%s", out)
	}
	if err := run(&strings.Builder{}, []string{"nowhere"}); err == nil {
		t.Error("a package that is not there is reported")
	}
}

func TestTheOrderOfFilesIsTheBestOne(t *testing.T) {
	uses := arrows{}
	for _, arrow := range []string{"e d", "d c", "c b", "b a", "e a", "a e"} { // all but the last go down
		from, to, _ := strings.Cut(arrow, " ")
		uses.add(from, to, "x")
	}
	order := climb([]string{"a", "b", "c", "d", "e"}, uses)
	if n := against(order, uses); n != 1 {
		t.Errorf("%v: %d arrows climb, want 1", order, n)
	}
}

// The check fails for each thing that it is to keep out, and names it.
func TestTheCheckFails(t *testing.T) {
	house(t)
	var w strings.Builder
	if err := run(&w, []string{"-check"}); !errors.Is(err, errShape) {
		t.Errorf("got %v", err)
	}
	for _, part := range []string{"frontdesk/line/long.go has 402 lines",
		"frontdesk/knot: 1 arrows between its files climb"} {
		if !strings.Contains(w.String(), part) {
			t.Errorf("does not say %q:\n%s", part, w.String())
		}
	}
	if got := w.String(); strings.Count(got, "\n") != 2 {
		t.Errorf("names more than is wrong:\n%s", got)
	}
	long := shape{path: "p", functions: []function{{"a.go:f", maxFunction}, {"a.go:g", maxFunction + 1}}}
	w.Reset()
	if err := check(&w, []shape{long}); !errors.Is(err, errShape) || w.String() != "p/a.go:g has 61 lines\n" {
		t.Errorf("%v: %s", err, w.String())
	}
	if err := check(&w, []shape{{path: "p", functions: long.functions[:1]}}); err != nil {
		t.Error(err)
	}
	w.Reset()
	if err := check(&w, []shape{{path: "p", wide: []string{"a.go:3 is 121 wide"}}}); !errors.Is(err, errShape) ||
		w.String() != "p/a.go:3 is 121 wide\n" {
		t.Errorf("%v: %s", err, w.String())
	}
}

// Lines are measured in runes and tabs of four, those of tests and of other systems, too; what can't be broken is
// spared.
func TestWideLinesAreNamed(t *testing.T) {
	house(t)
	long := strings.Repeat("ă", maxWidth-len("// "))
	text := strings.Join([]string{
		"package line", "",
		"// " + long,
		"// " + long + "b", // 4
		"var raw, s = `" + long + "`, \"s\"",
		"var table = []struct{ a, b string }{",
		"\t{\"" + long + "\", \"\"},",
		"\t{\"" + long + "\", \"\"}, {}, // 8",
		"}",
		"var typed = []any{",
		"\tstruct{ a string }{\"" + long + "\"}, // 11",
		"}",
		"// https://example.com/" + long,
		"// for a://b " + long,             // 14
		"\t\t// " + long[:2*(maxWidth-11)], // as wide as may be
		"\t\t// " + long[:2*(maxWidth-10)], // 16
		"var more = `\n" + long + long + "\n` + \"" + long + "\" // 19", "",
	}, "\n")
	for _, name := range []string{"wide_test.go", "wide_plan9.go"} {
		if err := os.WriteFile(filepath.Join("line", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var w strings.Builder
	if err := run(&w, []string{"-check"}); !errors.Is(err, errShape) {
		t.Errorf("got %v", err)
	}
	var got []string
	for line := range strings.Lines(w.String()) {
		if at, _, wide := strings.Cut(line, " is "); wide {
			got = append(got, strings.TrimPrefix(at, "frontdesk/line/wide_"))
		}
	}
	var want []string
	for _, name := range []string{"plan9.go", "test.go"} {
		for _, at := range []string{"4", "8", "11", "14", "16", "19"} {
			want = append(want, name+":"+at)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !strings.Contains(printed(t), " 12\n") {
		t.Error("the figures of the package don't say how many")
	}
}
