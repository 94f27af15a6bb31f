package filter

import (
	"context"
	"log/slog"
	"net"

	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dns"
)

// Resolver asks the DNS server at address ("host:port"), or those of the system when address is empty. What DNSSEC
// vouches for is the server's word, the AD bit: it is believed of one on this machine; of the system's servers as
// /etc/resolv.conf allows (trust-ad).
func Resolver(address string, log *slog.Logger) dns.Resolver {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host == "localhost" || ip.IsLoopback() {
		return trusting{address: address, log: log}
	}
	r := &adns.Resolver{PreferGo: true, StrictErrors: true}
	if address != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	}
	return dns.StrictResolver{Resolver: r, Log: log}
}
