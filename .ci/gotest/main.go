// Command gotest runs `go test` and prints what a person reads: a line for each package, all that a failed test said,
// nothing of the others.
//
//	go run ./.ci/gotest -times FILE -race ./...   what comes after FILE is for go test
//	go run ./.ci/gotest -slowest FILE             the ten slowest tests of all runs that wrote to FILE
//	go run ./.ci/gotest -alone ./...              the packages where no goroutines meet
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	err := errors.New("usage: gotest -times FILE go-test-arguments | -slowest FILE | -alone PACKAGE...")
	switch {
	case len(os.Args) > 3 && os.Args[1] == "-times":
		err = run(os.Args[2], os.Args[3:])
	case len(os.Args) == 3 && os.Args[1] == "-slowest":
		err = slowest(os.Stdout, os.Args[2])
	case len(os.Args) > 2 && os.Args[1] == "-alone":
		err = alone(os.Stdout, os.Args[2:])
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		os.Exit(max(failed.ExitCode(), 1))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(2)
	}
}

// run runs go test. Tests that fail are an *exec.ExitError.
func run(times string, args []string) error {
	file, err := os.OpenFile(times, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r := report{out: os.Stdout, times: file, running: map[string]*suite{}}
	r.read(events)
	return cmd.Wait()
}

// event is a line of `go test -json`; see `go doc test2json` and `go help buildjson`.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// report turns events into what is printed.
type report struct {
	out, times io.Writer
	running    map[string]*suite // by package
}

func (r *report) read(events io.Reader) {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil && e.Action != "" {
			r.event(e)
		} else {
			r.out.Write(line)
		}
		if err != nil {
			return
		}
	}
}

func (r *report) event(e event) {
	if e.Action == "build-output" {
		io.WriteString(r.out, e.Output)
		return
	}
	s := r.running[e.Package]
	if s == nil {
		s = &suite{passed: map[string]bool{}}
		r.running[e.Package] = s
	}
	s.add(e)
	if e.Test != "" && (e.Action == "pass" || e.Action == "fail") {
		json.NewEncoder(r.times).Encode(timing{e.Package, e.Test, e.Elapsed})
	}
	if e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
		s.print(r.out, e.Action == "fail")
		delete(r.running, e.Package)
	}
}
