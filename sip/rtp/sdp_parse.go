package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"frontdesk/media"
)

// Parse reads a description, forgiving order, line ends and what it doesn't know. It is our own because pion/sdp
// (3.0.20) refuses the whole of one that has m=image, a medium or b= line it doesn't know, no s= or t=, another order,
// or no line end at its end: all of that is sent.
func Parse(body []byte) (*Description, error) {
	if len(body) > maxSDP {
		return nil, errors.New("SDP is too long")
	}
	p := sdpParser{out: &Description{}, dir: sendrecv}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' {
			return nil, fmt.Errorf("SDP line %.40q is not of the form x=…", line)
		}
		if err := p.line(line[0], strings.TrimSpace(line[2:])); err != nil {
			return nil, err
		}
	}
	if !p.version {
		return nil, errors.New("SDP has no v=0")
	}
	return p.finish()
}

type sdpParser struct {
	out     *Description
	version bool
	conn    netip.Addr // of the session
	dir     direction  // of the session
	maps    []map[uint8]media.Codec
	conns   []netip.Addr
	dirs    []direction
	control []netip.AddrPort // as a=rtcp says; without an address where it names none
	web     Web              // of the session
	bundle  []string         // names of the media that share a way
}

func (p *sdpParser) line(key byte, value string) error {
	switch key {
	case 'v':
		p.version = value == "0"
		return nil
	case 'o':
		return p.origin(value)
	case 'c':
		return p.connection(value)
	case 'm':
		return p.medium(value)
	case 'a':
		p.attribute(value)
	}
	return nil
}

func (p *sdpParser) origin(value string) error {
	f := strings.Fields(value)
	if len(f) != 6 {
		return fmt.Errorf("SDP origin %.40q has not six fields", value)
	}
	p.out.origin = f[0] + " " + f[1] + " " + f[5]
	return nil
}

func (p *sdpParser) connection(value string) error {
	f := strings.Fields(value)
	if len(f) != 3 || f[0] != "IN" {
		return fmt.Errorf("SDP connection %.40q is not understood", value)
	}
	host, _, _ := strings.Cut(f[2], "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return fmt.Errorf("SDP connection %.40q: %w", value, ErrUnknownHost)
	}
	if n := len(p.conns); n > 0 {
		p.conns[n-1] = addr
	} else {
		p.conn = addr
	}
	return nil
}

func (p *sdpParser) medium(value string) error {
	f := strings.Fields(value)
	if len(f) < 4 || len(f) > 3+maxFormats || len(p.out.Media) >= maxMLines {
		return fmt.Errorf("SDP medium %.40q is malformed or one too many", value)
	}
	digits, _, _ := strings.Cut(f[1], "/")
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return fmt.Errorf("SDP medium %.40q: port", value)
	}
	p.out.Media = append(p.out.Media, Medium{Kind: f[0], Port: int(port), proto: f[2], fmts: f[3:]})
	p.maps = append(p.maps, map[uint8]media.Codec{})
	p.conns = append(p.conns, netip.Addr{})
	p.dirs = append(p.dirs, "")
	p.control = append(p.control, netip.AddrPort{})
	return nil
}

func (p *sdpParser) attribute(value string) {
	name, rest, _ := strings.Cut(value, ":")
	switch direction(name) {
	case sendrecv, sendonly, recvonly, inactive:
		if n := len(p.dirs); n > 0 {
			p.dirs[n-1] = direction(name)
		} else {
			p.dir = direction(name)
		}
	case "rtpmap":
		p.rtpmap(rest)
	case "rtcp":
		p.rtcp(rest)
	case "crypto":
		p.crypto(rest)
	case "group":
		if names := strings.Fields(rest); len(names) > 1 && names[0] == "BUNDLE" {
			p.bundle = names[1:]
		}
	default:
		p.webOf().attribute(name, rest)
	}
}

// webOf is where what browsers say belongs: to the session, or to the last medium.
func (p *sdpParser) webOf() *Web {
	if n := len(p.out.Media); n > 0 {
		return &p.out.Media[n-1].Web
	}
	return &p.web
}

func (p *sdpParser) crypto(value string) {
	if len(p.out.Media) == 0 {
		return
	}
	m := &p.out.Media[len(p.out.Media)-1]
	if c, ok := parseCrypto(value); ok && len(m.cryptos) < maxCryptos {
		m.cryptos = append(m.cryptos, c)
	}
}

// rtcp is the port of RTCP, where it is not the one above (RFC 3605).
func (p *sdpParser) rtcp(value string) {
	f := strings.Fields(value)
	if len(f) == 0 || len(p.control) == 0 {
		return
	}
	port, err := strconv.ParseUint(f[0], 10, 16)
	if err != nil {
		return
	}
	var addr netip.Addr
	if len(f) == 4 {
		addr, _ = netip.ParseAddr(f[3])
	}
	p.control[len(p.control)-1] = netip.AddrPortFrom(addr.Unmap(), uint16(port))
}

func (p *sdpParser) rtpmap(value string) {
	number, encoding, ok := strings.Cut(value, " ")
	pt, err := strconv.ParseUint(number, 10, 7)
	part := strings.Split(strings.TrimSpace(encoding), "/")
	if !ok || err != nil || len(part) < 2 || len(p.maps) == 0 {
		return
	}
	clock, err := strconv.ParseUint(part[1], 10, 32)
	if err != nil {
		return
	}
	m := p.maps[len(p.maps)-1]
	if len(m) < maxFormats {
		m[uint8(pt)] = media.Codec{Name: part[0], Clock: uint32(clock), Channels: 1}
	}
}

// finish settles what a medium inherits from the session.
func (p *sdpParser) finish() (*Description, error) {
	for i := range p.out.Media {
		m := &p.out.Media[i]
		conn := p.conns[i]
		if !conn.IsValid() {
			conn = p.conn
		}
		if m.Dir = p.dirs[i]; m.Dir == "" {
			m.Dir = p.dir
		}
		m.Web.inherit(p.web, p.bundle)
		m.zeroed = conn.IsValid() && conn.IsUnspecified() && !m.web() // ICE tells where a browser is
		m.Addr = netip.AddrPortFrom(conn.Unmap(), uint16(m.Port))
		m.control = controlOf(m.Addr, p.control[i])
		m.formats = formatsOf(m.fmts, p.maps[i])
		if m.Kind == "audio" && m.Port != 0 && !conn.IsValid() {
			return nil, errors.New("SDP has no connection line")
		}
	}
	return p.out, nil
}

// controlOf is where RTCP goes: to the port above that of RTP (RFC 3550 §11), unless said otherwise.
func controlOf(media, said netip.AddrPort) netip.AddrPort {
	switch {
	case said.Port() == 0 && media.Port() == 65535:
		return netip.AddrPort{}
	case said.Port() == 0:
		return netip.AddrPortFrom(media.Addr(), media.Port()+1)
	case !said.Addr().IsValid():
		return netip.AddrPortFrom(media.Addr(), said.Port())
	default:
		return said
	}
}

func formatsOf(fmts []string, maps map[uint8]media.Codec) (list []format) {
	for _, f := range fmts {
		n, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		codec, ok := maps[uint8(n)]
		if !ok {
			codec, ok = static(uint8(n))
		}
		if ok {
			list = append(list, format{uint8(n), codec})
		}
	}
	return list
}
