package rtp

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/media"
)

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
	session := ""
	if l.Web {
		profile, keys, session = webProfile, l.webLines(Web{}), l.webSession("0", true)
	}
	fmt.Fprintf(&m, "m=audio %d %s %s\r\n%s%sa=ptime:%d\r\na=%s\r\n",
		l.addr.Port(), profile, strings.Join(numbers, " "), strings.Join(maps, ""), keys, ptimeMillis, sendrecv)
	return l.write(session, m.String())
}

// Answer writes the answer to offer: its audio line index at is taken with codec, all others are refused in their place
// (RFC 3264 §6).
func (l *Session) Answer(offer *Description, at int, codec media.Codec) []byte {
	var b strings.Builder
	session := ""
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
		l.profile, l.Web = m.proto, m.web()
		keys := l.answeredKey(m)
		if l.Web {
			keys, session = l.webLines(m.Web), l.webSession(m.Web.mid, m.Web.bundled)
		}
		fmt.Fprintf(&b, "m=audio %d %s %s\r\n%s%sa=ptime:%d\r\na=%s\r\n", l.addr.Port(), m.proto, numbers, maps,
			keys, ptimeMillis, m.reply())
	}
	return l.write(session, b.String())
}

func rtpmapLine(pt uint8, c media.Codec) string {
	line := fmt.Sprintf("a=rtpmap:%d %s/%d\r\n", pt, c.Name, c.Clock)
	if c.Is(TelephoneEvent()) {
		line += fmt.Sprintf("a=fmtp:%d 0-16\r\n", pt)
	}
	return line
}

// write puts the session lines before the media and counts the version up when something changed.
func (l *Session) write(session, lines string) []byte {
	if lines != l.last {
		l.version++
		l.last = lines
	}
	ip := l.addr.Addr()
	return fmt.Appendf(nil, "v=0\r\no=frontdesk %d %d IN %s %s\r\ns=call\r\nc=IN %s %s\r\nt=0 0\r\n%s%s",
		l.id, l.version, family(ip), ip, family(ip), ip, session, lines)
}
