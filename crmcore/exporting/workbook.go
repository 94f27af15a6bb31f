package exporting

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// sheetLines are those of one sheet: Excel takes 1,048,576.
const sheetLines = 1_000_000

// asXLSX writes a workbook (ECMA-376 part 1) as it goes, another sheet where one is full. It is ours because excelize's
// writer reaches its formulas, which call methods by name: with it the linker keeps every method of the whole program,
// 11 MB of them.
type asXLSX struct {
	zip    *zip.Writer
	zone   *time.Location
	sheet  io.Writer
	sheets int
	n      int // lines of this sheet
	heads  []any
}

func newXLSX(w io.Writer, zone *time.Location) *asXLSX {
	return &asXLSX{zip: zip.NewWriter(w), zone: zone}
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relSpace  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	mimeSpace = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
)

func (x *asXLSX) line(cells []any) error {
	if x.heads == nil {
		x.heads = cells
		return x.begin()
	}
	if x.n == sheetLines {
		if _, err := io.WriteString(x.sheet, "</sheetData></worksheet>"); err != nil {
			return err
		}
		if err := x.begin(); err != nil {
			return err
		}
	}
	return x.row(cells)
}

// begin opens a sheet, whose first line stays in sight.
func (x *asXLSX) begin() (err error) {
	x.sheets, x.n = x.sheets+1, 0
	if x.sheet, err = x.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", x.sheets)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(x.sheet, xmlHead+`<worksheet %s><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" `+
		`topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`+
		`<cols><col min="1" max="%d" width="18" customWidth="1"/></cols><sheetData>`, mainSpace, max(len(x.heads), 1))
	if err != nil {
		return err
	}
	return x.row(x.heads)
}

func (x *asXLSX) row(cells []any) error {
	x.n++
	var b strings.Builder
	b.WriteString("<row>")
	for _, cell := range cells {
		switch v := cell.(type) {
		case float64:
			b.WriteString("<c><v>" + strconv.FormatFloat(v, 'f', -1, 64) + "</v></c>")
		case time.Time:
			b.WriteString(`<c s="1"><v>` + strconv.FormatFloat(serial(v.In(x.zone)), 'f', 8, 64) + "</v></c>")
		case string:
			if v == "" {
				b.WriteString("<c/>")
				continue
			}
			b.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
			xml.EscapeText(&b, []byte(v)) // to memory; what XML can't say becomes U+FFFD
			b.WriteString("</t></is></c>")
		}
	}
	b.WriteString("</row>")
	_, err := io.WriteString(x.sheet, b.String())
	return err
}

// serial is a time as a workbook counts it: in days since 30 December 1899, by the clock of its place.
func serial(at time.Time) float64 {
	_, offset := at.Zone()
	since := at.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)) + time.Duration(offset)*time.Second
	return since.Hours() / 24
}

func (x *asXLSX) end() error {
	if _, err := io.WriteString(x.sheet, "</sheetData></worksheet>"); err != nil {
		return err
	}
	var types, sheets, rels strings.Builder
	for n := 1; n <= x.sheets; n++ {
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n, mimeSpace)
		fmt.Fprintf(&sheets, `<sheet name="Sheet%d" sheetId="%d" r:id="r%d"/>`, n, n, n)
		fmt.Fprintf(&rels, `<Relationship Id="r%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, relSpace, n)
	}
	const package1 = `http://schemas.openxmlformats.org/package/2006/`
	for _, part := range [][2]string{
		{"xl/styles.xml", `<styleSheet ` + mainSpace + `><numFmts count="1"><numFmt numFmtId="164" ` +
			`formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts><fonts count="1"><font/></fonts><fills count="2"><fill/>` +
			`<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
			`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>` +
			`<xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`},
		{"xl/workbook.xml", `<workbook ` + mainSpace + ` xmlns:r="` + relSpace + `"><sheets>` + sheets.String() +
			`</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + package1 + `relationships">` + rels.String() +
			`<Relationship Id="s" Type="` + relSpace + `/styles" Target="styles.xml"/></Relationships>`},
		{"_rels/.rels", `<Relationships xmlns="` + package1 + `relationships"><Relationship Id="r1" Type="` + relSpace +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", `<Types xmlns="` + package1 + `content-types"><Default Extension="rels" ContentType=` +
			`"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType=` +
			`"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + mimeSpace + `sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + mimeSpace + `styles+xml"/>` + types.String() + `</Types>`},
	} {
		w, err := x.zip.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, xmlHead+part[1]); err != nil {
			return err
		}
	}
	return x.zip.Close()
}
