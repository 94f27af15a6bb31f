// Package sip turns SIP (RFC 3261) into legs of calls: phones that register here, trunks to carriers and to existing
// PBXs.
//
// The parser, the transports and the transactions are sipgo's; dialogs, registrar, digest and RTP are ours.
package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"frontdesk/guard"
	"frontdesk/media"
	medianet "frontdesk/media/net"
	"frontdesk/sip/stack"
)

// Config is all that the room needs to know. The zero value of a field means its default.
type Config struct {
	UDP string // address to listen on, e.g. "0.0.0.0:5060"; port 0 takes a free one; empty: no UDP
	TCP string // the same for TCP
	TLS string // the same for TLS
	WS  string // the same for WebSockets (RFC 7118), unencrypted: for a TLS proxy in front
	WSS string // the same for WebSockets over TLS
	// hosts, as app.example.com or *.example.com, of pages that may connect to WS and WSS; those at the same host
	// always may
	Origins     []string
	ExternalIP  string // our address as the world outside the local networks sees it; empty: the local one
	RTPIP       string // address to receive RTP on; default: that of UDP, or of TCP
	RTPMin      int    // ports for RTP and RTCP, in pairs; 0: any free ones
	RTPMax      int
	Certificate *tls.Config    // of TLS and WSS: ours
	Authorities *x509.CertPool // who signs the certificates of the peers that we call over TLS; nil: the system's
	// which carries RTP, beside what else is on it; the caller closes it. Nil: one of its own
	Network medianet.Network
	Realm   string // of digest; default "frontdesk"
	Secret  []byte // signs nonces and tags; the same on all nodes; at least 16 bytes
	// challenge with SHA-256 beside MD5 (RFC 8760); off, because phones exist that give up at the sight of it
	// (baresip 1.0)
	SHA256    bool
	UserAgent string // default "Frontdesk"
	Node      string // name of this node in the bindings it saves
	// addresses and networks of our own SIP proxies: a request from one is judged by where the proxy got it from
	Proxies []string

	// IP address that the other nodes reach our SIP at; default the one that we listen on, or of our way out
	Cluster string

	// Owns tells whether this node is the one to register at a trunk; among nodes only one is. It is asked again and
	// again. Nil: always.
	Owns func(ctx context.Context, trunk string) (bool, error)
	// Alive tells whether another node runs; phones that only a dead one can reach are not tried. Nil: all do.
	Alive func(node string) bool
	// NodeAt is where another node is reached over SIP, as its Server.Cluster tells. Nil: there are no others.
	NodeAt func(node string) (place string, ok bool)
	// Told is told of log-ins here that the other nodes have to know of; see Server.Elsewhere. May be nil.
	Told func(guard.Outcome)

	// Resolver finds the servers of trunks. Nil: the system's.
	Resolver *net.Resolver

	Codecs       []media.Codec // offered to phones; default G722, PCMA, PCMU
	ClearKeys    bool          // offer and require SRTP over UDP and TCP too, where its keys can be read
	MediaTimeout time.Duration // without RTP an active call ends after it; default 30 s
	T1           time.Duration // RFC 3261 §17.1.1.1, default 500 ms
	MinExpires   time.Duration // of a registration, default 60 s
	MaxExpires   time.Duration // default 1 h
	NonceLife    time.Duration // default 5 min
	Ping         time.Duration // between OPTIONS to a trunk, default 30 s; negative: none
	MaxLegs      int           // calls at a time, each leg counted, default 2000
	MaxConns     int           // TCP connections at a time, default 2000
	MaxBindings  int           // contacts of one device, default 8
	Shield       stack.Limits  // what a stranger may do

	nextPlace time.Duration // how long a server of a trunk may say nothing at all before the next one is tried; 4 s
	farewell  time.Duration // how long peers have to answer our BYE and CANCEL when the server closes; 2 s
	second    time.Duration // of session timers; tests have shorter ones
}

func (c Config) withDefaults() (Config, error) {
	if len(c.Secret) < 16 {
		return c, errors.New("sip: secret is shorter than 16 bytes: set one, the same on all nodes")
	}
	if c.UDP == "" && c.TCP == "" {
		return c, errors.New("sip: neither udp nor tcp address to listen on")
	}
	if c.TLS+c.WSS != "" && c.Certificate == nil {
		return c, errors.New("sip: TLS without a certificate")
	}
	if c.ExternalIP != "" {
		if _, err := netip.ParseAddr(c.ExternalIP); err != nil {
			return c, fmt.Errorf("sip: external address: %w", err)
		}
	}
	if c.Cluster != "" {
		if _, err := netip.ParseAddr(c.Cluster); err != nil {
			return c, fmt.Errorf("sip: cluster address: %w", err)
		}
	}
	if c.RTPMin > c.RTPMax || c.RTPMax > 65535 || c.RTPMin < 0 {
		return c, fmt.Errorf("sip: RTP ports %d–%d are no range", c.RTPMin, c.RTPMax)
	}
	set(&c.Resolver, net.DefaultResolver)
	set(&c.Realm, "frontdesk")
	set(&c.UserAgent, "Frontdesk")
	set(&c.MediaTimeout, 30*time.Second)
	set(&c.T1, 500*time.Millisecond)
	set(&c.MinExpires, time.Minute)
	set(&c.MaxExpires, time.Hour)
	set(&c.NonceLife, 5*time.Minute)
	set(&c.Ping, 30*time.Second)
	set(&c.nextPlace, 4*time.Second)
	set(&c.farewell, 2*time.Second)
	set(&c.second, time.Second)
	set(&c.MaxLegs, 2000)
	set(&c.MaxConns, 2000)
	set(&c.MaxBindings, 8)
	if len(c.Codecs) == 0 {
		c.Codecs = []media.Codec{media.G722(), media.PCMA(), media.PCMU()}
	}
	return c, nil
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// stack is what of it concerns the stack.
func (c Config) stack() stack.Config {
	return stack.Config{UDP: c.UDP, TCP: c.TCP, TLS: c.TLS, WS: c.WS, WSS: c.WSS, Origins: c.Origins,
		Certificate: c.Certificate, Authorities: c.Authorities, ExternalIP: c.ExternalIP, Cluster: c.Cluster,
		Realm: c.Realm, UserAgent: c.UserAgent, Node: c.Node, Secret: c.Secret, Proxies: c.Proxies,
		Resolver: c.Resolver, NonceLife: c.NonceLife, NextPlace: c.nextPlace, MaxConns: c.MaxConns, Shield: c.Shield,
		Told: c.Told}
}
