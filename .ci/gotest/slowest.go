package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// timing is a line of the file of -times.
type timing struct {
	Package, Test string
	Seconds       float64
}

func slowest(out io.Writer, times string) error {
	file, err := os.Open(times)
	if err != nil {
		return err
	}
	defer file.Close()
	var all []timing
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var t timing
		if json.Unmarshal(lines.Bytes(), &t) == nil && !strings.Contains(t.Test, "/") {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b timing) int { return cmp.Compare(b.Seconds, a.Seconds) })
	fmt.Fprintln(out, "The ten slowest tests:")
	for _, t := range all[:min(10, len(all))] {
		fmt.Fprintf(out, "%7.1f s  %s %s\n", t.Seconds, t.Package, t.Test)
	}
	return nil
}
