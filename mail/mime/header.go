package mime

import (
	"cmp"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message/textproto"

	"frontdesk/mail/mime/coding"
)

// classify reads the Content headers. charset is that of the text before it in the message.
func (n *Node) classify(parent, charset string) {
	n.Type, n.Params = parseValue(n.Header.Get("Content-Type"), charset)
	major, minor, _ := strings.Cut(n.Type, "/")
	switch {
	case major == "" && parent == "multipart/digest" && !n.Header.Has("Content-Type"):
		n.Type = "message/rfc822" // RFC 2046 section 5.1.5
	case minor != "" && isToken(major) && isToken(minor):
	case major == "multipart":
		n.Type = "multipart/mixed"
	case major == "html":
		n.Type = "text/html"
	case minor == "" && (major == "application" || major == "image" || major == "audio" || major == "video"):
		n.Type = "application/octet-stream"
	default:
		n.Type = "text/plain"
	}
	n.Encoding = transferEncoding(n.Header.Get("Content-Transfer-Encoding"))
	n.Disposition, n.DispositionParams = parseValue(n.Header.Get("Content-Disposition"),
		cmp.Or(n.Params["charset"], charset))
	if n.Disposition == "" && len(n.DispositionParams) > 0 {
		n.Disposition = "attachment"
	}
}

// isToken tells whether s is a word of a media type (RFC 6838 section 4.2), also a longer one.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s,
		func(r rune) bool { return r <= ' ' || r >= 127 || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) })
}

// embeds tells whether the body is a message that can be read in place.
func (n *Node) embeds() bool {
	encoded := n.Encoding == "base64" || n.Encoding == "quoted-printable"
	return (n.Type == "message/rfc822" || n.Type == "message/global") && !encoded
}

// FileName is the name of the file, without folders; "" without one.
func (n *Node) FileName() string {
	for _, name := range []string{n.DispositionParams["filename"], n.DispositionParams["name"], n.Params["name"],
		n.Params["filename"]} {
		if name = fileName(coding.Words(unstarred(name))); name != "" {
			return name
		}
	}
	return ""
}

// unstarred decodes a value that was encoded as in RFC 2231 by a sender who forgot the star.
func unstarred(name string) string {
	words := strings.SplitN(strings.ReplaceAll(name, "%27", "'"), "'", 3)
	if len(words) == 3 && strings.Contains(words[2], "%") && isCharset(words[0]) {
		return coding.UTF8([]byte(unescape(words[2])), words[0])
	}
	// without the charset, too
	if bare := unescape(name); utf8.ValidString(bare) && beyondASCII(bare) > beyondASCII(name) {
		return bare
	}
	return name
}

func beyondASCII(s string) (n int) {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// windowsPath is how a path of Windows begins: there a backslash divides folders, elsewhere it is a character.
var windowsPath = regexp.MustCompile(`^([A-Za-z]:|\.{0,2})?\\`)

// fileName keeps the last element of a path and nothing that a file system or a screen could misread.
func fileName(name string) string {
	if windowsPath.MatchString(name) {
		name = strings.ReplaceAll(name, `\`, "/")
	}
	name = path.Base(strings.TrimRight(name, " /"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"|?*`, r):
			return -1
		case r == '\\':
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if name == "/" {
		return ""
	}
	return coding.Clip(name, 200)
}

var angled = regexp.MustCompile(`<([^<>\s]{1,998})>`)

// MessageIDs reads the ids of a field, without angle brackets.
func MessageIDs(h textproto.Header, key string) (ids []string) {
	value := coding.UTF8([]byte(h.Get(key)), "")
	for _, match := range angled.FindAllStringSubmatch(value, maxPeople) {
		ids = append(ids, match[1])
	}
	if word := strings.TrimSpace(value); len(ids) == 0 && strings.Contains(word, "@") &&
		!strings.ContainsAny(word, " \t<>") {
		ids = []string{coding.Clip(word, 998)}
	}
	return ids
}

// transferEncoding is the name of an encoding (RFC 2045 section 6.1), however its words are joined; "b" and "q" are
// those of RFC 2047.
func transferEncoding(field string) string {
	field = coding.WithoutComments(coding.Clip(field, 100))
	name := coding.Squeeze(strings.Trim(field, "\"' \t"))
	switch {
	case strings.Contains(name, "base64"), word(field) == "b":
		return "base64"
	case strings.Contains(name, "quotedprint"), word(field) == "q", word(field) == "qp":
		return "quoted-printable"
	}
	first, _ := parseValue(field, "")
	return cmp.Or(first, "7bit")
}
