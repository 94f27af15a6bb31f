package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media/net"
)

// Ports gives out transports from a range.
type Ports struct {
	network  net.Network
	ip       netip.Addr
	min, max int // 0: any
	certs    certificates

	mu   sync.Mutex
	next int
}

var errNoPorts = errors.New("no free RTP port: widen the range")

// NewPorts gives out ports of ip on a network; max 0: any.
func NewPorts(network net.Network, ip netip.Addr, min, max int) *Ports {
	return &Ports{network: network, ip: ip, min: min, max: max}
}

// Open is a stream on the next free ports, which does not listen yet. Packets that are not the peer's are counted in
// strangers.
func (p *Ports) Open(strangers prometheus.Counter) (*Stream, error) {
	via, err := p.pair()
	if err != nil {
		return nil, err
	}
	return newStream(via, &p.certs, strangers), nil
}

// pair binds the next free pair: an even port for RTP and the odd one above for RTCP (RFC 3550 §11).
func (p *Ports) pair() (*transport, error) {
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

func (p *Ports) openAny() (*transport, error) {
	t, err := p.bind(0)
	if err != nil {
		return nil, fmt.Errorf("RTP socket: %w", err)
	}
	return t, nil
}

func (p *Ports) bind(port int) (*transport, error) {
	rtp, err := p.network.Listen(netip.AddrPortFrom(p.ip, uint16(port)))
	if err != nil {
		return nil, err
	}
	t := &transport{rtp: rtp}
	if beside, err := p.network.Listen(netip.AddrPortFrom(p.ip, rtp.Addr().Port()+1)); err == nil {
		t.rtcp = beside
	}
	return t, nil
}
