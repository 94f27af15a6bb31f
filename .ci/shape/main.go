// Command shape prints the house in figures: lengths of functions, files and lines, what climbs within a package, and
// how wide each door is.
//
//	go run ./.ci/shape                 of every package
//	go run ./.ci/shape webrtc store    of these the order of their files, and what climbs in it
//
// An arrow goes from a file to another of its package that defines what the first one uses. An arrow climbs when it
// goes up in the best order of the files that was found: a package without one can be read in one direction.
package main

import (
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
)

// Limits of the house; what is over them is named.
const (
	maxFile     = 400
	maxPackage  = 4000
	maxFunction = 60
	maxWidth    = 120
)

// listed is a package as `go list -export -json` tells it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, IgnoredGoFiles []string
	TestGoFiles             []string
	XTestGoFiles            []string
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
	order           []string // of the files, from the top down
	uses            arrows
	wide            []string // lines over the limit, of tests too: file:line, and how wide
}

// arrows are the names that a file uses of another: from, to, name.
type arrows map[string]map[string]map[string]bool

func (a arrows) add(from, to, name string) {
	if a[from] == nil {
		a[from] = map[string]map[string]bool{}
	}
	if a[from][to] == nil {
		a[from][to] = map[string]bool{}
	}
	a[from][to][name] = true
}

func (a arrows) has(from, to string) bool { return a[from][to] != nil }

type function struct {
	name  string
	lines int
}

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer, asked []string) error {
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
		if p.Module == nil || !p.Module.Main {
			continue
		}
		s, err := measure(p, exports)
		if err == nil {
			s.wide, err = wide(p)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		shapes = append(shapes, s)
	}
	switch {
	case len(asked) == 0:
		report(w, shapes)
		return nil
	case asked[0] == "-check":
		return check(w, shapes)
	}
	return details(w, shapes, asked)
}

// list asks for our packages and all they import, with the compiler's export data.
func list() (all []listed, err error) {
	cmd := exec.Command("go", "list", "-export", "-deps",
		"-json=ImportPath,Dir,Export,GoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles,Standard,Module", "./...")
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
	if len(p.GoFiles) == 0 { // tests alone
		return s, nil
	}
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
	s.uses = arrows{}
	for ident, object := range info.Uses {
		from, to := fileOf(ident.Pos()), ""
		if object.Pkg() == checked && object.Pos().IsValid() {
			to = fileOf(object.Pos())
		}
		if to != "" && to != from {
			s.uses.add(from, to, ident.Name)
		}
	}
	for _, to := range s.uses {
		s.arrows += len(to)
	}
	s.order = climb(slices.Sorted(maps.Keys(s.files)), s.uses)
	s.climbed = against(s.order, s.uses)
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
