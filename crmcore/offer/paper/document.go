package paper

import "frontdesk/crmcore/offer"

// document is what is drawn.
type document struct {
	*sheet
	offer.Offer
	words
	company offer.Company
	logo    *offer.Logo
	pages   int // of the whole
	columns []column
}

// column of the table of lines.
type column struct {
	name  string
	wide  float64
	align string
	text  func(at int, l offer.Line) string
}

func (d *document) title() string {
	if d.Kind == offer.Invoice {
		return d.invoice
	}
	return d.words.offer
}

func (d *document) labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + " " + text
}
