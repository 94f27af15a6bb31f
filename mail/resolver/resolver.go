// Package resolver asks DNS for all that mail wants to know, and remembers what it was told for as long as it holds.
package resolver

import (
	"context"
	"log/slog"
	"net"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dns"
)

// Resolver asks one DNS server, or those of the system.
type Resolver struct {
	address string // "": the system's
	trusted bool   // what it says of DNSSEC is believed
	log     *slog.Logger
	known   *lru.Cache[question, answer]
}

// question is what was asked: a kind of records and a name.
type question struct{ kind, name string }

// answer is what DNS said to a question, and until when.
type answer struct {
	found  any
	result adns.Result
	err    error // that there is none
	until  time.Time
}

const maxKnown = 8192 // answers that are remembered, the ones asked for last

var _ dns.Resolver = (*Resolver)(nil)

// New asks the DNS server at address ("host:port"), or those of the system when address is empty. What DNSSEC vouches
// for is the server's word, the AD bit: it is believed of one on this machine (RFC 6698 appendix A.3); of the system's
// servers as /etc/resolv.conf allows (trust-ad).
func New(address string, log *slog.Logger) *Resolver {
	host, _, _ := net.SplitHostPort(address)
	known, _ := lru.New[question, answer](maxKnown) // fails for no size but 0
	return &Resolver{address: address, trusted: host == "localhost" ||
		net.ParseIP(host).IsLoopback(), log: log, known: known}
}

// asking is a resolver for one question, and what it hears.
func (r *Resolver) asking() (dns.StrictResolver, *heard) {
	h := &heard{}
	dial := func(ctx context.Context, network, server string) (net.Conn, error) {
		if r.address != "" {
			server = r.address
		}
		c, err := new(net.Dialer).DialContext(ctx, network, server)
		if err != nil {
			return nil, err
		}
		if packets, ok := c.(*net.UDPConn); ok {
			return &datagrams{packets, h, r.trusted}, nil
		}
		return &stream{c, h, r.trusted, nil}, nil
	}
	return dns.StrictResolver{Resolver: &adns.Resolver{PreferGo: true, StrictErrors: true, Dial: dial}, Log: r.log}, h
}

// fresh asks a question now.
func fresh[T any](r *Resolver, ask func(dns.StrictResolver) (T, adns.Result, error)) (T, adns.Result, *heard, error) {
	strict, h := r.asking()
	found, result, err := ask(strict)
	if r.trusted {
		result = h.result()
	}
	return found, result, h, err
}
