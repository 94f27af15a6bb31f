package peer

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/webrtc/sfu"
	"frontdesk/webrtc/straight"
)

// Peer is one peer connection with a browser. A leg outlives its peers: a reloaded tab makes a new one.
type Peer struct {
	Conn *pion.PeerConnection
	of   *Transport
	made time.Time

	first sync.Once   // it connects
	live  atomic.Bool // media can flow
	quiet int         // of the beats: how many in a row it has heard nothing else

	secrets straight.Secrets
	direct  *direct

	mu      sync.Mutex
	readers map[lineRID]*sfu.Reader
}

// gathering is local work only: an agent with muxed sockets asks nobody.
const gathering = 5 * time.Second

// New makes a peer connection of a kind, for the metrics; state is told whether media can flow, each time that changes,
// from pion's goroutines. The interceptors see what the browser sends, all of it.
func (t *Transport) New(kind string, engine *pion.MediaEngine, state func(p *Peer, live bool),
	interceptors ...interceptor.Factory) (*Peer, error) {
	certs, err := t.certs.get()
	if err != nil {
		return nil, err
	}
	p := &Peer{of: t, made: time.Now(), readers: map[lineRID]*sfu.Reader{}}
	settings, via := t.settings, newPassage()
	p.secrets.Watch(&settings)
	api := pion.NewAPI(pion.WithMediaEngine(engine), pion.WithSettingEngine(settings),
		pion.WithInterceptorRegistry(via.around(interceptors...)))
	if p.Conn, err = api.NewPeerConnection(pion.Configuration{Certificates: certs}); err != nil {
		return nil, err
	}
	p.direct = t.directs.follow(p.Conn, via, t.show, t.way)
	t.metrics.peers.WithLabelValues(kind).Inc()
	t.peers.Store(p, nil)
	p.Conn.OnConnectionStateChange(func(s pion.PeerConnectionState) { p.changed(s, state) })
	p.Conn.OnTrack(p.takes)
	return p, nil
}

// takes reads a stream of the browser's.
func (p *Peer) takes(remote *pion.TrackRemote, receiver *pion.RTPReceiver) {
	r := p.Reader(receiver.RTPTransceiver().Mid(), remote.RID())
	p.direct.read(uint32(remote.SSRC()), r)
	p.of.tasks.Go(func() { r.Run(remote) })
	p.Reports().Hear(uint32(remote.SSRC()), r.Report)
	p.Reports().Read(func() { p.of.tasks.Go(func() { r.Reports(receiver, remote.RID()) }) })
}

// Reports tells who wants to know what the browser reports, by stream.
func (p *Peer) Reports() *straight.Reports { return &p.direct.reports }

// Reader is the one of the line mid, and of one size of its video when it comes in several.
func (p *Peer) Reader(mid, rid string) *sfu.Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := lineRID{mid, rid}
	if p.readers[key] == nil {
		p.readers[key] = sfu.NewReader(p.WriteRTCP)
	}
	return p.readers[key]
}

// lineRID names what comes in one stream (RFC 8851).
type lineRID struct{ mid, rid string }

// changed: a connection that restarts ICE is connecting again.
func (p *Peer) changed(s pion.PeerConnectionState, state func(*Peer, bool)) {
	p.live.Store(s == pion.PeerConnectionStateConnected)
	switch s {
	case pion.PeerConnectionStateConnected:
		p.first.Do(p.begins)
		state(p, true)
	case pion.PeerConnectionStateConnecting, pion.PeerConnectionStateDisconnected, pion.PeerConnectionStateFailed,
		pion.PeerConnectionStateClosed:
		state(p, false)
	}
}

// begins: the handshake is over.
func (p *Peer) begins() {
	p.of.metrics.connected.Observe(time.Since(p.made).Seconds())
	if err := p.direct.open(&p.secrets); err != nil {
		p.of.log.Warn("packets of a browser take the long way", "error", err)
		p.Reports().ByPion()
	}
}

// BadOffer is an error: what the browser offers can't be answered.
type BadOffer struct{ error }

// Answer runs an offer of the browser through the connection; prepare works on it once its lines are known. Errors:
// BadOffer, and those of prepare.
func (p *Peer) Answer(offer string, prepare func() error) (string, error) {
	if err := p.Conn.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeOffer, SDP: offer}); err != nil {
		return "", BadOffer{err}
	}
	if err := prepare(); err != nil {
		return "", err
	}
	answer, err := p.Conn.CreateAnswer(nil)
	if err != nil {
		return "", BadOffer{err}
	}
	return p.setLocal(answer)
}

// Offer proposes what the connection has now, over another way if restart.
func (p *Peer) Offer(restart bool) (string, error) {
	offer, err := p.Conn.CreateOffer(&pion.OfferOptions{ICERestart: restart})
	if err != nil {
		return "", err
	}
	return p.setLocal(offer)
}

func (p *Peer) setLocal(desc pion.SessionDescription) (string, error) {
	gathered := pion.GatheringCompletePromise(p.Conn)
	if err := p.Conn.SetLocalDescription(desc); err != nil {
		return "", err
	}
	select {
	case <-gathered:
		return p.Conn.LocalDescription().SDP, nil
	case <-time.After(gathering):
		return "", errors.New("gathering ICE candidates took too long: check the webrtc.udp addresses")
	}
}

// Close ends the connection and waits for its goroutines.
func (p *Peer) Close() {
	p.of.peers.Delete(p)
	p.of.directs.drop(p.direct)
	_ = p.Conn.GracefulClose()
}

// Writer implements sfu.Carrier.
func (p *Peer) Writer(by pion.TrackLocalWriter, ssrc uint32) pion.TrackLocalWriter {
	return &writer{TrackLocalWriter: by, ssrc: ssrc, of: &p.direct.out}
}

// WriteRTCP implements sfu.Carrier.
func (p *Peer) WriteRTCP(packets []rtcp.Packet) error { return p.Conn.WriteRTCP(packets) }

// Transceiver is the one of an m-line; nil: there is none.
func (p *Peer) Transceiver(mid string) *pion.RTPTransceiver {
	for _, t := range p.Conn.GetTransceivers() {
		if t.Mid() == mid {
			return t
		}
	}
	return nil
}
