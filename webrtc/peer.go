package webrtc

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

// peer is one peer connection with a browser. A leg outlives its peers: a reloaded tab makes a new one.
type peer struct {
	pc   *pion.PeerConnection
	made time.Time

	first sync.Once   // it connects
	live  atomic.Bool // media can flow
	quiet int         // of the beats: how many in a row it has heard nothing else
	shut  func()      // takes it out of the endpoint's

	secrets straight.Secrets
	direct  *direct

	mu      sync.Mutex
	readers map[lineRID]*sfu.Reader
}

// gathering is local work only: an agent with muxed sockets asks nobody.
const gathering = 5 * time.Second

// newPeer makes a peer connection; state is told whether media can flow, each time that changes, from pion's
// goroutines. The interceptors see what the browser sends, all of it.
func (e *Endpoint) newPeer(kind string, engine *pion.MediaEngine, state func(p *peer, live bool),
	interceptors ...interceptor.Factory) (*peer, error) {
	certs, err := e.certs.get()
	if err != nil {
		return nil, err
	}
	p := &peer{made: time.Now(), readers: map[lineRID]*sfu.Reader{}}
	settings, via := e.net.settings, newPassage()
	p.secrets.Watch(&settings)
	api := pion.NewAPI(pion.WithMediaEngine(engine), pion.WithSettingEngine(settings),
		pion.WithInterceptorRegistry(via.around(interceptors...)))
	if p.pc, err = api.NewPeerConnection(pion.Configuration{Certificates: certs}); err != nil {
		return nil, err
	}
	p.direct = e.net.directs.follow(p.pc, via, e.net.show, e.net.way)
	e.metrics.peers.WithLabelValues(kind).Inc()
	p.shut = func() {
		e.peers.Delete(p)
		e.net.directs.drop(p.direct)
	}
	e.peers.Store(p, nil)
	p.pc.OnConnectionStateChange(func(s pion.PeerConnectionState) { p.changed(e, s, state) })
	p.pc.OnTrack(func(remote *pion.TrackRemote, receiver *pion.RTPReceiver) { p.takes(e, remote, receiver) })
	return p, nil
}

// takes reads a stream of the browser's.
func (p *peer) takes(e *Endpoint, remote *pion.TrackRemote, receiver *pion.RTPReceiver) {
	r := p.reader(receiver.RTPTransceiver().Mid(), remote.RID())
	p.direct.read(uint32(remote.SSRC()), r)
	e.tasks.Go(func() { r.Run(remote) })
	p.direct.reports.Hear(uint32(remote.SSRC()), r.Report)
	p.direct.reports.Read(func() { e.tasks.Go(func() { r.Reports(receiver, remote.RID()) }) })
}

// reader is the one of the line mid, and of one size of its video when it comes in several.
func (p *peer) reader(mid, rid string) *sfu.Reader {
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
func (p *peer) changed(e *Endpoint, s pion.PeerConnectionState, state func(*peer, bool)) {
	p.live.Store(s == pion.PeerConnectionStateConnected)
	switch s {
	case pion.PeerConnectionStateConnected:
		p.first.Do(func() { p.begins(e) })
		state(p, true)
	case pion.PeerConnectionStateConnecting, pion.PeerConnectionStateDisconnected, pion.PeerConnectionStateFailed,
		pion.PeerConnectionStateClosed:
		state(p, false)
	}
}

// begins: the handshake is over.
func (p *peer) begins(e *Endpoint) {
	e.metrics.connected.Observe(time.Since(p.made).Seconds())
	if err := p.direct.open(&p.secrets); err != nil {
		e.log.Warn("packets of a browser take the long way", "error", err)
		p.direct.reports.ByPion()
	}
}

// answer runs an offer of the browser through the connection; prepare works on it once its lines are known.
func (p *peer) answer(o *offer, prepare func() error) (string, error) {
	if err := p.pc.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeOffer, SDP: o.sdp}); err != nil {
		return "", badSDP(err.Error())
	}
	if err := prepare(); err != nil {
		return "", err
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", badSDP(err.Error())
	}
	return p.setLocal(answer)
}

// offer proposes what the connection has now, over another way if restart.
func (p *peer) offer(restart bool) (string, error) {
	offer, err := p.pc.CreateOffer(&pion.OfferOptions{ICERestart: restart})
	if err != nil {
		return "", err
	}
	return p.setLocal(offer)
}

func (p *peer) setLocal(desc pion.SessionDescription) (string, error) {
	gathered := pion.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(desc); err != nil {
		return "", err
	}
	select {
	case <-gathered:
		return p.pc.LocalDescription().SDP, nil
	case <-time.After(gathering):
		return "", errors.New("gathering ICE candidates took too long: check the webrtc.udp addresses")
	}
}

// close ends the connection and waits for its goroutines.
func (p *peer) close() {
	p.shut()
	_ = p.pc.GracefulClose()
}

// Writer implements sfu.Carrier.
func (p *peer) Writer(by pion.TrackLocalWriter, ssrc uint32) pion.TrackLocalWriter {
	return &writer{TrackLocalWriter: by, ssrc: ssrc, of: &p.direct.out}
}

// WriteRTCP implements sfu.Carrier.
func (p *peer) WriteRTCP(packets []rtcp.Packet) error { return p.pc.WriteRTCP(packets) }

// transceiver is the one of an m-line.
func (p *peer) transceiver(mid string) *pion.RTPTransceiver {
	for _, t := range p.pc.GetTransceivers() {
		if t.Mid() == mid {
			return t
		}
	}
	return nil
}
