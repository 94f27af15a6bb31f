package imap

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// shifted is how mailboxes' names hold what isn't ASCII (RFC 3501 section 5.1.3).
var shifted = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding).Strict()

// decodeName reads a mailbox's name in modified UTF-7 or UTF-8. A "&" that begins nothing readable stands for itself,
// as people type it.
func decodeName(text string) (name string, ok bool) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "&")
		out.WriteString(before)
		if !found {
			name = out.String()
			return name, utf8.ValidString(name) && !strings.ContainsAny(name, "\x00\r\n")
		}
		code, rest, ended := strings.Cut(after, "-")
		decoded, readable := decodeShifted(code)
		switch {
		case ended && code == "":
			out.WriteByte('&')
			text = rest
		case ended && readable:
			out.WriteString(decoded)
			text = rest
		default:
			out.WriteByte('&')
			text = after
		}
	}
}

func decodeShifted(code string) (text string, ok bool) {
	raw, err := shifted.DecodeString(code)
	if err != nil || len(raw) == 0 || len(raw)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(raw[2*i:])
		if units[i] >= ' ' && units[i] < 0x7f { // must stand for itself
			return "", false
		}
	}
	text = string(utf16.Decode(units))
	return text, !strings.ContainsRune(text, utf8.RuneError)
}

// encodeName is the inverse of decodeName.
func encodeName(name string) string {
	var out strings.Builder
	for name != "" {
		plain := strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r >= 0x7f })
		if plain < 0 {
			plain = len(name)
		}
		out.WriteString(strings.ReplaceAll(name[:plain], "&", "&-"))
		if name = name[plain:]; name == "" {
			break
		}
		special := strings.IndexFunc(name, func(r rune) bool { return r >= ' ' && r < 0x7f })
		if special < 0 {
			special = len(name)
		}
		var raw []byte
		for _, unit := range utf16.Encode([]rune(name[:special])) {
			raw = binary.BigEndian.AppendUint16(raw, unit)
		}
		out.WriteString("&" + shifted.EncodeToString(raw) + "-")
		name = name[special:]
	}
	return out.String()
}
