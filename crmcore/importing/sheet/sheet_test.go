package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

func TestFilesOfAllKinds(t *testing.T) {
	want := []string{"Ștefan", "+40722000001"}
	book := excelize.NewFile()
	book.SetSheetRow("Sheet1", "A1", &[]string{"Name", "Phone"})
	book.SetSheetRow("Sheet1", "A2", &want)
	var xlsx bytes.Buffer
	if err := book.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"commas":     "Name,Phone\nȘtefan,+40722000001\n\n",
		"semicolons": "\ufeffName;Phone\r\n\"Ștefan\";'+40722000001\r\n",
		"tabs":       "Name\tPhone\nȘtefan\t+40722000001",
		"xlsx":       xlsx.String(),
	} {
		s, err := Read([]byte(data))
		if err != nil || !slices.Equal(s.Columns, []string{"Name", "Phone"}) || len(s.Lines) != 1 ||
			!slices.Equal(s.Lines[0], want) {
			t.Errorf("%s: %q %v", name, s, err)
		}
	}
	s, err := Read([]byte("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ștefan\r\n" +
		"TEL;TYPE=CELL:+40722000001\r\nORG:Firm;Sales\r\nEND:VCARD\r\n"))
	if err != nil || len(s.Lines) != 1 || s.Lines[0][0] != want[0] || s.Lines[0][2] != "Firm" ||
		s.Lines[0][3] != want[1] {
		t.Errorf("vCard: %q %v", s, err)
	}
}

// Dates of a workbook are read as dates, however they are shown; numbers that look alike stay.
func TestDatesOfAWorkbook(t *testing.T) {
	book := excelize.NewFile()
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	book.SetSheetRow("Sheet1", "A1", &[]string{"A", "B", "C", "D", "E"})
	book.SetSheetRow("Sheet1", "A2", &[]any{day, day.Add(90 * time.Minute), 40722000001, 1234567.5, 46356})
	dotted, thousands := "dd.mm.yyyy", "#.##0"
	for cell, style := range map[string]excelize.Style{"A2": {CustomNumFmt: &dotted},
		"D2": {CustomNumFmt: &thousands}, "E2": {NumFmt: 1}} {
		id, err := book.NewStyle(&style)
		if err != nil {
			t.Fatal(err)
		}
		book.SetCellStyle("Sheet1", cell, cell, id)
	}
	var xlsx bytes.Buffer
	if err := book.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	s, err := Read(xlsx.Bytes())
	want := []string{"2026-11-30", "2026-11-30 01:30:00", "40722000001", "1234567.5", "46356"}
	if err != nil || len(s.Lines) != 1 || !slices.Equal(s.Lines[0], want) {
		t.Errorf("%q %v", s.Lines, err)
	}
}

func TestOldCharsets(t *testing.T) {
	for text, set := range map[string]*charmap.Charmap{"Иван Петров": charmap.Windows1251,
		"Pătraşcu Ţăran": charmap.Windows1250} {
		old, err := set.NewEncoder().String("Name\n" + text + "\n")
		if err != nil {
			t.Fatal(err)
		}
		if s, err := Read([]byte(old)); err != nil || s.Lines[0][0] != text {
			t.Errorf("%q %v", s, err)
		}
	}
}

// Files that are made to harm are refused within their bounds.
func TestHostileFiles(t *testing.T) {
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, _ := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: 4,
		UncompressedSize64: maxUnpacked + 1})
	w.Write([]byte("bomb"))
	z.Close()
	for name, data := range map[string][]byte{
		"zip bomb":       bomb.Bytes(),
		"huge cell":      []byte("Name\n" + strings.Repeat("x", MaxCell+1)),
		"columns":        []byte(strings.Repeat("a,", MaxColumns) + "b\n1"),
		"binary":         []byte("MZ\x00\x00\x00"),
		"broken archive": []byte("PK\x03\x04nothing"),
		"headings alone": []byte("Name,Phone\n"),
	} {
		if s, err := Read(data); err == nil {
			t.Errorf("%s: %d lines", name, len(s.Lines))
		}
	}
	if _, err := Read([]byte("Name\n")); !errors.Is(err, ErrEmpty) {
		t.Errorf("empty: %v", err)
	}
}

func TestFormulasAreGuarded(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "+cmd|x": "'+cmd|x",
		"+40 722-000": "+40 722-000",
		"-12.5":       "-12.5", "Ana": "Ana", "": ""} {
		if got := Guarded(in); got != want || plain(got) != in {
			t.Errorf("%q: %q, back %q", in, got, plain(got))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Name;Phone\n\"a\";1"))
	f.Add([]byte("BEGIN:VCARD\nFN:x\nEND:VCARD"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Read(data)
		for _, line := range s.Lines {
			if err == nil && len(line) != len(s.Columns) {
				t.Errorf("%d cells in %d columns", len(line), len(s.Columns))
			}
		}
	})
}
