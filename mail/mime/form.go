package mime

import "strings"

// How a part can be shown.
const (
	plain     = "text/plain"
	hypertext = "text/html"
)

// form is how a part is shown that isn't attached: plain or hypertext, "" for a file. Senders misspell both types; what
// text is of an unknown type is text, but not where it is an alternative to others.
func (n *Node) form(alternative bool) string {
	major, minor, _ := strings.Cut(n.Type, "/")
	switch {
	case isHTML(minor) && major == "text", isHTML(major):
		return hypertext
	// RFC 1896: their tags are passed over
	case major == "text" && !alternative && (minor == "enriched" || minor == "richtext"):
		return hypertext
	case major == "text" && isPlain(minor), isPlain(major):
		return plain
	case major == "text" && !alternative && !isFile(minor):
		return plain
	}
	return ""
}

func isPlain(word string) bool {
	switch word {
	case "plain", "plaintext", "plain-text", "x-plain", "plane", "palin", "text", "txt", "ascii", "us-ascii", "utf-8",
		"utf8", "unknown":
		return true
	}
	return false
}

func isHTML(word string) bool {
	switch word {
	case "html", "htm", "xhtml", "x-html", "html5", "html4":
		return true
	}
	return false
}

// isFile tells the types of text that other programs than a reader of mail open.
func isFile(minor string) bool {
	switch minor {
	case "calendar", "vcard", "x-vcard", "directory", "csv", "comma-separated-values", "tab-separated-values", "xml",
		"css", "javascript", "ecmascript", "json", "rtf",
		"x-amp-html", "watch-html", "rfc822-headers", "x-patch", "x-diff", "vnd.wap.wml", "x-ms-contact":
		return true
	}
	return strings.HasPrefix(minor, "vnd.") || strings.HasPrefix(minor, "x-c") ||
		strings.HasPrefix(minor, "x-script") || strings.HasPrefix(minor, "x-sh") || strings.HasPrefix(minor, "x-java")
}
