package smtpd

import (
	"errors"
	"net"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

var errAddress = errors.New("that is not a mail address")

// canonical checks local@domain as go-smtp reads it from a path, without quotes, and its lengths (RFC 5321 section
// 4.5.3.1). A local part that needs quotes gets them again, and the domain is in lower case, so that an address has one
// form.
func canonical(text string) (string, error) {
	at := strings.LastIndexByte(text, '@')
	if at <= 0 || len(text) > 254 || at > 64 || !utf8.ValidString(text) {
		return "", errAddress
	}
	local, domain := text[:at], strings.ToLower(text[at+1:])
	if strings.ContainsFunc(local, func(r rune) bool { return r < ' ' || r == 0x7f }) ||
		!isDomain(domain) && !isLiteral(domain) {
		return "", errAddress
	}
	if !isDotString(local) {
		local = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
	}
	return local + "@" + domain, nil
}

func isDotString(local string) bool {
	for _, atom := range strings.Split(local, ".") {
		if atom == "" || strings.ContainsFunc(atom,
			func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r) }) {
			return false
		}
	}
	return true
}

// isDomain accepts host names, and Unicode ones that IDNA can write as such.
func isDomain(domain string) bool {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || ascii == "" || len(ascii) > 253 {
		return false
	}
	for _, label := range strings.Split(ascii, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

func isLiteral(domain string) bool {
	inside, ok := strings.CutPrefix(domain, "[")
	inside, ok2 := strings.CutSuffix(inside, "]")
	return ok && ok2 && net.ParseIP(strings.TrimPrefix(inside, "ipv6:")) != nil
}

// isHostname accepts what RFC 5321 allows as the argument of EHLO and, because too many clients send them, names with
// "_".
func isHostname(arg string) bool {
	name, _, _ := strings.Cut(strings.TrimSpace(arg), " ")
	name = strings.ToLower(name)
	plain := strings.ReplaceAll(strings.TrimSuffix(name, "."), "_", "-")
	if len(name) > 255 || plain == "" || !ascii(name) {
		return false
	}
	return isLiteral(name) || strings.Trim(plain, "abcdefghijklmnopqrstuvwxyz0123456789-.:") == "" || isDomain(plain)
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}
