package main

import (
	"io"
	"strings"
)

// suite is what the tests of a package said so far.
type suite struct {
	lines  []line
	passed map[string]bool // tests that did, or were skipped
}

type line struct{ test, text string }

func (s *suite) add(e event) {
	switch {
	case e.Action == "output" && !progress(e.Output):
		s.lines = append(s.lines, line{e.Test, e.Output})
	case e.Test != "" && (e.Action == "pass" || e.Action == "skip"):
		s.passed[e.Test] = true
		s.forget()
	}
}

// forget drops what tests said that passed: a run has thousands.
func (s *suite) forget() {
	kept := s.lines[:0]
	for _, l := range s.lines {
		if l.test == "" || !s.passed[l.test] {
			kept = append(kept, l)
		}
	}
	s.lines = kept
}

// print writes the package's own lines, and for one that failed what tests said that failed or never ended. It is one
// text: what other commands print beside does not come between.
func (s *suite) print(out io.Writer, failed bool) {
	var text strings.Builder
	for _, l := range s.lines {
		if failed || l.test == "" && l.text != "PASS\n" && !strings.HasPrefix(l.text, "coverage:") {
			text.WriteString(l.text)
		}
	}
	io.WriteString(out, text.String())
}

// progress tells whether a line only says that a test begins, waits or goes on.
func progress(text string) bool {
	for _, mark := range []string{"=== RUN ", "=== PAUSE ", "=== CONT ", "=== NAME "} {
		if strings.HasPrefix(text, mark) {
			return true
		}
	}
	return false
}
