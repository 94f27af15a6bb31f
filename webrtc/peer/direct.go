package peer

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	pion "github.com/pion/webrtc/v4"

	media "frontdesk/media/net"
	"frontdesk/webrtc/sfu"
	"frontdesk/webrtc/straight"
)

// directs takes browsers' RTP straight from where it is read to who wants it. Through pion each packet takes four
// goroutines, which cost more than all else about it. What is not known here goes that way: all other protocols, the
// first packets of a stream, other connections than UDP.
type directs struct {
	mu  sync.Mutex                                 // of changes
	all atomic.Pointer[map[netip.AddrPort]*direct] // by where it comes from
}

func newDirects() *directs {
	d := &directs{}
	d.all.Store(&map[netip.AddrPort]*direct{})
	return d
}

// take takes a datagram. It returns what of it is left to pion.
func (d *directs) take(data []byte, from netip.AddrPort) (left []byte) {
	if len(data) < 12 || data[0]>>6 != 2 {
		return data
	}
	of := (*d.all.Load())[from]
	switch {
	case of == nil:
		return data
	case !isRTP(data):
		return of.report(data)
	}
	return of.take(data)
}

// answered notes that pion has answered a browser's check: it knows that the browser is there.
func (d *directs) answered(to netip.AddrPort) {
	if of := (*d.all.Load())[to]; of != nil {
		of.mu.Lock()
		defer of.mu.Unlock()
		of.shown = time.Now()
	}
}

// put says where a peer's packets come from: no others are believed. The zero address: nowhere.
func (d *directs) put(of *direct, from netip.AddrPort) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := maps.Clone(*d.all.Load())
	maps.DeleteFunc(all, func(_ netip.AddrPort, x *direct) bool { return x == of })
	if from.IsValid() && !of.over {
		all[from] = of
	}
	d.all.Store(&all)
}

// drop forgets a peer that is closed.
func (d *directs) drop(of *direct) {
	d.mu.Lock()
	of.over = true
	d.mu.Unlock()
	d.put(of, netip.AddrPort{})
}

// straight is of how many browsers packets are opened here, and to how many some went out since the last half beat.
func (d *directs) straight() (opened, sent int) {
	for _, of := range *d.all.Load() {
		if of.opens() {
			opened++
		}
		if of.out.said.Load() {
			sent++
		}
	}
	return opened, sent
}

// direct is a peer whose packets are opened here.
type direct struct {
	via  *passage
	over bool          // under directs.mu
	show time.Duration // how often pion must see that the browser is there

	mu      sync.Mutex
	context *srtp.Context // nil before the handshake
	streams map[uint32]*stream
	shown   time.Time
	other   time.Time // when a packet came of a stream that is pion's, such as a retransmission
	header  rtp.Header
	plain   []byte // since something is read

	passenger *passenger // since somebody must see what is read
	reports   straight.Reports
	out       outward
}

// stream is one that has a reader.
type stream struct {
	to     *sfu.Reader
	chain  interceptor.RTPReader // of those who must see its packets; nil: nobody
	proven bool                  // a packet of it was opened
}

// follow has a connection's packets taken where ICE selected a pair.
func (d *directs) follow(pc *pion.PeerConnection, via *passage, show time.Duration,
	from func(*pion.ICECandidatePair) *way) *direct {
	of := &direct{via: via, show: show, streams: map[uint32]*stream{}}
	of.reports.Pions = via.used
	pc.SCTP().Transport().ICETransport().OnSelectedCandidatePairChange(func(pair *pion.ICECandidatePair) {
		at := source(pair)
		d.put(of, at)
		of.out.way.Store(from(pair))
		if !at.IsValid() {
			of.reports.ByPion()
		}
	})
	return of
}

// source is where the browser sends from, the zero address if not by UDP.
func source(pair *pion.ICECandidatePair) netip.AddrPort {
	ip, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil || pair.Remote.Protocol != pion.ICEProtocolUDP {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip.Unmap(), pair.Remote.Port)
}

// open begins: the handshake is over.
func (d *direct) open(s *straight.Secrets) error {
	opens, seals, err := s.Contexts()
	if err != nil {
		return err
	}
	d.out.open(seals)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.context == nil {
		d.context = opens
	}
	return nil
}

// read has a stream go to a reader.
func (d *direct) read(ssrc uint32, to *sfu.Reader) {
	chain := d.via.chain(ssrc)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.streams[ssrc] = &stream{to: to, chain: chain}
	if d.plain == nil {
		d.plain = make([]byte, media.MaxDatagram)
	}
	if d.passenger == nil && chain != nil {
		d.passenger = &passenger{}
	}
}

// repairing is how long after a retransmission the packets of video are shown to pion: it gives out what a
// retransmission brought only after another packet of the stream that it repairs.
const repairing = 100 * time.Millisecond

// take opens a packet and passes it on. It returns what pion shall have.
func (d *direct) take(data []byte) (left []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ssrc := binary.BigEndian.Uint32(data[8:])
	s := d.streams[ssrc]
	if s == nil || d.context == nil {
		d.other = time.Now()
		return data
	}
	plain, ok := d.opened(s, ssrc, data)
	switch {
	case ok:
	case s.proven:
		return nil // forged or repeated
	default:
		return data
	}
	now := time.Now()
	if now.Sub(d.other) < repairing && s.to.Asks() { // pion's interceptors see it, too
		s.to.Known(d.header.SequenceNumber)
		d.shown, left = now, data
	} else if left = d.alive(now); s.chain != nil {
		d.passenger.goes(s.chain, plain)
	}
	s.to.Receive(plain)
	return left
}

// indication is one of STUN without attributes (RFC 8489 §5), of the method Binding: of all that says that a browser is
// there, what costs pion least.
const indication = "\x00\x11\x00\x00\x21\x12\xa4\x42" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// opens tells whether a packet of the browser was opened here.
func (d *direct) opens() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.streams {
		if s.proven {
			return true
		}
	}
	return false
}

// alive is what pion is to see, once it has seen nothing of the browser for a while. It holds mu.
func (d *direct) alive(now time.Time) []byte {
	if now.Sub(d.shown) < d.show {
		return nil
	}
	d.shown = now
	return []byte(indication)
}

// opened is the packet in plain. It may be that the stream's numbers went round once before its first packet here
// (RFC 3711 §3.3.1).
func (d *direct) opened(s *stream, ssrc uint32, data []byte) (plain []byte, ok bool) {
	plain, err := d.context.DecryptRTP(d.plain[:0], data, &d.header)
	for _, round := range []uint32{1, 0} {
		if err == nil || s.proven {
			break
		}
		d.context.SetROC(ssrc, round)
		plain, err = d.context.DecryptRTP(d.plain[:0], data, &d.header)
	}
	s.proven = s.proven || err == nil
	return plain, err == nil
}

// report takes what a browser reports. It returns what of it is left to pion.
func (d *direct) report(data []byte) (left []byte) {
	packets, left := d.reported(data)
	d.reports.Tell(packets)
	return left
}

func (d *direct) reported(data []byte) (packets []rtcp.Packet, left []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.context == nil || d.reports.Pions {
		return nil, data
	}
	plain, err := d.context.DecryptRTCP(data, data, nil)
	if err != nil {
		return nil, nil // forged or repeated
	}
	packets, _ = rtcp.Unmarshal(plain) // of what is no RTCP, nothing
	return packets, d.alive(time.Now())
}
