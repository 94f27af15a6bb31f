package certificate

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/guard/acme"
)

// ACME is where certificates are ordered.
type ACME struct {
	Directory   string   `yaml:"directory"` // URL; "": none are ordered
	Contact     string   `yaml:"contact"`
	Names       []string `yaml:"names"` // besides those of Place
	Authorities string   `yaml:"authorities"`
	KeyID       string   `yaml:"key_id"`
	KeySecret   string   `yaml:"key_secret"` // base64url
}

// aHost is a name that certificates are made for.
var aHost = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$`)

// Check tells what is wrong with it, by key.
func (a ACME) Check(bad func(key, format string, args ...any)) {
	if u, err := url.Parse(a.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		bad("directory", "%q is no URL like https://acme-v02.api.letsencrypt.org/directory", a.Directory)
	}
	if a.Contact != "" && (!strings.Contains(a.Contact, "@") || strings.ContainsAny(a.Contact, ": ")) {
		bad("contact", "%q is no mail address", a.Contact)
	}
	for _, name := range a.Names {
		if !aHost.MatchString(name) {
			bad("names", "%q is no host name like desk.example.com", name)
		}
	}
	if _, err := a.mac(); err != nil || (a.KeyID == "") != (a.KeySecret == "") {
		bad("key_secret", "goes with key_id, in base64url, as the authority gave both")
	}
}

func (a ACME) mac() ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(a.KeySecret, "="))
}

// Orders is what the file says of ordering; the caller adds who orders and for which names.
func (a ACME) Orders(kinds []string) (acme.Config, error) {
	roots, err := Authorities(a.Authorities)
	if err != nil {
		return acme.Config{}, fmt.Errorf("tls.acme.authorities: %w", err)
	}
	mac, err := a.mac()
	return acme.Config{Directory: a.Directory, Contact: a.Contact, KeyID: a.KeyID, MAC: mac, Kinds: kinds,
		HTTP: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{RootCAs: roots}}}}, err
}

// Place is what this company's servers are called.
type Place struct {
	Own     []string                                                 // names of its servers, that of mail first
	Domains func(ctx context.Context) ([]string, error)              // of mail
	Lookup  func(ctx context.Context, name string) ([]net.IP, error) // asks DNS
}

// Names are those that have certificates: the servers', and those that others look for at the mail domains.
func (p Place) Names(ctx context.Context) ([]acme.Wanted, error) {
	var list []acme.Wanted
	add := func(name string, sure bool) {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		known := func(w acme.Wanted) bool { return w.Name == name }
		if aHost.MatchString(name) && !slices.ContainsFunc(list, known) {
			list = append(list, acme.Wanted{Name: name, Sure: sure})
		}
	}
	for _, name := range p.Own {
		add(name, true)
	}
	domains, err := p.Domains(ctx)
	for _, d := range domains {
		for _, label := range []string{"mail.", "autoconfig.", "autodiscover.", "mta-sts."} {
			add(label+d, false)
		}
	}
	return list, err
}

// Here asks DNS for a name. One that nobody named has to lead to where the servers' do.
func (p Place) Here(ctx context.Context, w acme.Wanted) error {
	theirs, err := p.Lookup(ctx, w.Name)
	if len(theirs) == 0 {
		if err == nil {
			err = errors.New("DNS has no address of this name")
		}
		return &acme.Trouble{Code: acme.NoAddress, Detail: err.Error()}
	}
	if w.Sure {
		return nil
	}
	for _, name := range p.Own {
		ours, _ := p.Lookup(ctx, name) // who is not found is not the same
		if slices.ContainsFunc(theirs, func(ip net.IP) bool { return slices.ContainsFunc(ours, ip.Equal) }) {
			return nil
		}
	}
	return &acme.Trouble{Code: acme.Elsewhere, Detail: fmt.Sprint("it leads to ", theirs[0])}
}

// ToHTTPS sends browsers on to https, at the port of address where that is the host they ask for.
func ToHTTPS(address string) http.Handler {
	at, _ := url.Parse(address) // checked when loaded
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if at != nil && at.Host != "" && strings.EqualFold(host, at.Hostname()) {
			host = at.Host
		}
		to := url.URL{Scheme: "https", Host: host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, to.String(), http.StatusMovedPermanently)
	})
}
