// Command rivals runs the benchmarks that have a rival, or an aim, and prints one table of what they say: ours on both
// databases, the rival of the same run where this machine has it, the ratio, the aim.
//
//	go run ./.ci/rivals              runs all of them
//	go run ./.ci/rivals -read FILE   takes what they said from a file
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-read" {
		said, err := os.ReadFile(os.Args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, "rivals:", err)
			os.Exit(1)
		}
		print(os.Stdout, read(said))
		return
	}
	begun, before := time.Now(), load()
	said := run()
	fmt.Printf("%s; load average before %s, after %s\n\n", begun.Format("2 January 2006, 15:04"), before, load())
	print(os.Stdout, read(said))
}

// load is the load average of the last minute: above 2 other work took part.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// run runs the benchmarks one after the other, and shows what they say as they do.
func run() []byte {
	var all bytes.Buffer
	for _, r := range []struct{ dir, names string }{{"./sip/rtp", "Relay|Memory"}, {"./webrtc", "Calls|Meeting"},
		{"./cmd/frontdesk", "BenchmarkCalls$|Mail$|IMAP$|Idle$"}} {
		cmd := exec.Command("go", "test", "-run", "^$", "-bench", r.names, "-benchtime", "1x", "-timeout", "60m", r.dir)
		cmd.Stdout, cmd.Stderr = io.MultiWriter(os.Stderr, &all), os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "rivals:", r.dir, err) // the others are worth reading all the same
		}
	}
	return all.Bytes()
}
