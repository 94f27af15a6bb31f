package mime

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"
)

// What one message may carry into its HTML as data: URLs: looking for and decoding them costs time.
const (
	maxInline      = 8 << 20 // bytes
	maxInlineFinds = 100     // images by Content-ID
)

// Sanitiser makes strangers' HTML safe to show. It is safe for concurrent use.
type Sanitiser struct{ policy *bluemonday.Policy }

// NewSanitiser builds the policy: text, tables, lists, links, images and harmless styles; no scripts, forms, frames,
// style sheets, media or positioning.
func NewSanitiser() *Sanitiser {
	p := bluemonday.NewPolicy()
	p.AllowElements("a", "abbr", "address", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite",
		"code", "col", "colgroup", "dd", "del",
		"div", "dl", "dt", "em", "figure", "figcaption", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
		"ins", "kbd", "li", "mark", "ol", "p", "pre",
		"q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
		"thead", "time", "tr", "tt", "u", "ul", "var", "wbr")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowDataURIImages()
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").OnElements("img")
	p.AllowAttrs("alt", "title").Matching(regexp.MustCompile(`^[^<>]{0,500}$`)).Globally()
	number := regexp.MustCompile(`^[0-9]{1,4}%?$`)
	p.AllowAttrs("width", "height").Matching(number).OnElements("img", "table", "td", "th", "col", "colgroup", "hr")
	p.AllowAttrs("border", "cellpadding", "cellspacing").Matching(number).OnElements("table", "img")
	p.AllowAttrs("colspan", "rowspan", "start", "size").Matching(number).OnElements("td", "th", "ol", "font", "hr")
	word := regexp.MustCompile(`^[a-zA-Z]{1,12}$`)
	p.AllowAttrs("align", "valign", "dir", "type").Matching(word).OnElements("p", "div", "table", "tr", "td", "th",
		"img", "span", "h1", "h2", "h3", "h4", "bdo", "ol", "ul", "hr")
	ours := regexp.MustCompile(`^frontdesk_(signature|quote)$`) // as we mark them in what we send
	p.AllowAttrs("class").Matching(ours).OnElements("div")
	p.AllowAttrs("color", "bgcolor", "face").Matching(regexp.MustCompile(`^#?[a-zA-Z0-9 ,_-]{1,60}$`)).
		OnElements("font", "table", "tr", "td", "th")
	p.AllowStyles("color", "background-color", "font-family", "font-size", "font-style", "font-weight", "line-height",
		"letter-spacing", "text-align",
		"text-decoration", "text-transform", "text-indent", "vertical-align", "white-space", "direction", "display",
		"width", "height", "max-width", "min-width",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top",
		"padding-right", "padding-bottom", "padding-left",
		"border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style",
		"border-width", "border-radius", "border-collapse", "border-spacing").Globally()
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return &Sanitiser{policy: p}
}

// Options of Sanitise.
type Options struct {
	Remote bool // keep images on the web
	// Inline returns what shows the image with that Content-ID; nil or false drops it.
	Inline func(id string) (url string, ok bool)
}

// Sanitise returns HTML that is safe inside a sandboxed frame, and whether remote images were held back.
func (s *Sanitiser) Sanitise(source string, o Options) (safe string, remote bool) {
	f := &imageFilter{options: o}
	z := nethtml.NewTokenizer(strings.NewReader(s.policy.Sanitize(source)))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return f.out.String(), f.remote
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			f.tag(z.Token())
		default:
			f.out.Write(z.Raw())
		}
	}
}

// imageFilter is the second look, over what the policy let pass: sources of images, targets of links, styles.
type imageFilter struct {
	options Options
	out     strings.Builder
	inlined int
	finds   int
	remote  bool
}

func (f *imageFilter) tag(t nethtml.Token) {
	kept := t.Attr[:0]
	for _, a := range t.Attr {
		var ok bool
		if a.Val, ok = f.attribute(t.Data, a.Key, a.Val); ok {
			kept = append(kept, a)
		}
	}
	t.Attr = kept
	f.out.WriteString(t.String())
}

func (f *imageFilter) attribute(tag, key, value string) (string, bool) {
	switch {
	case key == "src":
		return f.source(tag, value)
	case key == "href":
		return value, hasScheme(value, "http:", "https:", "mailto:", "tel:")
	case key == "style":
		return value, !strings.ContainsAny(value, `\@`) && !strings.Contains(strings.ToLower(value), "url(")
	}
	return value, true
}

func hasScheme(value string, schemes ...string) bool {
	value = strings.ToLower(value)
	for _, scheme := range schemes {
		if strings.HasPrefix(value, scheme) {
			return true
		}
	}
	return false
}

func (f *imageFilter) source(tag, value string) (string, bool) {
	switch {
	case tag != "img":
		return "", false
	case hasScheme(value, "cid:"):
		return f.inline(value[len("cid:"):])
	case hasScheme(value, "data:"):
		return f.limit(value)
	case hasScheme(value, "http:", "https:"):
		f.remote = f.remote || !f.options.Remote
		return value, f.options.Remote
	}
	return "", false
}

func (f *imageFilter) inline(id string) (string, bool) {
	if f.finds++; f.options.Inline == nil || f.inlined > maxInline || f.finds > maxInlineFinds {
		return "", false
	}
	value, ok := f.options.Inline(id)
	if !ok {
		return "", false
	}
	return f.limit(value)
}

func (f *imageFilter) limit(value string) (string, bool) {
	f.inlined += len(value)
	return value, f.inlined <= maxInline
}
