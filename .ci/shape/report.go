package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

func report(w io.Writer, shapes []shape) {
	var all []function
	var long []string
	fmt.Fprintf(w, "%-28s %7s %6s %7s %9s %8s %9s %9s %9s\n", "package", "lines", "files", "longest", "functions",
		"exported", "arrows", "climbing", "too wide")
	for _, s := range shapes {
		if len(s.files) == 0 && len(s.wide) == 0 {
			continue
		}
		lines, longest := 0, ""
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			lines += s.files[name]
			if longest == "" || s.files[name] > s.files[longest] {
				longest = name
			}
		}
		long = append(long, s.long()...)
		fmt.Fprintf(w, "%-28s %7d %6d %7d %9d %8d %9d %9d %9d\n", strings.TrimPrefix(s.path, "frontdesk/"), lines,
			len(s.files), s.files[longest], len(s.functions), s.exported, s.arrows, s.climbed, len(s.wide))
		all = append(all, s.functions...)
	}
	slices.SortFunc(all, func(a, b function) int { return cmp.Compare(a.lines, b.lines) })
	at := func(share float64) int { return all[int(share*float64(len(all)-1))].lines }
	fmt.Fprintf(w, "\nfunctions: %d; lines: median %d, p90 %d, p99 %d, longest %d (%s)\n", len(all), at(0.5), at(0.9),
		at(0.99), at(1), all[len(all)-1].name)
	for _, line := range append(long, fmt.Sprintf("%d over the limits (a file %d lines, a package %d)", len(long),
		maxFile, maxPackage)) {
		fmt.Fprintln(w, line)
	}
}

// details are the order of a package's files, and for each what climbs from it and by which names.
func details(w io.Writer, shapes []shape, asked []string) error {
	for _, name := range asked {
		at := slices.IndexFunc(shapes, func(s shape) bool {
			return strings.TrimPrefix(s.path,
				"frontdesk/") == strings.Trim(name, "./")
		})
		if at < 0 {
			return fmt.Errorf("no package %s", name)
		}
		s := shapes[at]
		fmt.Fprintf(w, "%s: %d of %d arrows climb\n", s.path, s.climbed, s.arrows)
		for i, file := range s.order {
			fmt.Fprintf(w, "%5d %s\n", s.files[file], file)
			for _, above := range s.order[:i] {
				if s.uses.has(file, above) {
					fmt.Fprintf(w, "      climbs to %s: %s\n", above,
						strings.Join(slices.Sorted(maps.Keys(s.uses[file][above])), " "))
				}
			}
		}
	}
	return nil
}
