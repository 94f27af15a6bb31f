package rtp

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// transport carries one leg's RTP and RTCP: a pair of UDP sockets, each with a goroutine that reads it.
// It is the only place that knows sockets: readers that share them and work in batches can replace it.
type transport struct {
	rtp, rtcp *net.UDPConn // rtcp nil where the port beside was taken
	local     netip.AddrPort
	readers   sync.WaitGroup
}

// maxDatagram is more than any RTP packet of a phone.
const maxDatagram = 1600

// read starts to hand every datagram to receive, and those of the RTCP port to control; neither may keep it. It ends with close.
func (t *transport) read(receive, control func(data []byte, from netip.AddrPort)) {
	t.readers.Go(func() { each(t.rtp, receive) })
	if t.rtcp != nil {
		t.readers.Go(func() { each(t.rtcp, control) })
	}
}

// each reads until conn is closed.
func each(conn *net.UDPConn, receive func(data []byte, from netip.AddrPort)) {
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil { // others come from ICMP and say nothing about the next packet
			receive(buf[:n], unmap(from))
		}
	}
}

func (t *transport) send(data []byte, to netip.AddrPort) { t.rtp.WriteToUDPAddrPort(data, to) }

func (t *transport) sendControl(data []byte, to netip.AddrPort) {
	if t.rtcp != nil {
		t.rtcp.WriteToUDPAddrPort(data, to)
	}
}

// close ends reading and waits for the readers.
func (t *transport) close() {
	t.rtp.Close()
	if t.rtcp != nil {
		t.rtcp.Close()
	}
	t.readers.Wait()
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
