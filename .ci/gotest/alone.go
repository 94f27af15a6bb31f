package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath, Dir                    string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// alone prints the packages where nothing meets anything: neither they nor their tests start a goroutine, speak over a
// channel or hold a lock. There the race detector finds nothing and takes half of the time. What they say to rooms below
// is tested there, and who calls them from several goroutines is another package.
func alone(out io.Writer, patterns []string) error {
	list := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles"},
		patterns...)...)
	said, err := list.Output()
	if err != nil {
		return err
	}
	for decoder := json.NewDecoder(bytes.NewReader(said)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			return err
		}
		meets, err := p.meets()
		if err != nil {
			return err
		}
		if !meets {
			fmt.Fprintln(out, p.ImportPath)
		}
	}
	return nil
}

func (p listed) meets() (bool, error) {
	for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return false, err
		}
		if meets(file) {
			return true, nil
		}
	}
	return false, nil
}

// meets tells whether a file has what goroutines are started by or meet at.
func meets(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.ChanType:
			found = true
		case *ast.ImportSpec:
			found = found || slices.Contains([]string{`"sync"`, `"sync/atomic"`, `"testing/synctest"`}, n.Path.Value)
		case *ast.SelectorExpr: // a WaitGroup's, a test's
			found = found || n.Sel.Name == "Go" || n.Sel.Name == "Parallel" || n.Sel.Name == "RunParallel"
		}
		return !found
	})
	return found
}
