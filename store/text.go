package store

import (
	"database/sql/driver"
	"reflect"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Text makes of any bytes what both engines keep as text: valid UTF-8 without NUL. Bytes in which no character of UTF-8
// is found are read as windows-1252, which old senders mean who name no charset: "J\xfcrgen" is Jürgen. Where some is
// found the rest is damage: U+FFFD. Text that is clean already is returned as it is.
func Text(s string) string {
	if !utf8.ValidString(s) {
		s = readable(s)
	}
	return strings.ReplaceAll(s, "\x00", string(utf8.RuneError))
}

func readable(s string) string {
	for rest := s; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if r >= utf8.RuneSelf && size > 1 {
			return strings.ToValidUTF8(s, string(utf8.RuneError))
		}
		rest = rest[size:]
	}
	western, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil { // no byte is unknown to it
		return strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	return western
}

// IsText tells whether Text would leave s as it is.
func IsText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// clean is args with Text in the place of what is none. Everything that a query binds goes through it, on both engines.
// BYTEA is bound as []byte and stays as it is.
func clean(args []any) []any {
	for i, arg := range args {
		if text, dirty := dirtyText(arg); dirty {
			cleaned := append([]any(nil), args...)
			cleaned[i] = Text(text)
			return append(cleaned[:i+1], clean(cleaned[i+1:])...)
		}
	}
	return args
}

// dirtyText is the text of an argument that an engine may refuse.
func dirtyText(arg any) (string, bool) {
	switch v := arg.(type) {
	case nil, int64, int, bool, []byte:
		return "", false
	case string:
		return v, !IsText(v)
	case driver.Valuer:
		value, err := v.Value()
		text, ok := value.(string)
		return text, err == nil && ok && !IsText(text)
	}
	v := reflect.ValueOf(arg)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.String {
		return "", false
	}
	return v.String(), !IsText(v.String())
}
