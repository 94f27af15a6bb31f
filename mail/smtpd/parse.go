package smtpd

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// path is the argument of MAIL FROM or RCPT TO (RFC 5321 section 4.1.2): an address, and parameters.
type path struct {
	address string // "" is the null path; domain in lower case
	params  map[string]string
}

var (
	errPath    = errors.New("expected an address in angle brackets")
	errAddress = errors.New("that is not a mail address")
	errParams  = errors.New("malformed parameters")
)

// parsePath reads what follows "FROM:" or "TO:".
func parsePath(arg string) (path, error) {
	arg = strings.TrimLeft(arg, " ")
	inside, rest, err := angle(arg)
	if err != nil {
		return path{}, err
	}
	params, err := parseParams(rest)
	if err != nil {
		return path{}, err
	}
	if _, after, routed := strings.Cut(inside, ":"); routed && strings.HasPrefix(inside, "@") {
		inside = after // source routes are ignored (RFC 5321 appendix C)
	}
	if inside == "" || strings.EqualFold(inside, "postmaster") {
		return path{address: strings.ToLower(inside), params: params}, nil
	}
	address, err := parseAddress(inside)
	return path{address: address, params: params}, err
}

// angle splits "<…> rest", knowing that a quoted local part may contain ">".
func angle(arg string) (inside, rest string, err error) {
	if !strings.HasPrefix(arg, "<") {
		return "", "", errPath
	}
	quoted := false
	for i := 1; i < len(arg); i++ {
		switch c := arg[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '>' && !quoted:
			return arg[1:i], arg[i+1:], nil
		}
	}
	return "", "", errPath
}

func parseParams(text string) (map[string]string, error) {
	params := map[string]string{}
	if text != "" && text[0] != ' ' {
		return nil, errParams
	}
	for _, field := range strings.Fields(text) {
		name, value, _ := strings.Cut(field, "=")
		name = strings.ToUpper(name)
		if _, twice := params[name]; twice || name == "" {
			return nil, errParams
		}
		params[name] = value
	}
	return params, nil
}

// parseAddress checks local@domain and its lengths (RFC 5321 section 4.5.3.1). A quoted local part that needs no quotes
// loses them, so that an address has one form.
func parseAddress(text string) (string, error) {
	at := strings.LastIndexByte(text, '@')
	if at <= 0 || len(text) > 254 || at > 64 || !utf8.ValidString(text) {
		return "", errAddress
	}
	local, domain := text[:at], strings.ToLower(text[at+1:])
	if strings.HasPrefix(local, `"`) {
		var err error
		if local, err = unquoteLocal(local); err != nil {
			return "", err
		}
	} else if !isDotString(local) {
		return "", errAddress
	}
	if !isDomain(domain) && !isLiteral(domain) {
		return "", errAddress
	}
	return local + "@" + domain, nil
}

func unquoteLocal(quoted string) (string, error) {
	if len(quoted) < 3 || !strings.HasSuffix(quoted, `"`) {
		return "", errAddress
	}
	var plain strings.Builder
	inside := quoted[1 : len(quoted)-1]
	for i := 0; i < len(inside); i++ {
		c := inside[i]
		if c == '\\' && i+1 < len(inside) {
			i++
			c = inside[i]
		} else if c == '"' || c == '\\' {
			return "", errAddress
		}
		if c < ' ' || c == 0x7f {
			return "", errAddress
		}
		plain.WriteByte(c)
	}
	if isDotString(plain.String()) {
		return plain.String(), nil
	}
	return quoted, nil
}

func isDotString(local string) bool {
	for _, atom := range strings.Split(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r) }) {
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

// parseHelo accepts what RFC 5321 allows as the argument of EHLO and, because too many clients send them, names with "_".
func parseHelo(arg string) (string, error) {
	name, _, _ := strings.Cut(strings.TrimSpace(arg), " ")
	name = strings.ToLower(name)
	plain := strings.ReplaceAll(strings.TrimSuffix(name, "."), "_", "-")
	if len(name) > 255 || plain == "" || !ascii(name) || !isLiteral(name) && strings.Trim(plain, "abcdefghijklmnopqrstuvwxyz0123456789-.:") != "" && !isDomain(plain) {
		return "", errors.New("a host name or address literal is needed")
	}
	return name, nil
}

// parseSize reads a decimal number of bytes.
func parseSize(text string) (int64, error) {
	size, err := strconv.ParseInt(text, 10, 63)
	if err != nil || size < 0 || text[0] == '+' {
		return 0, errParams
	}
	return size, nil
}
