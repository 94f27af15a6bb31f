package main

import (
	"context"
	"net"
	"net/url"
	"time"

	"frontdesk/cmd/frontdesk/certificate"
	"frontdesk/guard/acme"
	"frontdesk/mail/resolver"
	"frontdesk/store"
)

// certificatesSubject is where nodes hear that one of them has a new certificate.
const certificatesSubject = "certificates.changed"

// openCertificates makes what connections are shown, and what orders it.
func (n *node) openCertificates(ctx context.Context) (err error) {
	if n.proof, err = certificate.Load(n.config.certificate(), n.log); err != nil {
		return err
	}
	if n.config.TLS.ACME.Directory == "" {
		return nil
	}
	c, err := n.config.TLS.ACME.Orders(n.kinds())
	if err != nil {
		return err
	}
	place := n.certified()
	c.Names, c.Here = place.Names, place.Here
	c.Alone = func(ctx context.Context) (bool, error) { return n.alone(ctx, "certificates") }
	c.Changed = func() { n.hint(certificatesSubject, n.config.Node) }
	n.ordered = acme.New(c, n.db, n.seal, n.log)
	n.proof.Order(n.ordered)
	stop, err := n.bus.Subscribe(certificatesSubject, func(string, []byte) { n.newCertificates() })
	if err != nil {
		return err
	}
	n.onClose(stop)
	return n.ordered.Load(ctx)
}

func (n *node) newCertificates() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := n.ordered.Load(store.As(ctx, store.Mail, "")); err != nil {
		n.log.Warn("new certificates are read in a minute", "err", err)
	}
}

// kinds are the ways to prove a name: http is answered wherever it is spoken, also by a proxy that passes it on.
func (n *node) kinds() (kinds []string) {
	c := n.config.HTTP
	if c.Plain != "" || !c.TLS && c.Listen != "" {
		kinds = append(kinds, acme.HTTP01)
	}
	if c.TLS {
		kinds = append(kinds, acme.TLSALPN01)
	}
	return kinds
}

// certified are the names that have certificates.
func (n *node) certified() certificate.Place {
	own := []string{n.config.Mail.Hostname}
	if u, err := url.Parse(n.config.HTTP.URL); err == nil {
		own = append(own, u.Hostname())
	}
	return certificate.Place{Own: append(own, n.config.TLS.ACME.Names...),
		Domains: func(ctx context.Context) (names []string, err error) {
			domains, err := n.box.Domains(ctx)
			for _, d := range domains {
				names = append(names, d.Name)
			}
			return names, err
		},
		Lookup: func(ctx context.Context, name string) ([]net.IP, error) {
			ips, _, err := resolver.New(n.config.Mail.Resolver, n.log).LookupIP(ctx, "ip", name+".")
			return ips, err
		}}
}
