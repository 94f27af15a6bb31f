package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"frontdesk/media"
)

// Bounds of a session description from outside.
const (
	maxSDP      = 16 << 10
	maxMLines   = 16
	maxFormats  = 64
	noPT        = 255 // no payload type
	ptimeMillis = 20
)

// direction of media as RFC 8866 §6.7 names it, seen from who wrote it.
type direction string

const (
	sendrecv direction = "sendrecv"
	sendonly direction = "sendonly"
	recvonly direction = "recvonly"
	inactive direction = "inactive"
)

// sends tells whether the writer sends, receives whether it receives.
func (d direction) sends() bool    { return d == sendrecv || d == sendonly }
func (d direction) receives() bool { return d == sendrecv || d == recvonly }

// answer is the direction to answer d with (RFC 3264 §6.1), when we'd like to do both.
func (d direction) answer() direction {
	switch d {
	case sendonly:
		return recvonly
	case recvonly:
		return sendonly
	case inactive:
		return inactive
	default:
		return sendrecv
	}
}

// format is one payload type of an m-line.
type format struct {
	pt    uint8
	codec media.Codec
}

// mline is one medium of a description.
type mline struct {
	kind    string // audio, video …
	port    int    // 0: rejected or unused
	proto   string
	fmts    []string // as written
	formats []format // those that name a codec
	addr    netip.AddrPort
	control netip.AddrPort // of RTCP
	dir     direction
	zeroed  bool // c=0.0.0.0, the hold of RFC 2543
}

// description is a session description (RFC 8866), as far as calls need it.
type description struct {
	origin string // o= without the version: who, which session, where
	media  []mline
}

// static are the payload types that need no rtpmap (RFC 3551 table 4).
func static(pt uint8) (media.Codec, bool) {
	switch pt {
	case 0:
		return media.PCMU(), true
	case 8:
		return media.PCMA(), true
	case 9:
		return media.G722(), true
	default:
		return media.Codec{}, false
	}
}

func telephoneEvent() media.Codec {
	return media.Codec{Name: "telephone-event", Clock: 8000, Channels: 1}
}

// parseSDP reads a description, forgiving order, line ends and what it doesn't know.
func parseSDP(body []byte) (*description, error) {
	if len(body) > maxSDP {
		return nil, errors.New("SDP is too long")
	}
	p := sdpParser{out: &description{}, dir: sendrecv}
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
	out     *description
	version bool
	conn    netip.Addr // of the session
	dir     direction  // of the session
	maps    []map[uint8]media.Codec
	conns   []netip.Addr
	dirs    []direction
	control []netip.AddrPort // as a=rtcp says; without an address where it names none
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
		return fmt.Errorf("SDP connection %.40q: %w", value, errUnknownHost)
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
	if len(f) < 4 || len(f) > 3+maxFormats || len(p.out.media) >= maxMLines {
		return fmt.Errorf("SDP medium %.40q is malformed or one too many", value)
	}
	digits, _, _ := strings.Cut(f[1], "/")
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return fmt.Errorf("SDP medium %.40q: port", value)
	}
	p.out.media = append(p.out.media, mline{kind: f[0], port: int(port), proto: f[2], fmts: f[3:]})
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
func (p *sdpParser) finish() (*description, error) {
	for i := range p.out.media {
		m := &p.out.media[i]
		conn := p.conns[i]
		if !conn.IsValid() {
			conn = p.conn
		}
		if m.dir = p.dirs[i]; m.dir == "" {
			m.dir = p.dir
		}
		m.zeroed = conn.IsValid() && conn.IsUnspecified()
		m.addr = netip.AddrPortFrom(conn.Unmap(), uint16(m.port))
		m.control = controlOf(m.addr, p.control[i])
		m.formats = formatsOf(m.fmts, p.maps[i])
		if m.kind == "audio" && m.port != 0 && !conn.IsValid() {
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

// audio is the index of the medium we take: the first live RTP/AVP audio line, or -1.
func (d *description) audio() int {
	for i, m := range d.media {
		if m.kind == "audio" && m.port != 0 && (m.proto == "RTP/AVP" || m.proto == "RTP/AVPF") {
			return i
		}
	}
	return -1
}

// codecs lists the codecs of m that we know, in its order.
func (m *mline) codecs(known []media.Codec) (list []media.Codec) {
	for _, f := range m.formats {
		for _, k := range known {
			if f.codec.Is(k) {
				list = append(list, k)
			}
		}
	}
	return list
}

// payload is the number m gives to codec, or noPT.
func (m *mline) payload(codec media.Codec) uint8 {
	for _, f := range m.formats {
		if f.codec.Is(codec) {
			return f.pt
		}
	}
	return noPT
}

// convertible are the codecs that can be turned into each other.
func convertible() []media.Codec { return []media.Codec{media.G722(), media.PCMA(), media.PCMU()} }

// spoken is what to speak to who wrote m in a call in codec: that, or what it can be turned into; no name: nothing.
func (m *mline) spoken(codec media.Codec) media.Codec {
	if m.payload(codec) != noPT {
		return codec
	}
	if all := m.codecs(convertible()); len(all) > 0 && slices.ContainsFunc(convertible(), codec.Is) {
		return all[0]
	}
	return media.Codec{}
}

// held tells whether who wrote m doesn't want to hear us.
func (m *mline) held() bool { return m.zeroed || !m.dir.receives() }

// reply is the direction to answer m with: the hold by c=0.0.0.0 is answered like sendonly.
func (m *mline) reply() direction {
	if m.zeroed && m.dir == sendrecv {
		return recvonly
	}
	return m.dir.answer()
}

// local is our side of a session; its version grows with each change (RFC 3264 §8).
type local struct {
	id      uint64
	version uint64
	last    string // what was sent last, without the version
	addr    netip.AddrPort
}

// offer writes an offer of codecs, best first.
func (l *local) offer(codecs []media.Codec) []byte {
	var m strings.Builder
	next := uint8(96)
	var numbers, maps []string
	for _, c := range append(append([]media.Codec{}, codecs...), telephoneEvent()) {
		pt, fixed := staticPT(c)
		if !fixed {
			pt, next = next, next+1
		}
		if c.Is(telephoneEvent()) {
			pt = 101
		}
		numbers = append(numbers, strconv.Itoa(int(pt)))
		maps = append(maps, rtpmapLine(pt, c))
	}
	fmt.Fprintf(&m, "m=audio %d RTP/AVP %s\r\n%sa=ptime:%d\r\na=%s\r\n",
		l.addr.Port(), strings.Join(numbers, " "), strings.Join(maps, ""), ptimeMillis, sendrecv)
	return l.write(m.String())
}

// answer writes the answer to offer: its audio line index at is taken with codec, all others are refused in their place (RFC 3264 §6).
func (l *local) answer(offer *description, at int, codec media.Codec) []byte {
	var b strings.Builder
	for i := range offer.media {
		m := &offer.media[i]
		if i != at {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", m.kind, m.proto, strings.Join(m.fmts, " "))
			continue
		}
		pt, event := m.payload(codec), m.payload(telephoneEvent())
		numbers, maps := strconv.Itoa(int(pt)), rtpmapLine(pt, codec)
		if event != noPT {
			numbers += " " + strconv.Itoa(int(event))
			maps += rtpmapLine(event, telephoneEvent())
		}
		fmt.Fprintf(&b, "m=audio %d %s %s\r\n%sa=ptime:%d\r\na=%s\r\n", l.addr.Port(), m.proto, numbers, maps, ptimeMillis, m.reply())
	}
	return l.write(b.String())
}

func staticPT(c media.Codec) (uint8, bool) {
	for _, pt := range []uint8{0, 8, 9} {
		if known, _ := static(pt); known.Is(c) {
			return pt, true
		}
	}
	return 0, false
}

func rtpmapLine(pt uint8, c media.Codec) string {
	line := fmt.Sprintf("a=rtpmap:%d %s/%d\r\n", pt, c.Name, c.Clock)
	if c.Is(telephoneEvent()) {
		line += fmt.Sprintf("a=fmtp:%d 0-16\r\n", pt)
	}
	return line
}

// write puts the session lines before the media and counts the version up when something changed.
func (l *local) write(lines string) []byte {
	if lines != l.last {
		l.version++
		l.last = lines
	}
	ip := l.addr.Addr()
	return fmt.Appendf(nil, "v=0\r\no=frontdesk %d %d IN %s %s\r\ns=call\r\nc=IN %s %s\r\nt=0 0\r\n%s",
		l.id, l.version, family(ip), ip, family(ip), ip, lines)
}
