package filter

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"

	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dns"
)

// adns asks for DNSSEC, and believes the AD bit, as /etc/resolv.conf says, whatever server it is told to ask. trusting
// believes the server it asks: one on this machine, as RFC 6698 appendix A.3 has it.
type trusting struct {
	address string
	log     *slog.Logger
}

var _ dns.Resolver = trusting{}

// heard is what the answers to one question said: adns gives none twice, and shares none between those who ask.
type heard struct{ answers, authentic atomic.Int32 }

func (h *heard) note(flags byte) {
	h.answers.Add(1)
	if flags&authenticData != 0 {
		h.authentic.Add(1)
	}
}

const authenticData = 0x20 // in the second byte of the flags (RFC 4035 section 3.2.3)

func (t trusting) ask() (dns.StrictResolver, *heard) {
	h := &heard{}
	r := &adns.Resolver{PreferGo: true, StrictErrors: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, t.address)
			if err != nil {
				return nil, err
			}
			if packets, ok := c.(*net.UDPConn); ok {
				return &asking{packets, h}, nil
			}
			return &streaming{c, h, 0}, nil
		}}
	return dns.StrictResolver{Resolver: r, Log: t.log}, h
}

func (h *heard) result() adns.Result {
	return adns.Result{Authentic: h.answers.Load() > 0 && h.answers.Load() == h.authentic.Load()}
}

// asking sets the AD bit of questions, which asks for that of the answers (RFC 6840 section 5.7).
type asking struct {
	*net.UDPConn
	heard *heard
}

func (c *asking) Write(p []byte) (int, error) { return c.UDPConn.Write(asked(p, 0)) }

func (c *asking) Read(p []byte) (int, error) {
	n, err := c.UDPConn.Read(p)
	if err == nil && n > 3 {
		c.heard.note(p[3])
	}
	return n, err
}

// streaming is asking over TCP: one question, one answer, each behind two bytes of length.
type streaming struct {
	net.Conn
	heard *heard
	read  int
}

func (c *streaming) Write(p []byte) (int, error) { return c.Conn.Write(asked(p, 2)) }

func (c *streaming) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if at := 2 + 3 - c.read; at >= 0 && at < n {
		c.heard.note(p[at])
	}
	c.read += n
	return n, err
}

func asked(question []byte, at int) []byte {
	question = append([]byte{}, question...)
	if len(question) > at+3 {
		question[at+3] |= authenticData
	}
	return question
}

func (t trusting) LookupPort(ctx context.Context, network, service string) (int, error) {
	r, _ := t.ask()
	return r.LookupPort(ctx, network, service)
}

func (t trusting) LookupAddr(ctx context.Context, addr string) ([]string, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupAddr(ctx, addr)
	return list, h.result(), err
}

func (t trusting) LookupCNAME(ctx context.Context, host string) (string, adns.Result, error) {
	r, h := t.ask()
	name, _, err := r.LookupCNAME(ctx, host)
	return name, h.result(), err
}

func (t trusting) LookupHost(ctx context.Context, host string) ([]string, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupHost(ctx, host)
	return list, h.result(), err
}

func (t trusting) LookupIP(ctx context.Context, network, host string) ([]net.IP, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupIP(ctx, network, host)
	return list, h.result(), err
}

func (t trusting) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupIPAddr(ctx, host)
	return list, h.result(), err
}

func (t trusting) LookupMX(ctx context.Context, name string) ([]*net.MX, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupMX(ctx, name)
	return list, h.result(), err
}

func (t trusting) LookupNS(ctx context.Context, name string) ([]*net.NS, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupNS(ctx, name)
	return list, h.result(), err
}

func (t trusting) LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, adns.Result, error) {
	r, h := t.ask()
	cname, list, _, err := r.LookupSRV(ctx, service, proto, name)
	return cname, list, h.result(), err
}

func (t trusting) LookupTXT(ctx context.Context, name string) ([]string, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupTXT(ctx, name)
	return list, h.result(), err
}

func (t trusting) LookupTLSA(ctx context.Context, port int, protocol, host string) ([]adns.TLSA, adns.Result, error) {
	r, h := t.ask()
	list, _, err := r.LookupTLSA(ctx, port, protocol, host)
	return list, h.result(), err
}
