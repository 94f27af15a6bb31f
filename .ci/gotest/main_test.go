package main

import (
	"io"
	"strings"
	"testing"
)

// Of a package that failed, what the failed test and its own lines said is printed; what passed is silent.
func TestReport(t *testing.T) {
	var out, times strings.Builder
	r := report{out: &out, times: &times, running: map[string]*suite{}}
	r.read(strings.NewReader(`{"Action":"run","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestGood","Elapsed":0.5}
{"Action":"output","Package":"p","Test":"TestBad","Output":"=== RUN   TestBad\n"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"bad_test.go:3: why\n"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"--- FAIL: TestBad (1.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestBad","Elapsed":1}
{"Action":"output","Package":"p","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p","Elapsed":2}
{"Action":"output","Package":"q","Output":"ok  \tq\t1s\n"}
{"Action":"pass","Package":"q","Elapsed":1}
go: not an event
`))
	want := "bad_test.go:3: why\n--- FAIL: TestBad (1.00s)\npanic: test timed out\nFAIL\nok  \tq\t1s\n" +
		"go: not an event\n"
	if out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
	if n := strings.Count(times.String(), "\n"); n != 2 {
		t.Errorf("%d timings: %s", n, times.String())
	}
}

// Tests that fail make the command fail.
func TestRunFails(t *testing.T) {
	if err := run(t.TempDir()+"/times", []string{"-run", "^$", "./no/such/package"}); err == nil || err == io.EOF {
		t.Errorf("a package that does not exist: %v", err)
	}
}
