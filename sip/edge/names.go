package edge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	proto "github.com/emiago/sipgo/sip"
)

// DisplayName is the name in a From or the like as it was meant: without the escapes of a quoted-string (RFC 3261
// §25.1), and where it is no UTF-8 in the 8-bit alphabet that old PBXs send, which is Windows' superset of Latin-1.
func DisplayName(raw string) string {
	if !utf8.ValidString(raw) {
		raw, _ = charmap.Windows1252.NewDecoder().String(raw) // knows every byte
	}
	raw = strings.Trim(raw, " \t")
	if n := len(raw); n > 1 && raw[0] == '"' && raw[n-1] == '"' {
		raw = raw[1 : n-1]
	}
	var b strings.Builder
	escaped := false
	for _, r := range raw {
		switch {
		case r == '\\' && !escaped:
			escaped = true
			continue
		case unicode.IsControl(r) || r == utf8.RuneError:
		default:
			b.WriteRune(r)
		}
		escaped = false
	}
	return strings.TrimSpace(b.String())
}

// NameOf is the caller's name in From.
func NameOf(req *proto.Request) string { return DisplayName(req.From().DisplayName) }
