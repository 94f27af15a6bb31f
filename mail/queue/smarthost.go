package queue

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/sasl"
	"github.com/mjl-/mox/smtpclient"
)

// way is a smart host, and how it may be connected to.
type way struct {
	Host
	dialer *net.Dialer
}

// smartHosts are those that a message goes through, in their order: what administrators added for its sender's domain,
// else the one of the configuration. None: it goes straight to the recipients' servers.
func (q *Queue) smartHosts(ctx context.Context, m *message) (list []way, err error) {
	if q.config.Hosts != nil {
		domain, _ := domainOf(m.sender) // of a notice: ""
		added, err := q.config.Hosts.For(ctx, domain)
		if err != nil {
			return nil, err
		}
		for _, host := range added {
			list = append(list, way{host, q.config.Egress.Dialer(false)})
		}
	}
	if len(list) == 0 && q.config.Deliver == SmartHost {
		list = []way{{q.config.SmartHost, &net.Dialer{}}}
	}
	return list, nil
}

// viaSmartHosts gives a message to the first host that hears it.
func (q *Queue) viaSmartHosts(ctx context.Context, hosts []way, m *message, rcpts []recipient) []outcome {
	var last outcome
	for _, host := range hosts {
		t, err := q.smartTarget(ctx, host)
		if err != nil {
			last = outcome{state: waiting, enhanced: "4.4.1", answer: "smart host: " + err.Error()}
			continue
		}
		outcomes, err := q.hand(ctx, t, m, rcpts)
		if err == nil {
			return outcomes
		}
		last = unreached(t, err)
		q.log.Warn("smart host", "host", host.Address, "msg", m.id, "err", err)
	}
	return all(rcpts, last)
}

func (q *Queue) smartTarget(ctx context.Context, smart way) (target, error) {
	name, portText, err := net.SplitHostPort(smart.Address)
	if err != nil {
		return target{}, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return target{}, err
	}
	t := target{port: port, tls: smartTLS(smart.TLS), verify: smart.TLS != Opportunistic, dialer: smart.dialer,
		opts: smtpclient.Opts{RootCAs: q.config.Roots}}
	if smart.User != "" {
		t.opts.Auth = login(smart.Host)
	}
	if ip := net.ParseIP(name); ip != nil {
		t.host, t.ips = dns.IPDomain{IP: ip}, []net.IP{ip}
		return t, nil
	}
	if t.host.Domain, err = dns.ParseDomain(name); err != nil {
		return target{}, err
	}
	t.ips, err = net.DefaultResolver.LookupIP(ctx, "ip", name)
	return t, err
}

// Try connects to a smart host that an administrator added, and logs in; the error says what it has against it.
func (q *Queue) Try(ctx context.Context, host Host) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	t, err := q.smartTarget(ctx, way{host, q.config.Egress.Dialer(false)})
	if err != nil {
		return err
	}
	client, _, err := q.connect(ctx, t)
	if err != nil {
		return err
	}
	return client.Close()
}

const tryTime = 15 * time.Second

func smartTLS(mode TLS) smtpclient.TLSMode {
	switch mode {
	case Immediate:
		return smtpclient.TLSImmediate
	case StartTLS:
		return smtpclient.TLSRequiredStartTLS
	}
	return smtpclient.TLSOpportunistic
}

// login picks the best mechanism that the smart host offers.
func login(smart Host) func([]string, *tls.ConnectionState) (sasl.Client, error) {
	return func(mechanisms []string, _ *tls.ConnectionState) (sasl.Client, error) {
		switch {
		case slices.Contains(mechanisms, "SCRAM-SHA-256"):
			return sasl.NewClientSCRAMSHA256(smart.User, smart.Password, true), nil
		case slices.Contains(mechanisms, "PLAIN"):
			return sasl.NewClientPlain(smart.User, smart.Password), nil
		case slices.Contains(mechanisms, "LOGIN"):
			return sasl.NewClientLogin(smart.User, smart.Password), nil
		}
		return nil, nil
	}
}
