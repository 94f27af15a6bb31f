// Package paper makes the PDF of an offer or invoice. The same document is the same bytes.
package paper

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"frontdesk/crmcore/offer"
)

// Write is a document as PDF, with the logo that its company has, if any.
func Write(o offer.Offer, logo *offer.Logo) ([]byte, error) {
	f, err := unpacked()
	if err != nil {
		return nil, err
	}
	pages := drawn(f, o, logo, 0).PageCount()
	var out bytes.Buffer
	err = drawn(f, o, logo, pages).Output(&out)
	return out.Bytes(), err
}

// drawn is a document of so many pages, as its feet say.
func drawn(f fonts, o offer.Offer, logo *offer.Logo, pages int) *document {
	d := &document{Offer: o, words: wordsOf(o.Language), logo: logo, pages: pages}
	if o.Issuer != nil {
		d.company = *o.Issuer
	}
	d.sheet = newSheet(f, o.Date, strings.TrimSpace(d.title()+" "+o.Number), d.company.Name, o.Language)
	d.sheet.head = d.running
	d.SetFooterFunc(d.foot)
	d.columns = d.table()
	d.AddPage()
	d.letterhead()
	d.heading()
	if o.Intro != "" {
		d.block(left, inner, o.Intro)
		d.y += 4
	}
	d.lines()
	d.totals()
	d.below()
	return d
}

const (
	logoWide, logoHigh = 62.0, 22.0
	half               = inner/2 - 4
)

// letterhead is the logo and who writes.
func (d *document) letterhead() {
	h := d.picture()
	x := left + half + 8
	y := top
	d.pen("B", 11, ink())
	for _, l := range d.split(d.company.Name, half) {
		d.put(x, y, half, "R", l)
		y += 5
	}
	d.pen("", small, grey())
	for _, text := range append(strings.Split(d.company.Address, "\n"), d.labelled(d.vat, d.company.VAT),
		d.labelled(d.registration, d.company.Registration), joined(d.company.Phone, d.company.Email),
		d.company.Website) {
		for _, l := range d.split(text, half) {
			if l != "" {
				d.put(x, y, half, "R", l)
				y += 3.7
			}
		}
	}
	d.y = max(y, top+h) + 6
	d.rule(left, d.y, inner)
	d.y += 7
}

func joined(texts ...string) string {
	var all []string
	for _, t := range texts {
		if t != "" {
			all = append(all, t)
		}
	}
	return strings.Join(all, " · ")
}

// picture draws the logo, and tells how high it is.
func (d *document) picture() float64 {
	if d.logo == nil {
		return 0
	}
	options := fpdf.ImageOptions{ImageType: strings.TrimPrefix(d.logo.Type, "image/")}
	info := d.RegisterImageOptionsReader("logo", options, bytes.NewReader(d.logo.Content))
	if info == nil || d.Err() {
		return 0
	}
	w, h := info.Width(), info.Height()
	by := min(logoWide/w, logoHigh/h)
	d.ImageOptions("logo", left, top, w*by, h*by, false, options, 0, "")
	return h * by
}

// heading is what the document is, whom it is for, and its days.
func (d *document) heading() {
	d.pen("B", 18, ink())
	d.put(left, d.y, inner, "L", strings.TrimSpace(d.title()+" "+d.Number))
	if note, c := d.stamp(); note != "" {
		w := d.GetStringWidth(strings.TrimSpace(d.title() + " " + d.Number))
		d.pen("B", 11, c)
		d.put(left+w+4, d.y+0.6, inner, "L", note)
	}
	d.y += 11
	y := d.y
	d.pen("", small, grey())
	d.put(left, y, half, "L", d.to)
	y += leading
	for i, l := range strings.Split(d.Client, "\n") {
		d.pen(map[bool]string{true: "B"}[i == 0], body, ink())
		for _, part := range d.split(l, half) {
			d.put(left, y, half, "L", part)
			y += leading
		}
	}
	d.y = max(y, d.days(d.y)) + 6
}

// stamp is what has to be seen first.
func (d *document) stamp() (string, tone) {
	switch {
	case d.State == offer.Cancelled:
		return d.cancelled, red()
	case d.State == offer.Draft && d.Kind == offer.Invoice:
		return d.draft, grey()
	}
	return "", tone{}
}

// days are written at the right, and where they end is told.
func (d *document) days(y float64) float64 {
	until := d.valid
	if d.Kind == offer.Invoice {
		until = d.due
	}
	for _, f := range [][2]string{{d.date, d.Date}, {until, d.Until}, {d.paid, d.PaidOn}} {
		if f[1] == "" {
			continue
		}
		x := left + half + 8
		d.pen("", body, grey())
		d.put(x, y, half/2+8, "L", f[0])
		d.pen("", body, ink())
		d.put(x, y, half, "R", d.written(f[1]))
		y += leading + 0.6
	}
	return y
}

// running is the head of all pages but the first.
func (d *document) running() {
	d.pen("", small, grey())
	d.put(left, d.y, inner, "L", d.company.Name)
	d.put(left, d.y, inner, "R", strings.TrimSpace(d.title()+" "+d.Number))
	d.y += leading + 1.5
	d.rule(left, d.y, inner)
	d.y += 4
}

// foot of each page.
func (d *document) foot() {
	y := high - bottom + 5
	d.rule(left, y, inner)
	y += 1.6
	d.pen("", 7.5, grey())
	for i, l := range d.split(d.company.Footer, inner-34) {
		if i < 4 && l != "" {
			d.put(left, y+float64(i)*3.4, inner-34, "L", l)
		}
	}
	d.put(left, y, inner, "R", fmt.Sprintf("%s %d %s %d", d.page, d.PageNo(), d.of, d.pages))
}

// totals are the sums, by rate of the tax. They stay together.
func (d *document) totals() {
	const w = 96.0
	x := left + inner - w
	d.room(float64(len(d.Totals.Rates)+1)*(leading+1) + 14)
	d.y += 2.5
	row := func(label, amount string) {
		d.pen("", body, grey())
		d.put(x, d.y, w, "L", label)
		d.pen("", body, ink())
		d.put(x, d.y, w-2, "R", amount)
		d.y += leading + 1
	}
	row(d.net, d.money(d.Totals.Net, d.Currency))
	for _, r := range d.Totals.Rates {
		row(fmt.Sprintf(d.taxOf, d.percent(r.Rate), d.money(r.Net, d.Currency)), d.money(r.Tax, d.Currency))
	}
	d.rule(x, d.y+0.6, w)
	d.y += 2.4
	d.pen("B", 12, ink())
	d.put(x, d.y, w, "L", d.total)
	d.put(x, d.y, w-2, "R", d.money(d.Totals.Total, d.Currency)+"\u00a0"+d.Currency)
	d.y += leading + 6
}

// below are the words below the totals, and how an invoice is paid.
func (d *document) below() {
	if d.Note != "" {
		d.block(left, inner, d.Note)
		d.y += 4
	}
	if d.Kind != offer.Invoice || d.company.Bank == "" {
		return
	}
	text := strings.Split(d.company.Bank, "\n")
	h := float64(len(text)+1)*leading + 6
	d.room(h)
	c := shade()
	d.SetFillColor(c[0], c[1], c[2])
	d.Rect(left, d.y, inner, h, "F")
	d.y += 3
	d.pen("B", body, ink())
	d.put(left+4, d.y, inner, "L", joined(d.pay, cmp.Or(d.Number, d.draft)))
	d.y += leading
	for _, l := range text {
		d.pen("", body, ink())
		d.put(left+4, d.y, inner-8, "L", l)
		d.y += leading
	}
}
