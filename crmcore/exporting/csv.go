package exporting

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"frontdesk/crmcore/importing/sheet"
)

const timeLayout = "2006-01-02 15:04:05"

// asCSV guards what a spreadsheet would take for a formula.
type asCSV struct {
	to   *csv.Writer
	zone *time.Location
}

func newCSV(w io.Writer, zone *time.Location) *asCSV {
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
