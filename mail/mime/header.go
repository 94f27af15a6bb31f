package mime

import (
	"bufio"
	"bytes"
	stdmime "mime"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the charsets of header words
	"github.com/emersion/go-message/textproto"
)

// parseHeader reads header fields and passes over lines that are none.
func parseHeader(raw []byte) textproto.Header {
	var clean bytes.Buffer
	inField := false
	for line := range bytes.Lines(raw) {
		if line[0] != ' ' && line[0] != '\t' {
			inField = isHeaderField(line)
		}
		if inField {
			clean.Write(bytes.TrimRight(line, "\r\n"))
			clean.WriteString("\r\n")
		}
	}
	clean.WriteString("\r\n")
	header, _ := textproto.ReadHeader(bufio.NewReader(&clean)) // only whole fields are left
	return header
}

func isHeaderField(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	return ok && len(name) > 0 && !bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 127 })
}

// classify reads the Content headers.
func (n *Node) classify(parent string) {
	mediaType, params, err := stdmime.ParseMediaType(n.Header.Get("Content-Type"))
	if err != nil && mediaType == "" {
		mediaType = "text/plain"
		if parent == "multipart/digest" && !n.Header.Has("Content-Type") {
			mediaType = "message/rfc822" // RFC 2046 section 5.1.5
		}
	}
	major, minor, _ := strings.Cut(mediaType, "/")
	if major == "" || minor == "" || strings.HasPrefix(mediaType, "multipart/") && strings.TrimSpace(params["boundary"]) == "" {
		mediaType = "text/plain"
	}
	n.Type, n.Params = mediaType, params
	n.Encoding = strings.ToLower(strings.TrimSpace(n.Header.Get("Content-Transfer-Encoding")))
	if n.Encoding == "" {
		n.Encoding = "7bit"
	}
}

// embeds tells whether the body is a message that can be read in place.
func (n *Node) embeds() bool {
	encoded := n.Encoding == "base64" || n.Encoding == "quoted-printable"
	return (n.Type == "message/rfc822" || n.Type == "message/global") && !encoded
}

// disposition is "attachment", "inline" or "", and the file name without folders.
func (n *Node) disposition() (kind, name string) {
	kind, params, _ := stdmime.ParseMediaType(n.Header.Get("Content-Disposition"))
	for _, candidate := range []string{params["filename"], n.Params["name"]} {
		if candidate = fileName(decodeWords(candidate)); candidate != "" {
			return kind, candidate
		}
	}
	return kind, ""
}

// fileName keeps the last element of a path and nothing that a file system or a screen could misread.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if name == "/" {
		return ""
	}
	return clip(name, 200)
}

// decodeWords decodes RFC 2047 words and removes what no header value may hold.
func decodeWords(s string) string {
	words := stdmime.WordDecoder{CharsetReader: message.CharsetReader}
	decoded, err := words.DecodeHeader(s)
	if err != nil {
		decoded = s
	}
	decoded = decodeBytes([]byte(decoded), "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, decoded))
}

var angled = regexp.MustCompile(`<([^<>\s]{1,998})>`)

// messageIDs reads the ids of a field, without angle brackets.
func messageIDs(h textproto.Header, key string) (ids []string) {
	value := decodeBytes([]byte(h.Get(key)), "")
	for _, match := range angled.FindAllStringSubmatch(value, maxPeople) {
		ids = append(ids, match[1])
	}
	if word := strings.TrimSpace(value); len(ids) == 0 && strings.Contains(word, "@") && !strings.ContainsAny(word, " \t<>") {
		ids = []string{clip(word, 998)}
	}
	return ids
}
