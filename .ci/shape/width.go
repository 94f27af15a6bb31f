package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// tab is how many runes wide a tab counts.
const tab = 4

// wide names the lines of a package that are over the limit. What can't be broken, or reads worse when it is, doesn't
// count: what lies in raw strings (SQL, tags of fields, texts), rows of a table, and lines with a long address of the
// web.
func wide(p listed) (list []string, err error) {
	for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		lines, err := wideLines(name, text)
		if err != nil {
			return nil, err
		}
		list = append(list, lines...)
	}
	return list, nil
}

func wideLines(name string, text []byte) (list []string, err error) {
	var long []int // lines, from 0 on
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if width(line) > maxWidth && !slices.ContainsFunc(strings.Fields(line), isAddress) &&
			!strings.HasPrefix(line, "//go:") {
			long = append(long, i)
		}
	}
	if len(long) == 0 {
		return nil, nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	spared := sparedOn(fset, file, lines)
	for _, i := range long {
		if n := width(lines[i]) - spared[i]; n > maxWidth {
			list = append(list, fmt.Sprintf("%s:%d is %d wide", name, i+1, n))
		}
	}
	return list, nil
}

// isAddress: a word that a line can hardly be broken for.
func isAddress(word string) bool { return len(word) > maxWidth/3 && strings.Contains(word, "://") }

func width(line string) int { return utf8.RuneCountInString(line) + (tab-1)*strings.Count(line, "\t") }

// sparedOn is how much of each line doesn't count.
func sparedOn(fset *token.FileSet, file *ast.File, lines []string) map[int]int {
	spared := map[int]int{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if strings.HasPrefix(n.Value, "`") {
				at := fset.Position(n.Pos()).Line - 1
				for i, part := range strings.Split(n.Value, "\n") {
					spared[at+i] += width(part)
				}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if at := fset.Position(e.Pos()).Line - 1; isRow(fset, e, lines[at]) {
					spared[at] = width(lines[at])
				}
			}
		}
		return true
	})
	return spared
}

// isRow: a literal of a table's own type that has a line to itself.
func isRow(fset *token.FileSet, e ast.Expr, line string) bool {
	value := e
	if pair, ok := e.(*ast.KeyValueExpr); ok {
		value = pair.Value
	}
	literal, ok := value.(*ast.CompositeLit)
	if !ok || literal.Type != nil {
		return false
	}
	from, to := fset.Position(e.Pos()), fset.Position(e.End())
	return from.Line == to.Line && strings.TrimSpace(line[:from.Column-1]) == "" &&
		strings.Trim(line[to.Column-1:], ", ") == ""
}
