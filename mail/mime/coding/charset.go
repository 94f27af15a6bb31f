package coding

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	htmlcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Charset is the encoding that a label means: as browsers read it (iso-8859-1 is windows-1252 and so on, WHATWG
// Encoding section 4.2), else as IANA lists it, else nil. nil is also what UTF-8 and ASCII have.
func Charset(label string) encoding.Encoding {
	label = comment.ReplaceAllString(Clip(label, 100), "")
	// a language may follow (RFC 2231 section 5)
	label, _, _ = strings.Cut(strings.ToLower(strings.Trim(label, "\"'`=,\\“”‘’ \t\r\n;.<>")), "*")
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return nil
	case "utf-16", "utf16", "ucs-2", "iso-10646-ucs-2": // RFC 2781 section 4.3
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32", "utf32", "ucs-4", "iso-10646-ucs-4":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	}
	for _, name := range []string{label, strings.Replace(label, "win-", "windows-", 1),
		numberedSet.ReplaceAllString(label, "$1-$2"), "iso-" + label, strings.TrimPrefix(label, "x-"),
		misspelt(label)} {
		if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
			return e
		}
		if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
			return e
		}
	}
	return nil
}

// numberedSet finds the place of a forgotten hyphen.
var numberedSet = regexp.MustCompile(`^(windows|iso)[_ ]?(\d)`)

// spellings of charsets that senders make up, without what joins their parts, and what they mean.
var spellings = []struct {
	written *regexp.Regexp
	meant   string
}{
	{regexp.MustCompile(`^(?:x?cp|win|windows|ms|mswin|ansi)?(125[0-8]|874)$`), "windows-$1"},
	{regexp.MustCompile(`^(?:iso)?8859([1-9]|1[0-6])$`), "iso-8859-$1"},
	{regexp.MustCompile(`^koi8r?$`), "koi8-r"},
	{regexp.MustCompile(`^koi8u$`), "koi8-u"},
	{regexp.MustCompile(`^(?:x?sjis|shiftjis|mskanji|cp932|windows31j)$`), "shift_jis"},
}

func misspelt(label string) string {
	squeezed := Squeeze(label)
	for _, s := range spellings {
		if s.written.MatchString(squeezed) {
			return s.written.ReplaceAllString(squeezed, s.meant)
		}
	}
	return label
}

func isUTF7(label string) bool {
	label = strings.ToLower(strings.TrimSpace(label))
	return strings.HasSuffix(label, "utf-7") || label == "utf7"
}

func isControl(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\f\r\x1b", r) }

func isUTF16(label string) bool {
	label = strings.ToLower(label)
	return strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf16") || label == "unicode" ||
		strings.HasPrefix(label, "ucs") || strings.HasPrefix(label, "iso-10646")
}

// Reader is Charset for decoders of other packages.
func Reader(label string, r io.Reader) (io.Reader, error) {
	if e := Charset(label); e != nil {
		return e.NewDecoder().Reader(r), nil
	}
	if isUTF7(label) {
		raw, err := io.ReadAll(io.LimitReader(r, MaxText))
		return bytes.NewReader(decodeUTF7(raw)), err
	}
	switch strings.ToLower(label) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return r, nil
	}
	return nil, fmt.Errorf("mime: unknown charset %q", label)
}

// UTF8 turns text of a charset into UTF-8 without NUL. An unknown charset is taken as UTF-8 or, where it is not
// that, as windows-1252, which knows every byte.
func UTF8(raw []byte, label string) string {
	decoded := raw
	// the halves of characters of two bytes are control characters in most scripts, as no text has them
	if isUTF16(label) && utf8.Valid(raw) && !bytes.ContainsFunc(raw, isControl) {
		label = "utf-8"
	}
	if e := Charset(label); e != nil {
		if whole, err := io.ReadAll(io.LimitReader(e.NewDecoder().Reader(bytes.NewReader(raw)), MaxText)); err == nil {
			decoded = whole
		}
	} else if isUTF7(label) {
		decoded = decodeUTF7(raw)
	}
	if !utf8.Valid(decoded) {
		if label = strings.ToLower(strings.TrimSpace(label)); label == "utf-8" || label == "utf8" {
			decoded = bytes.ToValidUTF8(decoded, []byte("\ufffd"))
		} else if western, err := charmap.Windows1252.NewDecoder().Bytes(decoded); err == nil {
			decoded = western
		}
	}
	text := strings.ToValidUTF8(string(bytes.TrimPrefix(decoded, []byte("\ufeff"))), "\ufffd")
	return strings.ReplaceAll(text, "\x00", "")
}

// GuessCharset of text that doesn't tell its own: UTF-8 where it is that, else that of the text before it in the
// message.
func GuessCharset(text, fallback string) string {
	if utf8.ValidString(text) {
		return ""
	}
	if e := strings.ToLower(fallback); e == "utf-8" || e == "utf8" {
		return ""
	}
	return fallback
}

// HTMLCharset is the charset of an HTML document: the one that its Content-Type says, where it is known, or its own
// word for it.
func HTMLCharset(raw []byte, label string) string {
	if label != "" && (Charset(label) != nil || isUTF7(label) || strings.EqualFold(label, "utf-8")) {
		return label
	}
	_, name, certain := htmlcharset.DetermineEncoding(raw[:min(len(raw), 1024)], "")
	if !certain && (name == "utf-8" || name == "windows-1252") { // guessed, from its first bytes only
		return label
	}
	return name
}

// decodeUTF7 decodes RFC 2152. A "+" that begins no base64 stays as it is.
func decodeUTF7(raw []byte) []byte {
	var out []byte
	for len(raw) > 0 {
		plus := bytes.IndexByte(raw, '+')
		if plus < 0 {
			return append(out, raw...)
		}
		out, raw = append(out, raw[:plus]...), raw[plus+1:]
		end := bytes.IndexFunc(raw, func(r rune) bool { return r >= 0x80 || !isBase64(byte(r)) })
		if end < 0 {
			end = len(raw)
		}
		shifted, _ := base64.RawStdEncoding.DecodeString(string(raw[:end])) // bits are left over at the end
		if end > 0 && len(shifted) < 2 {
			out, raw = append(append(out, '+'), raw[:end]...), raw[end:]
			continue
		}
		if out = append(out, utf16Bytes(shifted)...); end == 0 { // "+-"
			out = append(out, '+')
		}
		raw = bytes.TrimPrefix(raw[end:], []byte("-"))
	}
	return out
}

// utf16Bytes turns big-endian UTF-16 into UTF-8.
func utf16Bytes(raw []byte) []byte {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
