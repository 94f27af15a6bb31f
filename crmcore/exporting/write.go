package exporting

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"frontdesk/crmcore/importing/sheet"
)

// Format of a table.
type Format string

const (
	CSV  Format = "csv"  // UTF-8 with a byte order mark, which Excel asks for
	XLSX Format = "xlsx" // numbers, amounts and times as such
)

// writer takes lines of texts, numbers (float64) and times.
type writer interface {
	line(cells []any) error
	end() error
}

var writers = map[Format]func(io.Writer, *time.Location) writer{CSV: newCSV, XLSX: newXLSX}

const timeLayout = "2006-01-02 15:04:05"

// asCSV guards what a spreadsheet would take for a formula.
type asCSV struct {
	to   *csv.Writer
	zone *time.Location
}

func newCSV(w io.Writer, zone *time.Location) writer {
	io.WriteString(w, "\ufeff") // what can't be written fails with the first line
	return &asCSV{csv.NewWriter(w), zone}
}

func (c *asCSV) line(cells []any) error {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case string:
			texts[i] = sheet.Guarded(v)
		case float64:
			texts[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case time.Time:
			texts[i] = v.In(c.zone).Format(timeLayout)
		}
	}
	return c.to.Write(texts)
}

func (c *asCSV) end() error {
	c.to.Flush()
	return c.to.Error()
}

// sheetLines are those of one sheet: Excel takes 1,048,576.
const sheetLines = 1_000_000

// asXLSX begins another sheet where one is full. What is written waits in a temporary file.
type asXLSX struct {
	to     io.Writer
	zone   *time.Location
	book   *excelize.File
	sheet  *excelize.StreamWriter
	sheets int
	n      int // lines of this sheet
	heads  []any
	style  int // of times
}

func newXLSX(w io.Writer, zone *time.Location) writer {
	return &asXLSX{to: w, zone: zone, book: excelize.NewFile()}
}

func (x *asXLSX) line(cells []any) error {
	switch {
	case x.heads == nil:
		x.heads = cells
		layout := "yyyy-mm-dd hh:mm"
		style, err := x.book.NewStyle(&excelize.Style{CustomNumFmt: &layout})
		if err != nil {
			return err
		}
		x.style = style
		return x.begin()
	case x.n == sheetLines:
		if err := x.sheet.Flush(); err != nil {
			return err
		}
		if err := x.begin(); err != nil {
			return err
		}
	}
	return x.row(cells)
}

func (x *asXLSX) begin() (err error) {
	x.sheets, x.n = x.sheets+1, 0
	name := "Sheet" + strconv.Itoa(x.sheets)
	if _, err = x.book.NewSheet(name); err != nil {
		return err
	}
	if x.sheet, err = x.book.NewStreamWriter(name); err != nil {
		return err
	}
	if err = x.sheet.SetColWidth(1, len(x.heads), 18); err != nil {
		return err
	}
	return x.row(x.heads)
}

func (x *asXLSX) row(cells []any) error {
	x.n++
	out := make([]any, len(cells))
	for i, cell := range cells {
		out[i] = cell
		if at, is := cell.(time.Time); is {
			_, offset := at.In(x.zone).Zone() // a workbook knows no zones: the clock of the company's
			out[i] = excelize.Cell{StyleID: x.style, Value: at.UTC().Add(time.Duration(offset) * time.Second)}
		}
	}
	return x.sheet.SetRow("A"+strconv.Itoa(x.n), out)
}

func (x *asXLSX) end() error {
	defer x.book.Close()
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	return x.book.Write(x.to)
}
