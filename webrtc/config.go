package webrtc

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"frontdesk/media"
	medianet "frontdesk/media/net"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/relay"
)

// Config of the browsers' edge. The zero value of a field means its default.
type Config struct {
	// of this server among others; part of its legs' ids, which media stream ids hold: at most 24 characters
	Node string `yaml:"-"`
	// which carries media, beside what else is on it; the caller closes it. Nil: one of its own
	Network medianet.Network `yaml:"-"`
	// host:port to take media on, a socket each; an IP of ours, never 0.0.0.0; port 0 picks one. Default 127.0.0.1:0
	UDP          []string      `yaml:"udp"`
	TCP          string        `yaml:"tcp"`           // host:port for browsers whose network blocks UDP; empty: none
	ExternalIP   string        `yaml:"external_ip"`   // what browsers are told instead of the bound IPs, behind a 1:1 NAT
	Loopback     bool          `yaml:"loopback"`      // allow 127.0.0.0/8 as candidates: for a demo and tests
	Codecs       []string      `yaml:"codecs"`        // of calls, best first. Default PCMA, PCMU, G722, opus
	MediaTimeout time.Duration `yaml:"media_timeout"` // without media from a tab that is there, until its leg ends. Default 20 s
	Grace        time.Duration `yaml:"grace"`         // without media from a tab that went away, until its leg ends. Default 30 s
	MaxLegs      int           `yaml:"max_legs"`      // legs on this node. Default 2000
	MaxUserLegs  int           `yaml:"max_user_legs"` // legs of one user. Default 16
	TURN         relay.Config  `yaml:"turn"`          // the embedded relay
}

// withDefaults fills in what is not set and checks the rest.
func (c Config) withDefaults() (Config, error) {
	if len(c.UDP) == 0 {
		c.UDP = []string{"127.0.0.1:0"}
	}
	if len(c.Codecs) == 0 {
		c.Codecs = []string{"PCMA", "PCMU", "G722", "opus"}
	}
	c.MediaTimeout = cmp.Or(c.MediaTimeout, 20*time.Second)
	c.Grace = cmp.Or(c.Grace, 30*time.Second)
	c.MaxLegs = cmp.Or(c.MaxLegs, 2000)
	c.MaxUserLegs = cmp.Or(c.MaxUserLegs, 16)
	return c, c.check()
}

// transport is what concerns all peer connections.
func (c Config) transport() peer.Config {
	return peer.Config{Network: c.Network, UDP: c.UDP, TCP: c.TCP, ExternalIP: c.ExternalIP, Loopback: c.Loopback,
		MediaTimeout: c.MediaTimeout}
}

func (c Config) check() error {
	for _, addr := range c.UDP {
		if err := checkBound("udp", addr); err != nil {
			return err
		}
	}
	if c.ExternalIP != "" && net.ParseIP(c.ExternalIP) == nil {
		return fmt.Errorf("external_ip %q: want an IP address", c.ExternalIP)
	}
	_, err := c.codecs()
	return err
}

// checkBound wants an address of one of our networks: candidates are made of it.
func checkBound(name, addr string) error {
	ap, err := netip.ParseAddrPort(addr)
	switch {
	case err != nil:
		return fmt.Errorf("%s %q: want ip:port: %w", name, addr, err)
	case ap.Addr().IsUnspecified():
		return fmt.Errorf("%s %q: name the addresses to bind, browsers are told them", name, addr)
	}
	return nil
}

// codecs are the ones of Codecs, in its order.
func (c Config) codecs() ([]media.Codec, error) {
	var list []media.Codec
	for _, name := range c.Codecs {
		known := false
		for _, codec := range []media.Codec{media.PCMA(), media.PCMU(), media.G722(), media.Opus()} {
			if strings.EqualFold(codec.Name, name) {
				list, known = append(list, codec), true
			}
		}
		if !known {
			return nil, fmt.Errorf("codecs: %q is none of PCMA, PCMU, G722, opus", name)
		}
	}
	return list, nil
}
