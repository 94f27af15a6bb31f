package provision

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/guard"
	"frontdesk/pbx/directory"
)

// Config of the room.
type Config struct {
	URL   string // how phones reach us; "": as the admin's browser does
	Plain bool   // settings, and so passwords, are told without encryption, too
}

// Deps are the rooms behind the door.
type Deps struct {
	Directory *directory.Directory
	Core      *crmcore.Core
	Listeners func() map[string]string // addresses, by name: sip_udp, sip_tcp, sip_tls
	Resync    func(device string)      // has a phone fetch its settings anew, wherever it is registered
	Log       *slog.Logger
}

// Server tells phones their settings.
type Server struct {
	Deps
	cfg   Config
	rates *guard.Rates[netip.Prefix]
}

// Path is below which phones ask.
const Path = "/provision/"

// maxSources are the networks whose requests are counted.
const maxSources = 10_000

// New makes one.
func New(cfg Config, d Deps) *Server {
	return &Server{Deps: d, cfg: cfg,
		rates: guard.NewRates[netip.Prefix](guard.Rate{Burst: 60, Every: time.Second}, maxSources)}
}

// base is the address that phones ask below, with a token; ends with a slash. host is that of the request.
func (s *Server) base(host, token string, secure bool) string {
	at := s.cfg.URL
	if at == "" {
		at = map[bool]string{true: "https://", false: "http://"}[secure] + host
	}
	return strings.TrimSuffix(at, "/") + Path + token + "/"
}

// registrar is where phones register, of a page at base: by the transport that the device needs, of those served.
func (s *Server) registrar(base string, srtp directory.SRTP) (host, port, over string, ok bool) {
	order := []string{"udp", "tcp", "tls"}
	if srtp == directory.SRTPRequired { // the keys are read by nobody only there
		order = []string{"tls", "tcp", "udp"}
	}
	page, err := url.Parse(base)
	if err != nil {
		return "", "", "", false
	}
	listeners := s.Listeners()
	for _, over := range order {
		host, port, err := net.SplitHostPort(listeners["sip_"+over])
		if err != nil {
			continue
		}
		if a, err := netip.ParseAddr(host); err == nil && a.IsUnspecified() {
			host = page.Hostname()
		}
		return host, port, over, true
	}
	return "", "", "", false
}

func hostPort(p Profile) string { return net.JoinHostPort(p.Host, p.Port) }

// schemeOf takes an address apart, into its scheme and the rest without a slash at the end.
func schemeOf(address string) (scheme, rest string) {
	scheme, rest, _ = strings.Cut(address, "://")
	return scheme, strings.TrimSuffix(rest, "/")
}

func refuse(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }
