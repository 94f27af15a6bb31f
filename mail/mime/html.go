package mime

import (
	"html"
	"io"
	"regexp"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"frontdesk/mail/mime/coding"
)

var link = regexp.MustCompile(`https?://[^\s<>"']+[^\s<>"'.,;:!?)\]}]`)

// TextToHTML shows plain text as HTML: escaped, with its line breaks and its web links.
func TextToHTML(text string) string {
	var b strings.Builder
	b.WriteString(`<div style="white-space: pre-wrap">`)
	last := 0
	for _, at := range link.FindAllStringIndex(text, -1) {
		address := html.EscapeString(text[at[0]:at[1]])
		b.WriteString(html.EscapeString(text[last:at[0]]))
		b.WriteString(`<a href="` + address + `">` + address + `</a>`)
		last = at[1]
	}
	b.WriteString(html.EscapeString(text[last:]))
	b.WriteString(`</div>`)
	return b.String()
}

// HTMLToText is the text of an HTML document, its quotes marked by "> ".
func HTMLToText(source string) string {
	t := &textWriter{}
	z := nethtml.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(coding.MaxText)
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return strings.TrimSpace(t.out.String())
		case nethtml.TextToken:
			if t.hidden == 0 && !t.head {
				t.words(string(z.Text()))
			}
		case nethtml.StartTagToken:
			name, _ := z.TagName()
			t.open(atom.Lookup(name))
		case nethtml.EndTagToken:
			name, _ := z.TagName()
			t.close(atom.Lookup(name))
		case nethtml.SelfClosingTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == atom.Br {
				t.line()
			}
		}
	}
}

// textWriter lays out the text of HTML tokens.
type textWriter struct {
	out       strings.Builder
	quote     int
	hidden    int  // inside so many elements that show no text
	head      bool // in the document's head, whose end need not be marked
	atStart   bool
	space     bool // white space waits to be written
	emptyRows int
}

func (t *textWriter) open(tag atom.Atom) {
	t.head = tag == atom.Head || t.head && inHead(tag)
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript:
		t.hidden++
	case atom.Blockquote:
		t.block()
		t.quote++
	case atom.Br:
		t.line()
	case atom.Li:
		t.block()
		t.words("- ")
		t.space = true
	default:
		if isBlock(tag) {
			t.block()
		}
	}
}

func (t *textWriter) close(tag atom.Atom) {
	switch tag {
	case atom.Head:
		t.head = false
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript:
		t.hidden = max(0, t.hidden-1)
	case atom.Blockquote:
		t.block()
		t.quote = max(0, t.quote-1)
	case atom.Td, atom.Th:
		t.space = true
	default:
		if isBlock(tag) {
			t.block()
		}
	}
}

// inHead tells the elements of a document's head: any other begins its body (HTML section 13.2.6.4.4).
func inHead(tag atom.Atom) bool {
	switch tag {
	case atom.Base, atom.Basefont, atom.Bgsound, atom.Link, atom.Meta, atom.Title, atom.Noscript, atom.Noframes,
		atom.Style, atom.Script, atom.Template, 0: // 0 is one that HTML doesn't know, such as Outlook's
		return true
	}
	return false
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Tr, atom.Table, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Hr, atom.Pre, atom.Section, atom.Body, atom.Dt, atom.Dd:
		return true
	}
	return false
}

// block begins a new line unless one is begun.
func (t *textWriter) block() {
	if t.out.Len() > 0 && !t.atStart {
		t.line()
	}
}

func (t *textWriter) line() {
	if t.emptyRows++; t.emptyRows <= 2 {
		t.out.WriteByte('\n')
	}
	t.atStart, t.space = true, false
}

func (t *textWriter) words(s string) {
	s = html.UnescapeString(s)
	for i, word := range strings.Fields(s) {
		if t.atStart || t.out.Len() == 0 {
			io.WriteString(&t.out, strings.Repeat("> ", min(t.quote, 5)))
		} else if t.space || i > 0 || strings.TrimLeft(s, " \t\r\n\u00a0") != s {
			t.out.WriteByte(' ')
		}
		t.out.WriteString(word)
		t.atStart, t.space, t.emptyRows = false, false, 0
	}
	t.space = t.space || strings.TrimRight(s, " \t\r\n\u00a0") != s
}
