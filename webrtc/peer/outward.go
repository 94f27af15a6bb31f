package peer

import (
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	pion "github.com/pion/webrtc/v4"

	media "frontdesk/media/net"
)

// mostUnseen is after how many packets of a stream the other one of the two that can seal it is shown one. Either
// counts how often the numbers went round, and must see one in 32,768 for it (RFC 3711 §3.3.1).
const mostUnseen = 1024

// outward seals what goes to one browser and sends it from our socket. Through pion a packet takes seven layers, which
// cost as much as the kernel. What it does not send goes that way: what comes before the handshake is over, all that
// goes over other connections than UDP, and retransmissions.
type outward struct {
	way  atomic.Pointer[way] // nil: pion's
	said atomic.Bool         // something went this way since the last half beat

	mu      sync.Mutex
	context *srtp.Context // nil before the handshake
	header  rtp.Header
	packet  []byte // since something is sent
}

// way is where ICE found the browser.
type way struct {
	via *socket
	to  netip.AddrPort
}

// open begins: the handshake is over.
func (o *outward) open(context *srtp.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.context == nil {
		o.context = context
	}
}

// send tells whether it sent the packet. One that is shown is sealed here, and goes by way of pion.
func (o *outward) send(h *rtp.Header, payload []byte, shown bool) bool {
	at := o.way.Load()
	if at == nil && !shown {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.context == nil {
		return false
	}
	sealed, ok := o.seal(h, payload)
	if !ok || shown {
		return false
	}
	at.via.Post(sealed, at.to)
	if !o.said.Load() {
		o.said.Store(true)
	}
	return true
}

// seal holds mu. Sealed twice, a packet is the same: no key stream is used for two.
func (o *outward) seal(h *rtp.Header, payload []byte) (sealed []byte, ok bool) {
	if o.packet == nil {
		o.packet = make([]byte, media.MaxDatagram)
	}
	n, err := h.MarshalTo(o.packet)
	if err != nil || n+len(payload) > len(o.packet) {
		return nil, false
	}
	n += copy(o.packet[n:], payload)
	sealed, err = o.context.EncryptRTP(o.packet[:0], o.packet[:n], &o.header)
	return sealed, err == nil
}

// writer sends one stream to a browser: outward, or as pion does.
type writer struct {
	pion.TrackLocalWriter
	ssrc   uint32
	of     *outward
	unseen atomic.Uint32 // packets since one was shown
}

// WriteRTP implements pion.TrackLocalWriter.
func (w *writer) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	if h.SSRC == w.ssrc && w.of.send(h, payload, w.unseen.Add(1)%mostUnseen == 0) {
		return len(payload), nil
	}
	return w.TrackLocalWriter.WriteRTP(h, payload)
}
