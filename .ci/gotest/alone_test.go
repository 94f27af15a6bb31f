package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestMeets(t *testing.T) {
	for text, want := range map[string]bool{
		`func f() { g() }`:                         false,
		`func f() { go g() }`:                      true,
		`type t struct{ c chan int }`:              true,
		`func f(c <-chan int) int { return <-c }`:  true,
		`import "sync"; var m sync.Mutex`:          true,
		`import "sync/atomic"; var n atomic.Int64`: true,
		`func f(x y) { x.wait.Go(g) }`:             true,
		`import "strings"`:                         false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := meets(file); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

func TestAlone(t *testing.T) {
	var out strings.Builder
	if err := alone(&out, []string{"strings", "unicode/utf8", "unicode/utf16", "frontdesk/.ci/gotest"}); err != nil {
		t.Fatal(err)
	}
	if want := "unicode/utf16\n"; !strings.Contains(out.String(), want) || strings.Contains(out.String(), "strings") {
		t.Errorf("printed %q", out.String())
	}
	if err := alone(&out, []string{"./no/such/package"}); err == nil {
		t.Error("a package that does not exist")
	}
}
