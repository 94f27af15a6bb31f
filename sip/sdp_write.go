package sip

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"frontdesk/media"
)

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
