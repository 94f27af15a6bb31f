package address

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePhone(t *testing.T) {
	for _, row := range []struct {
		raw, region, value, ext string
		err                     error
	}{
		{"0722/123.456", "RO", "+40722123456", "", nil},
		{"+40 (0) 722 123 456", "RO", "+40722123456", "", nil},
		{"+0040722123456", "RO", "+40722123456", "", nil},
		{"0040722123456", "US", "+40722123456", "", nil},
		{"40722123456", "RO", "+40722123456", "", nil},
		{"4369912345678", "RO", "+4369912345678", "", nil},
		{"8 (495) 123-45-67", "RU", "+74951234567", "", nil},
		{"0722123456 / 0733444555", "RO", "+40722123456", "", nil},
		{"0722123456 int. 12", "RO", "+40722123456", "12", nil},
		{"0722 12 34 56 доб. 5", "RO", "+40722123456", "5", nil},
		{"tel:+40722123456;ext=12", "RO", "+40722123456", "12", nil},
		{"sip:+40722123456;npdi@host;user=phone", "RO", "+40722123456", "", nil},
		{"+39 06 698 12345", "RO", "+390669812345", "", nil},
		{"201", "RO", "", "", ErrShort},
		{"112", "RO", "", "", ErrShort},
		{"123456", "RO", "", "", ErrNumber},
		{"alice2", "RO", "", "", ErrNumber},
		{"1800FLOWERS", "US", "", "", ErrNumber},
		{"+40+40722123456", "RO", "", "", ErrNumber},
		{strings.Repeat("1", 500), "RO", "", "", ErrNumber},
		{"", "RO", "", "", ErrAnonymous},
		{"Anonymous", "RO", "", "", ErrAnonymous},
		{"sip:anonymous@anonymous.invalid", "RO", "", "", ErrAnonymous},
		{"Restricted", "RO", "", "", ErrAnonymous},
	} {
		a, err := ParsePhone(row.raw, row.region)
		if a.Value != row.value || a.Ext != row.ext || !errors.Is(err, row.err) {
			t.Errorf("%q: %+v %v", row.raw, a, err)
		}
	}
}

func TestParseEmail(t *testing.T) {
	for raw, want := range map[string]string{
		"Ion@Firmă.ro": "ion@xn--firm-3sa.ro", "Ion Pop <ION@firma.ro>": "ion@firma.ro", "mailto:a+b@c.ro": "a+b@c.ro",
		"Ана@пример.рф": "ана@xn--e1afmkfd.xn--p1ai",
		"a@b.ro.":       "a@b.ro", "": "", "a": "", "a@": "", "@b": "", "a b@c.ro": "", "a..b@c.ro": "", `"a"@c.ro`: "",
		"x@[1.2.3.4]": "", "a@-b.ro": "", "a@b c": "",
	} {
		a, err := ParseEmail(raw)
		if a.Value != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, want %q", raw, a.Value, err, want)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"0722/123.456", "+40 (0) 722 1", "tel:+40;ext=1", "anonymous", "8 (495) 123-45-67",
		"0722123456x5", "٠٧٢٢١٢٣٤٥٦"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := ParsePhone(raw, "RO")
		if err != nil {
			if a.Value != "" {
				t.Fatalf("%q: %v and %+v", raw, err, a)
			}
			return
		}
		again, err := ParsePhone(a.Value, "US")
		if !IsE164(a.Value) || err != nil || again.Value != a.Value || a.Anonymous() || a.Internal() {
			t.Fatalf("%q: %+v, then %+v %v", raw, a, again, err)
		}
	})
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"a@b.ro", "Ion <ion@firmă.ro>", "mailto:x@y", "İ@İ.tr", "a@xn--a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := ParseEmail(raw)
		if err != nil {
			return
		}
		again, err := ParseEmail(a.Value)
		if err != nil || again.Value != a.Value || strings.Count(a.Value, "@") != 1 {
			t.Fatalf("%q: %q, then %q %v", raw, a.Value, again.Value, err)
		}
	})
}
