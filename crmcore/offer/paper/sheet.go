package paper

import (
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

// Millimetres of an A4 page.
const (
	wide, high  = 210.0, 297.0
	left, right = 18.0, 18.0
	top, bottom = 16.0, 24.0
	inner       = wide - left - right
	small, body = 8.0, 9.5 // points
	leading     = 4.4      // between two lines of body
)

// tone is a colour.
type tone [3]int

func ink() tone   { return tone{28, 33, 40} }
func grey() tone  { return tone{110, 118, 129} }
func line() tone  { return tone{208, 215, 222} }
func shade() tone { return tone{243, 245, 247} }
func red() tone   { return tone{190, 30, 45} }

// sheet is pages that are written from the top to the bottom.
type sheet struct {
	*fpdf.Fpdf
	y    float64
	head func() // of all pages but the first
}

func newSheet(f fonts, day, title, author, language string) *sheet {
	s := &sheet{Fpdf: fpdf.New("P", "mm", "A4", "")}
	s.AddUTF8FontFromBytes("text", "", f.regular)
	s.AddUTF8FontFromBytes("text", "B", f.bold)
	s.SetAutoPageBreak(false, 0)
	s.SetMargins(left, top, right)
	s.SetCellMargin(0)
	s.SetCatalogSort(true)
	made, _ := time.Parse(time.DateOnly, day) // whatever it is: the same each time
	s.SetCreationDate(made)
	s.SetModificationDate(made)
	s.SetProducer("Frontdesk", true)
	s.SetTitle(title, true)
	s.SetAuthor(author, true)
	s.SetLang(language)
	return s
}

// clean is a text as the font can write it.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r > 0xffff || unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// pen chooses how what follows is written.
func (s *sheet) pen(style string, size float64, c tone) {
	s.SetFont("text", style, size)
	s.SetTextColor(c[0], c[1], c[2])
}

// put writes a line at a place: align L, C or R within the width.
func (s *sheet) put(x, y, w float64, align, text string) {
	s.SetXY(x, y)
	s.CellFormat(w, leading, clean(text), "", 0, align+"M", false, 0, "")
}

// split is a text in lines that are at most so wide.
func (s *sheet) split(text string, w float64) (all []string) {
	for _, part := range strings.Split(clean(text), "\n") {
		all = append(all, s.wrap(part, w)...)
	}
	return all
}

// wrap breaks at spaces, and within a word that alone is too long.
func (s *sheet) wrap(text string, w float64) (all []string) {
	now := ""
	for _, word := range strings.Fields(text) {
		next := strings.TrimLeft(now+" "+word, " ")
		if s.GetStringWidth(next) <= w {
			now = next
			continue
		}
		if now != "" {
			all = append(all, now)
		}
		for now = word; s.GetStringWidth(now) > w; {
			n := s.fitting(now, w)
			all, now = append(all, now[:n]), now[n:]
		}
	}
	return append(all, now)
}

// fitting is how many bytes of a text are at most so wide: of one character at least.
func (s *sheet) fitting(text string, w float64) int {
	last := 0
	for at := range text {
		if at > 0 && last > 0 && s.GetStringWidth(text[:at]) > w {
			return last
		}
		last = at
	}
	return max(last, 1)
}

// room begins a page where so much does not fit on this one; it tells whether it did.
func (s *sheet) room(h float64) bool {
	if s.y+h <= high-bottom {
		return false
	}
	s.AddPage()
	s.y = top
	s.head()
	return true
}

// rule draws a line across.
func (s *sheet) rule(x, y, w float64) {
	c := line()
	s.SetDrawColor(c[0], c[1], c[2])
	s.SetLineWidth(0.25)
	s.Line(x, y, x+w, y)
}

// block writes lines of body text, which may go on over pages.
func (s *sheet) block(x, w float64, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	for _, l := range s.split(text, w) {
		s.room(leading)
		s.pen("", body, ink())
		s.put(x, s.y, w, "L", l)
		s.y += leading
	}
}
