package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// What an XLSX may become when it is unpacked.
const (
	maxUnpacked = 256 << 20
	maxInMemory = 16 << 20 // of one part: beyond, it is unpacked into a temporary file
	maxParts    = 2000
)

func readXLSX(data []byte) (s Sheet, err error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return s, ErrFormat
	}
	size := uint64(0)
	for _, f := range z.File {
		size += min(f.UncompressedSize64, maxUnpacked+1)
	}
	if size > maxUnpacked || len(z.File) > maxParts {
		return s, fmt.Errorf("the file unpacks to more than %d MB", maxUnpacked>>20)
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true,
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return s, ErrFormat
	}
	defer book.Close()
	return s, s.addBook(book)
}

// addBook reads the sheet that was open, twice at once: as it is kept, and as it is shown, which tells what is a date.
func (s *Sheet) addBook(book *excelize.File) error {
	name := book.GetSheetName(book.GetActiveSheetIndex())
	kept, err1 := book.Rows(name)
	shown, err2 := book.Rows(name)
	if err1 != nil || err2 != nil {
		return ErrFormat
	}
	defer kept.Close()
	defer shown.Close()
	props, err := book.GetWorkbookProps()
	since1904 := err == nil && props.Date1904 != nil && *props.Date1904
	for kept.Next() && shown.Next() {
		cells, err1 := kept.Columns(excelize.Options{RawCellValue: true})
		looks, err2 := shown.Columns(excelize.Options{RawCellValue: false})
		if err1 != nil || err2 != nil {
			return ErrFormat
		}
		for i := range min(len(cells), len(looks)) {
			cells[i] = dated(cells[i], looks[i], since1904)
		}
		if err := s.add(cells); err != nil {
			return err
		}
	}
	if kept.Error() != nil || shown.Error() != nil {
		return ErrFormat
	}
	return nil
}

var looksLikeDate = regexp.MustCompile(`\d[-/. ]\p{L}*[-/. ]?\d|\d:\d\d`)

// dated is a number that is shown as a date or a time as ISO 8601 writes it; all else stays.
func dated(kept, shown string, since1904 bool) string {
	serial, err := strconv.ParseFloat(kept, 64)
	if err != nil || kept == shown || !looksLikeDate.MatchString(shown) || serial < 1 || serial > maxSerial ||
		onlyDigits(kept) == onlyDigits(shown) {
		return kept
	}
	at, err := excelize.ExcelDateToTime(serial, since1904)
	switch {
	case err != nil:
		return kept
	case at.Equal(at.Truncate(24 * time.Hour)):
		return at.Format(time.DateOnly)
	}
	return at.Round(time.Second).Format("2006-01-02 15:04:05")
}

// maxSerial is the last day that Excel knows: 31 December 9999.
const maxSerial = 2958465

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
