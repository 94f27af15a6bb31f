package rtp

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/media"
)

// offeredEvent is the payload type that we offer for keys.
const offeredEvent = 101

// Offer writes an offer of codecs, best first.
func (l *Session) Offer(codecs []media.Codec) []byte {
	var m strings.Builder
	next := uint8(96)
	var numbers, maps []string
	for _, c := range append(append([]media.Codec{}, codecs...), TelephoneEvent()) {
		pt, fixed := staticPT(c)
		if !fixed {
			pt, next = next, next+1
		}
		if c.Is(TelephoneEvent()) {
			pt = offeredEvent
		}
		numbers = append(numbers, strconv.Itoa(int(pt)))
		maps = append(maps, rtpmapLine(pt, c))
	}
	profile, keys := l.offeredKeys()
	fmt.Fprintf(&m, "m=audio %d %s %s\r\n%s%sa=ptime:%d\r\na=%s\r\n",
		l.addr.Port(), profile, strings.Join(numbers, " "), strings.Join(maps, ""), keys, ptimeMillis, sendrecv)
	return l.write(m.String())
}

// Answer writes the answer to offer: its audio line index at is taken with codec, all others are refused in their place
// (RFC 3264 §6).
func (l *Session) Answer(offer *Description, at int, codec media.Codec) []byte {
	var b strings.Builder
	for i := range offer.Media {
		m := &offer.Media[i]
		if i != at {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", m.Kind, m.proto, strings.Join(m.fmts, " "))
			continue
		}
		pt, event := m.Payload(codec), m.Payload(TelephoneEvent())
		numbers, maps := strconv.Itoa(int(pt)), rtpmapLine(pt, codec)
		if event != NoPT {
			numbers += " " + strconv.Itoa(int(event))
			maps += rtpmapLine(event, TelephoneEvent())
		}
		l.profile = m.proto
		fmt.Fprintf(&b, "m=audio %d %s %s\r\n%s%sa=ptime:%d\r\na=%s\r\n", l.addr.Port(), m.proto, numbers, maps,
			l.answeredKey(m), ptimeMillis, m.reply())
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
	if c.Is(TelephoneEvent()) {
		line += fmt.Sprintf("a=fmtp:%d 0-16\r\n", pt)
	}
	return line
}

// write puts the session lines before the media and counts the version up when something changed.
func (l *Session) write(lines string) []byte {
	if lines != l.last {
		l.version++
		l.last = lines
	}
	ip := l.addr.Addr()
	return fmt.Appendf(nil, "v=0\r\no=frontdesk %d %d IN %s %s\r\ns=call\r\nc=IN %s %s\r\nt=0 0\r\n%s",
		l.id, l.version, family(ip), ip, family(ip), ip, lines)
}
