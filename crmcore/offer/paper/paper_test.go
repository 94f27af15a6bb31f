package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"frontdesk/crmcore/offer"
)

// textOf is what each page of a PDF of ours says, a line for each piece.
func textOf(t *testing.T, pdf []byte) (pages []string) {
	t.Helper()
	streams := regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	pieces := regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)
	for _, s := range streams.FindAllSubmatch(pdf, -1) {
		z, err := zlib.NewReader(bytes.NewReader(s[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte("BT ")) {
			continue
		}
		var page []string
		for _, piece := range pieces.FindAllSubmatch(content, -1) {
			page = append(page, decoded(piece[1]))
		}
		pages = append(pages, strings.Join(page, "\n"))
	}
	return pages
}

func decoded(raw []byte) string {
	var b []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			i++
			if raw[i] == 'r' {
				raw[i] = '\r'
			}
		}
		b = append(b, raw[i])
	}
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

func logo(t *testing.T) *offer.Logo {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 300, 90))
	for x := range 300 {
		for y := range 90 {
			d := (x-45)*(x-45) + (y-45)*(y-45)
			if d < 42*42 || x > 110 && (y > 20 && y < 36 || x < 240 && y > 52 && y < 64) {
				picture.Set(x, y, color.NRGBA{20, 90, uint8(140 + y), 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return &offer.Logo{Type: "image/png", Content: out.Bytes()}
}

func sample(kind offer.Kind, language string, n int) offer.Offer {
	o := offer.Offer{Kind: kind, Number: "O-2026-0042", Language: language, Currency: "EUR", Date: "2026-11-30",
		Until: "2026-12-30", State: offer.Sent,
		Client: "Șantierul Țării S.R.L.\nIoana Mărginean\nStr. Înfrățirii 12, 010101 București\nRO12345678",
		Intro:  "Vă mulțumim pentru interes. Iată oferta noastră.\nСпасибо за интерес. / Thank you for your interest.",
		Note:   "Delivery within 14 days of the order.",
		Issuer: &offer.Company{Name: "Acme Communications S.A.", Address: "Bd. Unirii 5\n030119 București, România",
			VAT: "RO987654", Registration: "J40/1234/2020", Phone: "+40 21 555 01 00", Email: "office@acme.example",
			Website: "acme.example", Bank: "Banca Exemplu\nIBAN RO49 AAAA 1B31 0075 9384 0000\nBIC AAAAROBU",
			Footer: "Acme Communications S.A. · Capital social 90.000 lei"}}
	names := []string{"Deployment of the phone system, on site",
		"Licență anuală pentru 25 de utilizatori, cu asistență telefonică în zilele lucrătoare între 9 și 18",
		"Настройка телефонии и обучение сотрудников"}
	for i := range n {
		o.Lines = append(o.Lines, offer.Line{Name: names[i%3], Unit: []string{"h", "buc", "шт."}[i%3],
			Quantity: 1500 + int64(i)*1000, Price: 123_456 + int64(i), Discount: int64(i%2) * 1250,
			Tax: []int64{2100, 1100}[i%2]})
	}
	o.Totals = offer.Sum(o.Currency, o.Lines)
	if kind == offer.Invoice {
		o.State, o.Number = offer.Issued, "I-2026-0007"
	}
	return o
}

// One page or several, in each language: what has to stand on a document stands there, on the pages it belongs to, and
// the same document is the same file. With FRONTDESK_PAPERS set to a folder they are written there, to be looked at.
func TestPapers(t *testing.T) {
	for _, c := range []struct {
		kind     offer.Kind
		language string
		lines    int
		pages    int
		says     []string
	}{
		{offer.Quote, "en", 3, 1, []string{"Offer O-2026-0042", "Valid until", "30 December 2026", "1.5 h",
			"12.5\u00a0%", "VAT 21\u00a0% of 6,172.87", "1,234.56", "Page 1 of 1"}},
		{offer.Quote, "ro", 64, 3, []string{"Ofertă O-2026-0042", "Șantierul Țării S.R.L.", "30.12.2026", "1.234,56",
			"Pagina 1 din 3"}},
		{offer.Invoice, "ru", 3, 1, []string{"Счёт I-2026-0007", "Оплатить до", "Реквизиты для оплаты · I-2026-0007",
			"IBAN RO49 AAAA 1B31 0075 9384 0000", "1\u00a0234,56", "Страница 1 из 1"}},
		{offer.Invoice, "en", 64, 3, []string{"Invoice I-2026-0007", "Due date"}},
		{offer.Quote, "ru", 1, 1, []string{"Коммерческое предложение O-2026-0042"}},
	} {
		o := sample(c.kind, c.language, c.lines)
		began := time.Now()
		pdf, err := Write(o, logo(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s %s: %d bytes in %v", c.kind, c.language, len(pdf), time.Since(began))
		if dir := os.Getenv("FRONTDESK_PAPERS"); dir != "" {
			name := fmt.Sprintf("%s-%s-%d.pdf", c.kind, c.language, c.lines)
			if err := os.WriteFile(filepath.Join(dir, name), pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := Write(o, logo(t)); err != nil || !bytes.Equal(pdf, again) {
			t.Errorf("%s %s: another file of the same document, %v", c.kind, c.language, err)
		}
		pages := textOf(t, pdf)
		if len(pages) != c.pages {
			t.Errorf("%s %s has %d pages", c.kind, c.language, len(pages))
			continue
		}
		for _, text := range c.says {
			if !strings.Contains(pages[0], text) {
				t.Errorf("%s %s does not say %q on its first page:\n%s", c.kind, c.language, text, pages[0])
			}
		}
		w := wordsOf(c.language)
		for i, page := range pages {
			foot := fmt.Sprintf("%s %d %s %d", w.page, i+1, w.of, c.pages)
			if !strings.Contains(page, foot) || i < 2 && !strings.Contains(page, w.item) ||
				!strings.Contains(page, o.Number) {
				t.Errorf("%s %s, page %d:\n%s", c.kind, c.language, i+1, page)
			}
		}
		all := strings.Join(pages, "\n")
		for i := range o.Lines {
			if !strings.Contains(all, "\n"+w.money(o.Lines[i].Net, o.Currency)+"\n") {
				t.Errorf("%s %s: line %d is missing", c.kind, c.language, i+1)
			}
		}
	}
}

// Whatever people paste becomes a document: words without spaces, characters that no font has, nothing at all.
func TestAnythingIsDrawn(t *testing.T) {
	long := strings.Repeat("ő", 500)
	for _, o := range []offer.Offer{
		{Kind: offer.Invoice, State: offer.Draft, Language: "en"},
		{Kind: offer.Quote, Language: "??", Client: long, Intro: strings.Repeat("a b\n", 300), Note: "🙂\u0000\t" + long,
			Currency: "JPY", Issuer: &offer.Company{Name: long, Address: long, Footer: long, Bank: long},
			Lines: []offer.Line{{Name: long, Unit: long[:40], Quantity: 1e9, Price: -1e12, Net: -1e15},
				{Name: "\n\n"}}},
		{Kind: offer.Invoice, State: offer.Cancelled, Date: "never", Lines: []offer.Line{{Name: "x", Discount: 10000}}},
	} {
		if _, err := Write(o, &offer.Logo{Type: "image/png", Content: []byte("no picture")}); err == nil {
			t.Error("a logo that is none is drawn")
		}
		if pdf, err := Write(o, nil); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	for _, c := range []struct {
		language, currency string
		amount             int64
		want               string
	}{
		{"en", "EUR", 0, "0.00"}, {"en", "EUR", 5, "0.05"}, {"en", "EUR", -123456789, "−1,234,567.89"},
		{"ro", "RON", 100000, "1.000,00"}, {"ru", "RUB", 99999, "999,99"}, {"en", "JPY", 123400, "1,234"},
	} {
		if got := wordsOf(c.language).money(c.amount, c.currency); got != c.want {
			t.Errorf("%d in %s: %q", c.amount, c.language, got)
		}
	}
	w := wordsOf("ro")
	if a, b, c := w.decimal(1500, 3, false), w.decimal(1000, 3, false), w.percent(950); a != "1,5" || b != "1" ||
		c != "9,5\u00a0%" {
		t.Errorf("%q %q %q", a, b, c)
	}
}
