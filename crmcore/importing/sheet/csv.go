package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func readCSV(data []byte) (s Sheet, err error) {
	text, err := decoded(data)
	if err != nil {
		return s, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(text), -1, true
	for {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return s, ErrFormat
		}
		if err := s.add(cells); err != nil {
			return s, err
		}
	}
}

// decoded is the text of a file, whatever wrote it: Unicode, or what Windows had before.
func decoded(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		return string(text), err
	case bytes.ContainsRune(data[:min(len(data), 4096)], 0):
		return "", ErrFormat
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if utf8.Valid(data) {
		return string(data), nil
	}
	old := charmap.Windows1250
	if cyrillic(data) {
		old = charmap.Windows1251
	}
	text, err := old.NewDecoder().Bytes(data)
	return string(text), err
}

// cyrillic tells words of Russian, which are nothing but high bytes, from those of Latin letters with some marks.
func cyrillic(data []byte) bool {
	short, long := 0, 0
	for _, run := range bytes.FieldsFunc(data, func(r rune) bool { return r < utf8.RuneSelf }) {
		if len(run) >= 3 {
			long += len(run)
		} else {
			short += len(run)
		}
	}
	return long > short
}

// separator is what stands most often in the headings.
func separator(text string) rune {
	head, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	best, most := ',', strings.Count(head, ",")
	for _, c := range ";\t|" {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}
