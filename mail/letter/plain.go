package letter

import (
	"strconv"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// SignatureClass marks the signature in the HTML of our mails, QuoteClass what it answers or sends on.
const (
	SignatureClass = "frontdesk_signature"
	QuoteClass     = "frontdesk_quote"
)

// Plain is HTML of ours as people write it in plain text: paragraphs apart, lists marked and numbered, quotes behind
// "> ", links with where they lead, a signature below "-- " (RFC 3676 section 4.3).
func Plain(source string) string {
	doc, err := nethtml.Parse(strings.NewReader(source))
	if err != nil { // only a reader's
		return ""
	}
	return strings.Trim(strings.Join(blocks(doc), "\n"), "\n")
}

// blocks are the lines of what a node holds.
func blocks(n *nethtml.Node) (lines []string) {
	var open strings.Builder
	flush := func() {
		if text := strings.TrimSpace(open.String()); text != "" {
			lines = append(lines, strings.Split(text, "\n")...)
		}
		open.Reset()
	}
	number := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Li {
			number++
		}
		inner, block := block(c, number)
		if !block {
			inline(&open, c)
			continue
		}
		flush()
		lines = append(lines, inner...)
	}
	flush()
	return lines
}

// block are the lines of an element that stands for itself; number counts the items of its list.
func block(n *nethtml.Node, number int) (lines []string, is bool) {
	switch n.DataAtom {
	case atom.Blockquote:
		return append(prefixed(trimmed(blocks(n)), "> ", "> "), ""), true
	case atom.Li:
		mark := "- "
		if n.Parent.DataAtom == atom.Ol {
			mark = strconv.Itoa(number) + ". "
		}
		return prefixed(trimmed(blocks(n)), mark, strings.Repeat(" ", len(mark))), true
	case atom.Hr:
		return []string{"---", ""}, true
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Pre, atom.Table:
		return append(blocks(n), ""), true
	case atom.Div:
		if class(n) == SignatureClass {
			return append([]string{"", "-- "}, blocks(n)...), true
		}
		return blocks(n), true
	case atom.Html, atom.Body, atom.Tbody, atom.Tr, atom.Dl, atom.Dt, atom.Dd, atom.Figure, atom.Center:
		return blocks(n), true
	case atom.Head, atom.Script, atom.Style:
		return nil, true
	}
	return nil, false
}

func class(n *nethtml.Node) string { return attribute(n, "class") }

func attribute(n *nethtml.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func trimmed(lines []string) []string {
	return strings.Split(strings.Trim(strings.Join(lines, "\n"), "\n"), "\n")
}

func prefixed(lines []string, first, rest string) []string {
	marked := make([]string, len(lines))
	for i, line := range lines {
		marked[i] = rest + line
		if i == 0 {
			marked[i] = first + line
		}
	}
	return marked
}

// inline writes text and what stands within a line.
func inline(out *strings.Builder, n *nethtml.Node) {
	switch {
	case n.Type == nethtml.TextNode:
		words(out, n.Data, preformatted(n))
	case n.DataAtom == atom.Br:
		out.WriteString("\n")
	case n.DataAtom == atom.Img:
		if alt := attribute(n, "alt"); alt != "" {
			out.WriteString("[" + alt + "]")
		}
	default:
		within(out, n)
	}
}

// within writes an inline element; a block inside it begins a line of its own.
func within(out *strings.Builder, n *nethtml.Node) {
	begin := out.Len()
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if lines, is := block(c, 1); is {
			out.WriteString("\n" + strings.Join(lines, "\n") + "\n")
		} else {
			inline(out, c)
		}
	}
	if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
		out.WriteString(" ")
	}
	if to := strings.TrimPrefix(attribute(n, "href"), "mailto:"); n.DataAtom == atom.A && to != "" {
		shown := strings.TrimSpace(out.String()[begin:])
		if bare(shown) != bare(to) {
			out.WriteString(" <" + to + ">")
		}
	}
}

// bare is an address of the web as people write it.
func bare(link string) string {
	for _, begin := range []string{"https://", "http://"} {
		link = strings.TrimPrefix(link, begin)
	}
	return strings.TrimSuffix(link, "/")
}

func preformatted(n *nethtml.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Pre || strings.Contains(attribute(p, "style"), "pre-wrap") {
			return true
		}
	}
	return false
}

// words writes text, its white space as browsers show it.
func words(out *strings.Builder, text string, as bool) {
	if as {
		out.WriteString(text)
		return
	}
	for _, r := range text {
		if !strings.ContainsRune(" \t\r\n\f", r) {
			if r == '\u00a0' {
				r = ' '
			}
			out.WriteRune(r)
			continue
		}
		if s := out.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "\n") {
			out.WriteByte(' ')
		}
	}
}
