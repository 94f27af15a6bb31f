package remote

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/mjl-/mox/dns"

	"frontdesk/mail"
	"frontdesk/mail/mime"
)

// KnownServers is what is known of an address's servers.
type KnownServers struct {
	Servers
	Provider string `json:"provider" doc:"Where one logs in at it by the browser; empty: by password"`
	Found    bool   `json:"found" doc:"The servers are known"`
	Advice   string `json:"advice" doc:"app-password: it takes a password made for this purpose, not the person's own; switched-on: IMAP has to be switched on there; or empty"`

	keepsSent bool
}

// preset is a provider's servers, and the domains of its addresses.
type preset struct {
	provider  string
	domains   string
	servers   Servers
	keepsSent bool
	advice    string
}

func presets() []preset {
	return []preset{
		{"google", "gmail.com googlemail.com", secure("imap.gmail.com", "smtp.gmail.com:465"), true, "app-password"},
		{"microsoft", "outlook.com hotmail.com live.com msn.com", started("outlook.office365.com", "smtp-mail.outlook.com:587"), true, ""},
		{"", "yahoo.com ymail.com", secure("imap.mail.yahoo.com", "smtp.mail.yahoo.com:465"), true, "app-password"},
		{"", "icloud.com me.com mac.com", started("imap.mail.me.com", "smtp.mail.me.com:587"), false, "app-password"},
		{"", "gmx.net gmx.de gmx.com", secure("imap.gmx.net", "mail.gmx.net:465"), false, "switched-on"},
		{"", "web.de", secure("imap.web.de", "smtp.web.de:587"), false, "switched-on"},
		{"", "mail.ru bk.ru list.ru inbox.ru internet.ru", secure("imap.mail.ru", "smtp.mail.ru:465"), false, "app-password"},
		{"", "yandex.ru yandex.com ya.ru", secure("imap.yandex.com", "smtp.yandex.com:465"), true, "app-password"},
		{"", "fastmail.com", secure("imap.fastmail.com", "smtp.fastmail.com:465"), false, "app-password"},
	}
}

func secure(imap, smtp string) Servers {
	tls := Immediate
	if strings.HasSuffix(smtp, ":587") {
		tls = StartTLS
	}
	return Servers{IMAP: imap + ":993", IMAPTLS: Immediate, SMTP: smtp, SMTPTLS: tls}
}

func started(imap, smtp string) Servers { return secure(imap, smtp) }

// Lookup tells the servers of an address: those of a provider we know, or those that its domain names (RFC 6186).
func (s *Accounts) Lookup(ctx context.Context, address string) (KnownServers, error) {
	_, domain, err := mime.SplitAddress(address)
	if err != nil {
		return KnownServers{}, fmt.Errorf("address %q: %w", address, mail.ErrInvalid)
	}
	for _, p := range presets() {
		if slices.Contains(strings.Fields(p.domains), domain) {
			return s.known(p), nil
		}
	}
	for name, o := range s.config.OAuth {
		if slices.Contains(o.Domains, domain) {
			return KnownServers{Servers: o.Servers, Provider: name, Found: true, keepsSent: o.KeepsSent}, nil
		}
	}
	return s.named(ctx, domain), nil
}

func (s *Accounts) known(p preset) KnownServers {
	k := KnownServers{Servers: p.servers, Found: true, Advice: p.advice, keepsSent: p.keepsSent}
	if _, set := s.config.OAuth[p.provider]; set {
		k.Provider, k.Advice = p.provider, ""
	}
	return k
}

// named are the servers in a domain's SRV records, as far as there are some; where its mail goes to a provider that we
// know (a company's own domain at Google or Microsoft), that one's.
func (s *Accounts) named(ctx context.Context, domain string) KnownServers {
	k := KnownServers{Servers: Servers{IMAPTLS: Immediate, SMTPTLS: Immediate}}
	if s.config.Resolver == nil {
		return k
	}
	if found, _, err := s.config.Resolver.LookupMX(ctx, domain+"."); err == nil && len(found) > 0 {
		for end, provider := range map[string]int{".google.com.": 0, ".googlemail.com.": 0, ".outlook.com.": 1} {
			if strings.HasSuffix(strings.ToLower(found[0].Host), end) {
				return s.known(presets()[provider])
			}
		}
	}
	k.IMAP = s.service(ctx, "imaps", domain)
	if k.IMAP == "" {
		k.IMAP, k.IMAPTLS = s.service(ctx, "imap", domain), StartTLS
	}
	k.SMTP = s.service(ctx, "submissions", domain)
	if k.SMTP == "" {
		k.SMTP, k.SMTPTLS = s.service(ctx, "submission", domain), StartTLS
	}
	k.Found = k.IMAP != "" && k.SMTP != ""
	return k
}

func (s *Accounts) service(ctx context.Context, name, domain string) string {
	_, list, _, err := s.config.Resolver.LookupSRV(ctx, name, "tcp", domain+".")
	if err != nil || len(list) == 0 || list[0].Target == "." {
		return ""
	}
	target, err := dns.ParseDomain(strings.TrimSuffix(list[0].Target, "."))
	if err != nil {
		return ""
	}
	return net.JoinHostPort(target.ASCII, fmt.Sprint(list[0].Port))
}

// check tells what is wrong with servers that somebody typed.
func (v Servers) check() error {
	for _, server := range []struct {
		at  string
		tls TLS
	}{{v.IMAP, v.IMAPTLS}, {v.SMTP, v.SMTPTLS}} {
		host, port, err := net.SplitHostPort(server.at)
		if err != nil || host == "" || port == "" {
			return fmt.Errorf("server %q is not host:port: %w", server.at, mail.ErrInvalid)
		}
		if server.tls != Immediate && server.tls != StartTLS && server.tls != Plain {
			return fmt.Errorf("encryption %q: %w", server.tls, mail.ErrInvalid)
		}
	}
	return nil
}
