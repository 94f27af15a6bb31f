package paper

import (
	"strconv"
	"strings"
	"time"

	"frontdesk/crmcore/offer"
)

// words are what a document says by itself, in its language.
type words struct {
	offer, invoice, draft, cancelled     string
	to, date, valid, due, paid           string
	item, quantity, price, discount, tax string
	amount, net, taxOf, total, pay, page string
	of, registration, vat, point, group  string
	day                                  string // how a day is written
}

func wordsOf(language string) words {
	switch language {
	case "ro":
		return words{offer: "Ofertă", invoice: "Factură", draft: "ciornă", cancelled: "ANULATĂ", to: "Către",
			date: "Data", valid: "Valabilă până la", due: "Scadența", paid: "Achitată la", item: "Denumire",
			quantity: "Cantitate", price: "Preț unitar", discount: "Reducere", tax: "TVA", amount: "Valoare",
			net: "Total fără TVA", taxOf: "TVA %s din %s", total: "Total", pay: "Date de plată", page: "Pagina",
			of: "din", registration: "Nr. reg.", vat: "CIF", point: ",", group: ".", day: "02.01.2006"}
	case "ru":
		return words{offer: "Коммерческое предложение", invoice: "Счёт", draft: "черновик", cancelled: "АННУЛИРОВАН",
			to: "Кому", date: "Дата", valid: "Действительно до", due: "Оплатить до", paid: "Оплачен",
			item: "Наименование", quantity: "Кол-во", price: "Цена", discount: "Скидка", tax: "НДС", amount: "Сумма",
			net: "Итого без НДС", taxOf: "НДС %s от %s", total: "Всего", pay: "Реквизиты для оплаты", page: "Страница",
			of: "из", registration: "Рег. №", vat: "ИНН/НДС", point: ",", group: "\u00a0", day: "02.01.2006"}
	}
	return words{offer: "Offer", invoice: "Invoice", draft: "draft", cancelled: "CANCELLED", to: "To", date: "Date",
		valid: "Valid until", due: "Due date", paid: "Paid on", item: "Description", quantity: "Quantity",
		price: "Unit price", discount: "Discount", tax: "VAT", amount: "Amount", net: "Total without VAT",
		taxOf: "VAT %s of %s", total: "Total", pay: "Payment details", page: "Page", of: "of", registration: "Reg. no.",
		vat: "VAT no.", point: ".", group: ",", day: "2 January 2006"}
}

// decimal writes a whole number of parts of which ten to the power of places are one: with all places, or without the
// last zeros.
func (w words) decimal(n int64, places int, all bool) string {
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	digits := strconv.FormatInt(n, 10)
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	ones, rest := digits[:len(digits)-places], digits[len(digits)-places:]
	if !all {
		rest = strings.TrimRight(rest, "0")
	}
	for at := len(ones) - 3; at > 0; at -= 3 {
		ones = ones[:at] + w.group + ones[at:]
	}
	if rest != "" {
		ones += w.point + rest
	}
	return sign + ones
}

// money is an amount without its currency.
func (w words) money(n int64, currency string) string {
	if offer.Smallest(currency) == 100 {
		return w.decimal(n/100, 0, true)
	}
	return w.decimal(n, 2, true)
}

// percent of hundredths of one.
func (w words) percent(n int64) string { return w.decimal(n, 2, false) + "\u00a0%" }

// written is a day as the language has it.
func (w words) written(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format(w.day)
}
