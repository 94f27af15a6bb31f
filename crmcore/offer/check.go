package offer

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/store/query"
)

const (
	maxPrice    = 1_000_000_000_000
	maxQuantity = 1_000_000_000
	maxTotal    = 1_000_000_000_000_000 // as that of a deal
	maxLines    = 300
)

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

func checkCurrency(code string) error {
	if !currencyPattern.MatchString(code) {
		return input.Refuse("currency", "is a code of three letters, such as EUR")
	}
	return nil
}

func within(field string, n, low, high int64) error {
	if n < low || n > high {
		return input.Refuse(field, "is too little or too much")
	}
	return nil
}

func checkLanguage(l string) error {
	if l != "en" && l != "ro" && l != "ru" {
		return input.Refuse("language", "is en, ro or ru")
	}
	return nil
}

func (in *Offer) check() error {
	if in.Kind != Quote && in.Kind != Invoice {
		return input.Refuse("kind", "is offer or invoice")
	}
	if err := input.Texts(input.Bound("client", &in.Client, 0, 1000), input.Bound("email", &in.Email, 0, 320),
		input.Bound("intro", &in.Intro, 0, 4000), input.Bound("note", &in.Note, 0, 4000)); err != nil {
		return err
	}
	return query.Steps(func() error { return checkLanguage(in.Language) },
		func() error { return checkCurrency(in.Currency) },
		func() error { return checkDay("date", in.Date) }, func() error { return checkDay("until", in.Until) },
		func() error {
			if in.Until < in.Date {
				return input.Refuse("until", "is before the date of the document")
			}
			return checkLines(in.Lines)
		})
}

func checkDay(field, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return input.Refuse(field, "is a day such as 2026-01-31")
	}
	return nil
}

func checkLines(list []Line) error {
	if len(list) > maxLines {
		return input.Refuse("lines", "are at most 300")
	}
	for i := range list {
		l := &list[i]
		at := func(name string) string { return fmt.Sprintf("lines[%d].%s", i, name) }
		if err := input.Texts(input.Bound(at("name"), &l.Name, 1, 500), input.Bound(at("unit"), &l.Unit, 0, 30),
			input.Bound(at("product"), &l.Product, 0, 100)); err != nil {
			return err
		}
	}
	return checkNumbers(list)
}

func checkNumbers(list []Line) error {
	for i, l := range list {
		at := func(name string) string { return fmt.Sprintf("lines[%d].%s", i, name) }
		if err := errors.Join(within(at("quantity"), l.Quantity, 1, maxQuantity),
			within(at("price"), l.Price, -maxPrice, maxPrice), within(at("discount"), l.Discount, 0, whole),
			within(at("tax"), l.Tax, 0, whole)); err != nil {
			return input.First(err)
		}
	}
	return nil
}

// checkTotals refuses what no deal could be worth. A single line may come to more than fits: that is seen before.
func (in *Offer) checkTotals() error {
	for i, l := range in.Lines {
		if worth(l) > maxTotal {
			return input.Refuse(fmt.Sprintf("lines[%d].price", i), "is too much")
		}
	}
	if in.Totals.Total < 0 || in.Totals.Total > maxTotal {
		return input.Refuse("lines", "come to less than nothing, or to more than ten trillion")
	}
	return nil
}

// worth is what a line may come to, to some hundredths.
func worth(l Line) float64 {
	return float64(max(l.Price, -l.Price)) / thousandths * float64(l.Quantity)
}

// Reckon is Sum of lines that somebody is typing: they need no names yet.
func Reckon(currency string, lines []Line) (Totals, error) {
	if err := checkNumbers(lines); err != nil {
		return Totals{}, err
	}
	in := Offer{Lines: lines, Totals: Sum(currency, lines)}
	return in.Totals, in.checkTotals()
}
