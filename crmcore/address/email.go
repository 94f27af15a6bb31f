package address

import (
	"errors"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrMailbox: not a mailbox address.
var ErrMailbox = errors.New("not a mail address: write it as name@domain")

// ParseEmail reads a mailbox address ("Ion@Firmă.ro", "Ion <ion@firma.ro>", "mailto:…"): lower-case, the domain in
// ASCII (IDNA). The error is ErrMailbox.
func ParseEmail(raw string) (Address, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > MaxRaw || !utf8.ValidString(raw) {
		return Address{}, ErrMailbox
	}
	text := strings.TrimPrefix(raw, "mailto:")
	if strings.Contains(text, "<") {
		parsed, err := mail.ParseAddress(text)
		if err != nil {
			return Address{}, ErrMailbox
		}
		text = parsed.Address
	}
	at := strings.LastIndexByte(text, '@')
	if at < 1 {
		return Address{}, ErrMailbox
	}
	local := strings.ToLower(norm.NFC.String(text[:at]))
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(text[at+1:], "."))
	if err != nil || !validLocal(local) || domain == "" || len(local)+1+len(domain) > 254 {
		return Address{}, ErrMailbox
	}
	return Address{Kind: Email, Value: local + "@" + strings.ToLower(domain), Raw: raw}, nil
}

// PlainMailbox is a mailbox without what its owner may add at will: a tag after a plus and, at Gmail, dots.
func PlainMailbox(value string) []byte {
	local, domain, _ := strings.Cut(value, "@")
	if plain, _, tagged := strings.Cut(local, "+"); tagged && plain != "" {
		local = plain
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return []byte(local + "@" + domain)
}

// validLocal accepts a dot-atom (RFC 5322 §3.2.3, with UTF-8 of RFC 6531); quoted local parts are not used by people.
func validLocal(local string) bool {
	if len(local) > 64 || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") ||
		strings.Contains(local, "..") {
		return false
	}
	return !strings.ContainsFunc(local, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`()<>[]:;@\,"`, r)
	})
}
