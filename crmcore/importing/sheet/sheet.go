// Package sheet reads tables out of files that strangers made: CSV, XLSX and vCard, within bounds.
package sheet

import (
	"errors"
	"fmt"
	"strings"
)

// Most that a file may have.
const (
	MaxFile    = 32 << 20
	MaxLines   = 200_000
	MaxColumns = 200
	MaxCell    = 20_000 // bytes
)

// What a file is refused for.
var (
	ErrEmpty  = errors.New("the file has no lines below its headings")
	ErrFormat = errors.New("the file is no CSV, XLSX or vCard that can be read")
)

// Sheet is a table: headings, and as many cells in every line.
type Sheet struct {
	Columns []string
	Lines   [][]string
}

// add takes a line: the first one that says anything has the headings.
func (s *Sheet) add(cells []string) error {
	for i, c := range cells {
		if len(c) > MaxCell {
			return fmt.Errorf("line %d, column %d is longer than %d bytes", len(s.Lines)+2, i+1, MaxCell)
		}
		cells[i] = plain(c)
	}
	blank := strings.Join(cells, "") == ""
	switch {
	case blank:
		return nil
	case s.Columns == nil:
		if len(cells) > MaxColumns {
			return fmt.Errorf("the file has more than %d columns", MaxColumns)
		}
		s.Columns = cells
		return nil
	case len(s.Lines) == MaxLines:
		return fmt.Errorf("the file has more than %d lines: divide it", MaxLines)
	}
	line := make([]string, len(s.Columns))
	copy(line, cells)
	s.Lines = append(s.Lines, line)
	return nil
}

// plain is the text of a cell, without the mark that keeps spreadsheets from taking it for a formula (see Guarded).
func plain(c string) string {
	c = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(c, ""), "\x00", ""))
	if len(c) > 1 && c[0] == '\'' && strings.ContainsRune("=+-@", rune(c[1])) {
		return c[1:]
	}
	return c
}

// Guarded is a text that no spreadsheet takes for a formula. Numbers stay as they are, also those of telephones.
func Guarded(c string) string {
	if c == "" || !strings.ContainsRune("=+-@\t\r", rune(c[0])) ||
		strings.ContainsRune("+-", rune(c[0])) && strings.Trim(c[1:], "0123456789 ().,/-") == "" {
		return c
	}
	return "'" + c
}
