package sip

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/rtp"
)

// Who floods the SIP port with garbage and with requests costs a running call no packet, nor its phone the server. The
// flood is as dense as one of 20,000 a second: 200 between two packets that come 10 ms apart.
func TestFloodCostsNoPacket(t *testing.T) {
	const rounds, flood = 60, 200
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w, phone := newWire(t, b.addr("udp")), newEndpoint(t)
	w.send(request("INVITE", "sip:100@{there}", "", "flooded", 1, "", described(phone.addr())))
	got := w.get("SIP/2.0 200")
	d, err := rtp.Parse([]byte(got[strings.Index(got, "v=0"):]))
	if err != nil {
		t.Fatal(err)
	}
	_, tag, _ := strings.Cut(field(got, "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, "flooded", 1, "", ""))
	heard := &gapless{}
	expect[pbx.TrackAdded](t, b.arrival()).Track.Attach(heard)
	at, err := net.ResolveUDPAddr("udp", b.addr("udp"))
	if err != nil {
		t.Fatal(err)
	}
	stranger := newEndpointAt(t, "127.0.0.66")
	for round := range rounds {
		for i := range flood {
			text := fmt.Sprintf("GET /%d HTTP/1.1\r\n\r\n", i)
			if i%2 == 0 {
				text = strings.ReplaceAll(request("OPTIONS", "sip:{there}", "", fmt.Sprint(round, "-", i), 1, "", ""),
					"{there}", b.addr("udp"))
			}
			stranger.conn.WriteTo([]byte(text), at)
		}
		phone.send(d.Media[0].Addr, 8, make([]byte, 160))
		eventually(t, "what the phone sent", func() bool {
			packets, _ := heard.count()
			return packets == round+1
		})
	}
	if _, gaps := heard.count(); gaps > 0 {
		t.Errorf("%d holes", gaps)
	}
	w.send(request("BYE", "sip:100@{there}", tag, "flooded", 2, "", ""))
	w.get("SIP/2.0 200")
}
