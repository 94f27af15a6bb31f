package mime

import (
	"bytes"
	"unicode"
)

// noBoundary is that of a multipart which doesn't tell its own: no line is like it.
const noBoundary = "\n"

const (
	maxBoundary = 200  // bytes; RFC 2046 section 5.1.1 allows 70
	maxLooked   = 1000 // lines that may be boundaries
)

// usedBoundary is the boundary that the body of a multipart seems to have in place of the one that its header tells: of
// the first line that a part's header follows, or that another of its kind ends. Else it is the first that has an empty
// line behind it, or where none is told, the first at all.
func usedBoundary(body []byte, untold bool) string {
	begun, loose := map[string]bool{}, ""
	for len(body) > 0 && len(begun) < maxLooked {
		line := firstLine(body)
		body = body[len(line):]
		word, ok := bytes.CutPrefix(bytes.TrimRight(line, " \t\r\n"), []byte("--"))
		if !ok || len(word) > maxBoundary || !bytes.ContainsFunc(word,
			func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			continue
		}
		if opened, closing := bytes.CutSuffix(word, []byte("--")); closing && begun[string(opened)] {
			return string(opened)
		} else if closing {
			continue
		}
		next := firstLine(body)
		if isKnownField(next, true) {
			return string(word)
		}
		begun[string(word)] = true
		spaced := bytes.ContainsAny(word, " \t")
		if empty := len(bytes.TrimRight(next, " \t\r\n")) == 0; loose == "" && !spaced && (untold || empty) {
			loose = string(word)
		}
	}
	return loose
}
