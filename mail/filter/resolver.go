package filter

import (
	"context"
	"log/slog"
	"net"

	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dns"
)

// Resolver asks the DNS server at address ("host:port"), or those of the system when address is empty. DNSSEC results
// are believed only as far as the server sets the AD bit, so it should be one on this machine.
func Resolver(address string, log *slog.Logger) dns.Resolver {
	r := &adns.Resolver{PreferGo: true, StrictErrors: true}
	if address != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	}
	return dns.StrictResolver{Resolver: r, Log: log}
}
