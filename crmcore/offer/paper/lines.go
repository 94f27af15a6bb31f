package paper

import (
	"slices"
	"strconv"

	"frontdesk/crmcore/offer"
)

const gap = 3.0 // between columns

// table is its columns: what no line has is left out.
func (d *document) table() []column {
	all := []column{
		{"#", 6, "L", func(at int, _ offer.Line) string { return strconv.Itoa(at + 1) }},
		{d.item, 0, "L", func(_ int, l offer.Line) string { return l.Name }},
		{d.quantity, 14, "R", func(_ int, l offer.Line) string {
			return d.labelled(d.decimal(l.Quantity, 3, false), l.Unit)
		}},
		{d.price, 16, "R", func(_ int, l offer.Line) string { return d.money(l.Price, d.Currency) }},
		{d.discount, 12, "R", func(_ int, l offer.Line) string {
			if l.Discount == 0 {
				return ""
			}
			return d.percent(l.Discount)
		}},
		{d.tax, 10, "R", func(_ int, l offer.Line) string { return d.percent(l.Tax) }},
		{d.amount, 18, "R", func(_ int, l offer.Line) string { return d.money(l.Net, d.Currency) }},
	}
	if !slices.ContainsFunc(d.Lines, func(l offer.Line) bool { return l.Discount > 0 }) {
		all = slices.Delete(all, 4, 5)
	}
	taken := float64(len(all)-1) * gap
	for i := range all {
		if all[i].text(0, offer.Line{Unit: "-"}) != "" && i != 1 {
			all[i].wide = max(all[i].wide, d.widest(all[i], i))
		}
		taken += all[i].wide
	}
	all[1].wide = inner - 4 - taken
	return all
}

// widest is how much room a column of numbers takes, within reason.
func (d *document) widest(c column, at int) float64 {
	d.pen("B", small, ink())
	w := d.GetStringWidth(c.name) + 0.5
	if at == 0 {
		w = 0
	}
	d.pen("", body, ink())
	for i, l := range d.Lines {
		w = max(w, min(d.GetStringWidth(clean(c.text(i, l)))+0.5, 42))
	}
	return w
}

// lines are the table. Its head is on each page that it goes on to.
func (d *document) lines() {
	d.room(24)
	d.tableHead()
	for i, l := range d.Lines {
		d.pen("", body, ink())
		name := d.split(l.Name, d.columns[1].wide)
		quantity := d.split(d.columns[2].text(i, l), d.columns[2].wide)
		h := float64(max(len(name), len(quantity)))*leading + 3
		if d.room(h) {
			d.tableHead()
		}
		x := left + 2
		for at, c := range d.columns {
			text := []string{c.text(i, l)}
			switch at {
			case 1:
				text = name
			case 2:
				text = quantity
			}
			d.pen("", body, ink())
			if at == 0 {
				d.pen("", body, grey())
			}
			for n, t := range text {
				d.put(x, d.y+1.5+float64(n)*leading, c.wide, c.align, t)
			}
			x += c.wide + gap
		}
		d.y += h
		d.rule(left, d.y, inner)
	}
}

func (d *document) tableHead() {
	const h = 7.0
	c := shade()
	d.SetFillColor(c[0], c[1], c[2])
	d.Rect(left, d.y, inner, h, "F")
	d.pen("B", small, grey())
	x := left + 2
	for _, c := range d.columns {
		d.put(x, d.y+1.3, c.wide, c.align, c.name)
		x += c.wide + gap
	}
	d.y += h
}
