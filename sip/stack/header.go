package stack

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

// Joined is all values of a header, also in its compact form, separated by commas.
func Joined(m proto.Message, name string) string {
	var values []string
	for _, n := range []string{name, compact(name)} {
		if n == "" {
			continue
		}
		for _, h := range m.GetHeaders(n) {
			values = append(values, h.Value())
		}
	}
	return strings.Join(values, ", ")
}

func compact(name string) string {
	switch name {
	case "Supported":
		return "k"
	case "Session-Expires":
		return "x"
	case "Refer-To":
		return "r"
	case "Event":
		return "o"
	default:
		return ""
	}
}

// Lists tells whether a comma-separated value has the token.
func Lists(value, token string) bool {
	for v := range strings.SplitSeq(value, ",") {
		if strings.EqualFold(strings.TrimSpace(v), token) {
			return true
		}
	}
	return false
}

// Values splits a list at the commas that stand outside of <> and quotes.
func Values(list string) (all []string) {
	inside, quoted, from := false, false, 0
	add := func(v string) {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	for i, c := range list {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			inside = c == '<'
		case c == ',' && !inside:
			add(list[from:i])
			from = i + 1
		}
	}
	add(list[from:])
	return all
}

func Cut(s string, n int) string { return s[:min(len(s), n)] }

func HostPort(u proto.Uri, transport string) string {
	port := u.Port
	if port == 0 {
		port = proto.DefaultPort(transport)
	}
	return net.JoinHostPort(strings.Trim(u.Host, "[]"), strconv.Itoa(port))
}

func SplitHost(host string) (string, int) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return strings.Trim(host, "[]"), 0
	}
	var n int
	fmt.Sscan(port, &n)
	return name, n
}

// Escape makes a user part of a number.
func Escape(user string) string {
	var b strings.Builder
	for i := 0; i < len(user); i++ {
		c := user[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
			strings.IndexByte("-_.!~*'()&=+$,", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// Expiry reads seconds; not ok when there are none or they make no sense (§10.2.1.1 says to use the default then).
func Expiry(value string) (time.Duration, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 32)
	return time.Duration(n) * time.Second, err == nil
}
