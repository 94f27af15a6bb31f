// Package peer is peer connections with browsers, and what all of them share: the sockets, certificates and the way of
// packets between a socket and a track, past pion. What is negotiated on a connection is up to who makes it.
package peer

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v5/stdnet"
	pion "github.com/pion/webrtc/v4"

	media "frontdesk/media/net"
)

// Config of a Transport.
type Config struct {
	// which carries media, beside what else is on it; the caller closes it. Nil: one of its own
	Network    media.Network
	UDP        []string // ip:port to take media on, a socket each; port 0 picks one
	TCP        string   // host:port for browsers whose network blocks UDP; empty: none
	ExternalIP string   // what browsers are told instead of the bound IPs; empty: those
	Loopback   bool     // allow 127.0.0.0/8 as candidates
	// without media from a browser that is there, until its leg ends: ICE tells it in half of that
	MediaTimeout time.Duration
}

// Transport is what all peer connections share: a socket per address, told apart by ICE user name. Make it with Open.
type Transport struct {
	log      *slog.Logger
	metrics  *metrics
	certs    certificates
	tasks    sync.WaitGroup
	life     context.Context // until Close
	end      func()
	peers    sync.Map // all that are open: *Peer
	settings pion.SettingEngine
	udp      *ice.MultiUDPMuxDefault
	tcp      ice.TCPMux // nil when there is none
	listener net.Listener
	network  media.Network
	shared   bool // the network is closed by who gave it
	directs  *directs
	show     time.Duration // how often pion must see that a browser is there
	sockets  []*socket
}

const (
	tcpBuffer   = 4 << 20 // bytes that may wait for a slow way: bursts of keyframes
	tcpFirst    = 5 * time.Second
	iceGone     = 5 * time.Second // browsers check consent at least that often (RFC 7675 §5.1)
	iceLinger   = time.Hour       // the leg's own timeout decides, and until then ICE may recover
	icePresence = 2 * time.Second
)

// bind opens the sockets.
func (t *Transport) bind(c Config) error {
	var muxes []ice.UDPMux
	for _, addr := range c.UDP {
		s, err := t.listen(addr)
		if err != nil {
			return fmt.Errorf("media socket: %w", err)
		}
		t.sockets = append(t.sockets, s)
		muxes = append(muxes, ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: s, Logger: t.logger("udp")}))
	}
	t.udp = ice.NewMultiUDPMuxDefault(muxes...)
	if c.TCP == "" {
		return nil
	}
	listener, err := net.Listen("tcp", c.TCP)
	if err != nil {
		return fmt.Errorf("media socket: %w", err)
	}
	t.listener = listener
	t.tcp = ice.NewTCPMuxDefault(ice.TCPMuxParams{Listener: listener, Logger: t.logger("tcp"), ReadBufferSize: 64,
		WriteBufferSize: tcpBuffer, FirstStunBindTimeout: tcpFirst})
	return nil
}

func (t *Transport) listen(addr string) (*socket, error) {
	local, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	under, err := t.network.Listen(local)
	if err != nil {
		return nil, err
	}
	return newSocket(under, t.directs.take, t.directs.answered), nil
}

func (t *Transport) logger(scope string) logging.LeveledLogger {
	return t.settings.LoggerFactory.NewLogger(scope)
}

// configure sets what every peer connection has in common: ICE-lite, the DTLS server's part, ciphers.
func (t *Transport) configure(c Config) error {
	s := &t.settings
	s.SetLite(true)
	s.SetICEUDPMux(t.udp)
	networks := []pion.NetworkType{pion.NetworkTypeUDP4, pion.NetworkTypeUDP6}
	if t.tcp != nil {
		s.SetICETCPMux(t.tcp)
		networks = append(networks, pion.NetworkTypeTCP4, pion.NetworkTypeTCP6)
	}
	s.SetNetworkTypes(networks)
	s.SetIncludeLoopbackCandidate(c.Loopback)
	local, err := stdnet.NewNet() // one that all share: it holds a list of the machine's interfaces
	if err != nil {
		return err
	}
	s.SetNet(local)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	gone := min(iceGone, c.MediaTimeout/2)
	t.show = gone * 3 / 5 // browsers' own checks come sooner, mostly
	s.SetICETimeouts(gone, iceLinger, icePresence)
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AEAD_AES_128_GCM,
		dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	s.SetFireOnTrackBeforeFirstRTP(true) // or a first packet of an unknown payload type hides the track for good
	if err := s.SetAnsweringDTLSRole(pion.DTLSRoleServer); err != nil {
		return err
	}
	if c.ExternalIP == "" {
		return nil
	}
	return s.SetICEAddressRewriteRules(pion.ICEAddressRewriteRule{External: []string{c.ExternalIP},
		AsCandidateType: pion.ICECandidateTypeHost, Mode: pion.ICEAddressRewriteReplace})
}

// Addrs are where media is taken, over UDP.
func (t *Transport) Addrs() []*net.UDPAddr {
	var list []*net.UDPAddr
	for _, s := range t.sockets {
		list = append(list, net.UDPAddrFromAddrPort(s.Addr()))
	}
	return list
}

// way is the one to a browser where ICE selected a pair; nil if not by UDP, or if it can't be told from which socket.
func (t *Transport) way(pair *pion.ICECandidatePair) *way {
	to := source(pair)
	if !to.IsValid() {
		return nil
	}
	var same, port []*socket
	for _, s := range t.sockets {
		if s.Addr().Port() != pair.Local.Port {
			continue
		}
		if port = append(port, s); s.Addr().Addr().String() == pair.Local.Address {
			same = append(same, s)
		}
	}
	for _, found := range [][]*socket{same, port} { // browsers may be told another address than ours
		if len(found) == 1 {
			return &way{via: found[0], to: to}
		}
	}
	return nil
}

// Close ends what is left, and closes the sockets. It may be called again.
func (t *Transport) Close() {
	t.end()
	t.tasks.Wait()
	if t.udp != nil {
		_ = t.udp.Close()
	}
	if t.tcp != nil {
		_ = t.tcp.Close()
	}
	for _, s := range t.sockets {
		_ = s.Close()
	}
	if !t.shared {
		t.network.Close()
	}
	if t.listener != nil {
		_ = t.listener.Close()
	}
}

// Log leads pion's warnings into ours, at debug level: they are about single packets and peers.
func Log(log *slog.Logger) logging.LoggerFactory {
	return &loggers{all: map[string]logging.LeveledLogger{},
		make: &logging.DefaultLoggerFactory{Writer: lines{log}, DefaultLogLevel: logging.LogLevelWarn}}
}

// loggers gives all connections one for each scope.
type loggers struct {
	make logging.LoggerFactory
	mu   sync.Mutex
	all  map[string]logging.LeveledLogger
}

// NewLogger implements logging.LoggerFactory.
func (l *loggers) NewLogger(scope string) logging.LeveledLogger {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all[scope] == nil {
		l.all[scope] = l.make.NewLogger(scope)
	}
	return l.all[scope]
}

type lines struct{ log *slog.Logger }

func (l lines) Write(line []byte) (int, error) {
	l.log.Debug("pion", "message", strings.TrimSpace(string(line)))
	return len(line), nil
}
