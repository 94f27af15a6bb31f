package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// errShape: something is over a limit, or climbs.
var errShape = errors.New("the house is out of shape: `go run ./.ci/shape ./PACKAGE` names what climbs there")

// check names what is over a limit, and packages whose files can't be read in one direction. It fails when there is
// any.
func check(w io.Writer, shapes []shape) error {
	var wrong []string
	for _, s := range shapes {
		wrong = append(wrong, s.long()...)
		for _, f := range s.functions {
			if f.lines > maxFunction {
				wrong = append(wrong, fmt.Sprintf("%s/%s has %d lines", s.path, f.name, f.lines))
			}
		}
		if s.climbed > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d arrows between its files climb", s.path, s.climbed))
		}
		for _, line := range s.wide {
			wrong = append(wrong, s.path+"/"+line)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	for _, line := range wrong {
		fmt.Fprintln(w, line)
	}
	return errShape
}

// long names the files of a package, and the package, that have too many lines.
func (s shape) long() (list []string) {
	total := 0
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		if total += s.files[name]; s.files[name] > maxFile {
			list = append(list, fmt.Sprintf("%s/%s has %d lines", s.path, name, s.files[name]))
		}
	}
	if total > maxPackage {
		list = append(list, fmt.Sprintf("%s has %d lines", s.path, total))
	}
	return list
}
