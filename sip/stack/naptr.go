package stack

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// service is a name with SRV records, of servers that speak a transport.
type service struct{ name, transport string }

const (
	naptrLimit = time.Second // that one name server has to answer
	naptrMost  = 10          // records of a name that are followed
)

// Services are the names to look for SRV records under, the best first (RFC 3263 §4.1): those of its NAPTR records, and
// the usual one. The transport is what the administrator chose; only where the peer names others alone, one of these is
// taken.
func (s *Stack) Services(ctx context.Context, name, transport string) []service {
	named := s.naptr(ctx, name)
	chosen := slices.DeleteFunc(slices.Clone(named), func(s service) bool { return s.transport != transport })
	if len(chosen) == 0 {
		chosen = slices.DeleteFunc(named, func(of service) bool { return !s.Speaks(of.transport) })
	}
	if usual := usually(name, transport); !slices.Contains(chosen, usual) {
		chosen = append(chosen, usual)
	}
	return chosen
}

// usually is where the SRV records of a transport are (RFC 3263 §4.2).
func usually(name, transport string) service {
	if transport == "TLS" {
		return service{"_sips._tcp." + name, transport}
	}
	return service{"_sip._" + strings.ToLower(transport) + "." + name, transport}
}

// naptr reads the NAPTR records of a name that lead to SRV records of SIP; none when there are none, or nobody answers.
func (s *Stack) naptr(ctx context.Context, name string) (list []service) {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), dns.TypeNAPTR)
	q.SetEdns0(1232, false)
	res := s.question(ctx, q)
	if res == nil {
		return nil
	}
	var records []*dns.NAPTR
	for _, rr := range res.Answer {
		if r, ok := rr.(*dns.NAPTR); ok && strings.EqualFold(r.Flags, "s") && len(records) < naptrMost {
			records = append(records, r)
		}
	}
	slices.SortStableFunc(records, func(a, b *dns.NAPTR) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference))
	})
	for _, r := range records {
		if transport := transportOf(r.Service); transport != "" {
			list = append(list, service{strings.ToLower(strings.TrimSuffix(r.Replacement, ".")), transport})
		}
	}
	return list
}

func transportOf(service string) string {
	switch strings.ToUpper(service) {
	case "SIP+D2U":
		return "UDP"
	case "SIP+D2T":
		return "TCP"
	case "SIPS+D2T":
		return "TLS"
	default: // SCTP, WebSocket and what is no SIP
		return ""
	}
}

// question asks the name servers one after the other; nil without an answer.
func (s *Stack) question(ctx context.Context, q *dns.Msg) *dns.Msg {
	servers, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil || len(servers.Servers) == 0 {
		servers = &dns.ClientConfig{Servers: []string{"127.0.0.1"}, Port: "53"}
	}
	for _, server := range servers.Servers[:min(len(servers.Servers), 2)] {
		res, err := s.exchange(ctx, "udp", net.JoinHostPort(server, servers.Port), q)
		if err == nil && res.Truncated {
			res, err = s.exchange(ctx, "tcp", net.JoinHostPort(server, servers.Port), q)
		}
		if err == nil {
			return res
		}
	}
	return nil
}

var errServFail = errors.New("the name server failed")

func (s *Stack) exchange(ctx context.Context, network, server string, q *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, naptrLimit)
	defer cancel()
	dial := (&net.Dialer{}).DialContext
	if s.cfg.Resolver.Dial != nil {
		dial = s.cfg.Resolver.Dial
	}
	conn, err := dial(ctx, network, server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	client := dns.Client{Net: network, Timeout: naptrLimit, UDPSize: 1232}
	res, _, err := client.ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: conn, UDPSize: 1232})
	if err == nil && res.Rcode != dns.RcodeSuccess && res.Rcode != dns.RcodeNameError {
		err = errServFail
	}
	return res, err
}
