package sip

import (
	"errors"
	"fmt"
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

// ports gives out transports from a range.
type ports struct {
	ip       netip.Addr
	min, max int // 0: any

	mu   sync.Mutex
	next int
}

var errNoPorts = errors.New("no free RTP port: widen the range")

// open binds the next free pair: an even port for RTP and the odd one above for RTCP (RFC 3550 §11).
func (p *ports) open() (*transport, error) {
	if p.max == 0 {
		return p.openAny()
	}
	first := (p.min + 1) &^ 1
	count := (p.max - first + 1) / 2
	for range count {
		p.mu.Lock()
		port := first + 2*(p.next%count)
		p.next++
		p.mu.Unlock()
		if t, err := p.bind(port); err == nil && t.rtcp != nil {
			return t, nil
		} else if err == nil {
			t.close()
		}
	}
	return nil, errNoPorts
}

func (p *ports) openAny() (*transport, error) {
	t, err := p.bind(0)
	if err != nil {
		return nil, fmt.Errorf("RTP socket: %w", err)
	}
	return t, nil
}

func (p *ports) bind(port int) (*transport, error) {
	rtp, err := net.ListenUDP("udp", &net.UDPAddr{IP: p.ip.AsSlice(), Port: port})
	if err != nil {
		return nil, err
	}
	t := &transport{rtp: rtp, local: rtp.LocalAddr().(*net.UDPAddr).AddrPort()}
	t.rtcp, err = net.ListenUDP("udp", &net.UDPAddr{IP: p.ip.AsSlice(), Port: int(t.local.Port()) + 1})
	if err != nil {
		t.rtcp = nil
	}
	return t, nil
}
