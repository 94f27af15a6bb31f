package rtp

import (
	"net/netip"

	"frontdesk/media/net"
)

// transport carries one leg's RTP and RTCP: a pair of UDP sockets.
type transport struct {
	rtp, rtcp net.Socket // rtcp nil where the port beside was taken
}

// read starts to hand every datagram to receive, and those of the RTCP port to control; neither may keep it. It ends
// with close.
func (t *transport) read(receive, control net.Handler) {
	t.rtp.Serve(receive)
	if t.rtcp != nil {
		t.rtcp.Serve(control)
	}
}

func (t *transport) send(data []byte, to netip.AddrPort) { t.rtp.Send(data, to) }

func (t *transport) sendControl(data []byte, to netip.AddrPort) {
	if t.rtcp != nil {
		t.rtcp.Send(data, to)
	}
}

// close ends reading and waits for what is being read.
func (t *transport) close() {
	for _, s := range []net.Socket{t.rtp, t.rtcp} {
		if s != nil {
			s.Close()
			s.Wait()
		}
	}
}
