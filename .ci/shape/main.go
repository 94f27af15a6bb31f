// Command shape prints the house in figures: lengths of functions and files, what climbs within a package, and how wide each door is.
//
//	go run ./.ci/shape
//
// An arrow goes from a file to another of its package that defines what the first one uses. An arrow climbs when it goes up in the best
// order of the files that was found: a package without one can be read in one direction.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of the house; what is over them is named.
const (
	maxFile    = 400
	maxPackage = 4000
)

// listed is a package as `go list -export -json` tells it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Standard                bool
	Module                  *struct{ Main bool }
}

// shape of a package.
type shape struct {
	path            string
	files           map[string]int // lines
	functions       []function
	exported        int
	arrows, climbed int
}

type function struct {
	name  string
	lines int
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	all, err := list()
	if err != nil {
		return err
	}
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	var shapes []shape
	for _, p := range all {
		if p.Module == nil || !p.Module.Main || len(p.GoFiles) == 0 {
			continue
		}
		s, err := measure(p, exports)
		if err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		shapes = append(shapes, s)
	}
	report(w, shapes)
	return nil
}

// list asks for our packages and all they import, with the compiler's export data.
func list() (all []listed, err error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Standard,Module", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for d := json.NewDecoder(out); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, cmd.Wait()
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

func measure(p listed, exports map[string]string) (shape, error) {
	fset := token.NewFileSet()
	s := shape{path: p.ImportPath, files: map[string]int{}}
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return s, err
		}
		files = append(files, file)
		s.files[name] = fset.File(file.Pos()).LineCount()
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	checked, err := config.Check(p.ImportPath, fset, files, info)
	if err != nil {
		return s, err
	}
	fileOf := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	for _, file := range files {
		s.functions = append(s.functions, functions(fset, file)...)
	}
	for _, name := range checked.Scope().Names() {
		if token.IsExported(name) {
			s.exported++
		}
	}
	uses := map[string]map[string]bool{}
	for ident, object := range info.Uses {
		from, to := fileOf(ident.Pos()), ""
		if object.Pkg() == checked && object.Pos().IsValid() {
			to = fileOf(object.Pos())
		}
		if to != "" && to != from {
			if uses[from] == nil {
				uses[from] = map[string]bool{}
			}
			uses[from][to] = true
		}
	}
	s.arrows, s.climbed = climb(slices.Sorted(maps.Keys(s.files)), uses)
	return s, nil
}

func functions(fset *token.FileSet, file *ast.File) (list []function) {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
			list = append(list, function{filepath.Base(fset.Position(f.Pos()).Filename) + ":" + f.Name.Name, lines})
		}
	}
	return list
}

// climb counts the arrows, and those that go up in the order of files which the heuristic of Eades, Lin and Smyth (1993) finds and
// moving single files no longer betters.
func climb(files []string, uses map[string]map[string]bool) (arrows, climbed int) {
	for _, to := range uses {
		arrows += len(to)
	}
	order := eades(files, uses)
	for better := true; better; {
		better = false
		for _, file := range files {
			if moved := settle(order, file, uses); moved != nil {
				order, better = moved, true
			}
		}
	}
	return arrows, against(order, uses)
}

// eades takes users first and what is used last; of what is left, the file that uses most and is used least.
func eades(files []string, uses map[string]map[string]bool) []string {
	left := slices.Clone(files)
	var first, last []string
	degree := func(file string) (out, in int) {
		for _, other := range left {
			if uses[file][other] {
				out++
			}
			if uses[other][file] {
				in++
			}
		}
		return out, in
	}
	for len(left) > 0 {
		best, most := 0, -len(files)*2
		for i, file := range left {
			out, in := degree(file)
			if out == 0 {
				best, most = i, len(files)*3
				break
			}
			if in == 0 {
				best, most = i, len(files)*2
				continue
			}
			if out-in > most {
				best, most = i, out-in
			}
		}
		if most == len(files)*3 {
			last = append(last, left[best])
		} else {
			first = append(first, left[best])
		}
		left = slices.Delete(left, best, best+1)
	}
	slices.Reverse(last)
	return append(first, last...)
}

// settle moves a file to where the fewest arrows go up; nil when it stands there.
func settle(order []string, file string, uses map[string]map[string]bool) []string {
	now := against(order, uses)
	without := slices.DeleteFunc(slices.Clone(order), func(f string) bool { return f == file })
	var best []string
	for i := range order {
		tried := slices.Insert(slices.Clone(without), i, file)
		if n := against(tried, uses); n < now {
			best, now = tried, n
		}
	}
	return best
}

// against counts the arrows that go up in an order, from the top down.
func against(order []string, uses map[string]map[string]bool) (n int) {
	for i, file := range order {
		for _, above := range order[:i] {
			if uses[file][above] {
				n++
			}
		}
	}
	return n
}

func report(w io.Writer, shapes []shape) {
	var all []function
	var long []string
	fmt.Fprintf(w, "%-28s %7s %6s %7s %9s %8s %9s %9s\n", "package", "lines", "files", "longest", "functions", "exported", "arrows", "climbing")
	for _, s := range shapes {
		lines, longest := 0, ""
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			lines += s.files[name]
			if longest == "" || s.files[name] > s.files[longest] {
				longest = name
			}
			if s.files[name] > maxFile {
				long = append(long, fmt.Sprintf("%s/%s has %d lines", s.path, name, s.files[name]))
			}
		}
		if lines > maxPackage {
			long = append(long, fmt.Sprintf("%s has %d lines", s.path, lines))
		}
		fmt.Fprintf(w, "%-28s %7d %6d %7d %9d %8d %9d %9d\n", strings.TrimPrefix(s.path, "frontdesk/"), lines, len(s.files), s.files[longest],
			len(s.functions), s.exported, s.arrows, s.climbed)
		all = append(all, s.functions...)
	}
	slices.SortFunc(all, func(a, b function) int { return cmp.Compare(a.lines, b.lines) })
	at := func(share float64) int { return all[int(share*float64(len(all)-1))].lines }
	fmt.Fprintf(w, "\nfunctions: %d; lines: median %d, p90 %d, p99 %d, longest %d (%s)\n", len(all), at(0.5), at(0.9), at(0.99), at(1), all[len(all)-1].name)
	for _, line := range append(long, fmt.Sprintf("%d over the limits (a file %d lines, a package %d)", len(long), maxFile, maxPackage)) {
		fmt.Fprintln(w, line)
	}
}
