package resolver

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/mjl-/mox/dns"
)

// Listed is what a DNS list of senders of junk (RFC 5782) says of an address.
type Listed struct {
	Named   bool
	Refused string // what it says to those whom it gives no answers, 127.255.255.x: it may name the address or not
	Why     string // in its words, if it says so
}

// List asks a list about an address. Its error says that there was no answer.
func List(ctx context.Context, r dns.Resolver, zone string, ip net.IP) (Listed, error) {
	name := reversed(ip) + "." + strings.TrimSuffix(zone, ".") + "."
	found, _, err := r.LookupIP(ctx, "ip4", name)
	switch {
	case dns.IsNotFound(err), err == nil && len(found) == 0:
		return Listed{}, nil
	case err != nil:
		return Listed{}, err
	case strings.HasPrefix(found[0].String(), "127.255.255."):
		return Listed{Refused: found[0].String()}, nil
	}
	texts, _, _ := r.LookupTXT(ctx, name) // many say nothing
	return Listed{Named: true, Why: strings.Join(texts, " ")}, nil
}

// reversed is an address as lists are asked about it: its bytes, or of IPv6 half bytes, from the last to the first.
func reversed(ip net.IP) string {
	var parts []string
	if v4 := ip.To4(); v4 != nil {
		for _, b := range v4 {
			parts = append(parts, strconv.Itoa(int(b)))
		}
	} else {
		for _, b := range ip {
			parts = append(parts, strconv.FormatInt(int64(b>>4), 16), strconv.FormatInt(int64(b&15), 16))
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}
