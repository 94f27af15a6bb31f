package webrtc

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/turn/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// ICEServer is an RTCIceServer for the browser's RTCPeerConnection.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username"`
	Credential string   `json:"credential"`
}

const (
	turnRealm    = "frontdesk"
	turnLifetime = time.Hour // of a log-in; an allocation made in that time may be kept for a day
	turnKept     = 24 * time.Hour
)

// relay is the embedded TURN server. It relays to our own media sockets and nowhere else.
type relay struct {
	config TURNConfig
	server *turn.Server
	urls   []string
	local  net.IP
	media  []*net.UDPAddr
	extern net.IP // what media addresses are called outside; nil: as they are
	count  prometheus.Gauge

	mu   sync.Mutex
	used map[string]int // allocations by user
}

// newRelay starts the relay, or returns nil when none is configured.
func newRelay(c Config, media []*net.UDPAddr, log *slog.Logger, count prometheus.Gauge) (*relay, error) {
	if !c.TURN.enabled() {
		return nil, nil
	}
	r := &relay{config: c.TURN, media: media, extern: net.ParseIP(c.ExternalIP), count: count, used: map[string]int{}}
	host, _, err := net.SplitHostPort(cmp.Or(c.TURN.UDP, c.TURN.TCP))
	if err != nil {
		return nil, fmt.Errorf("turn: want host:port: %w", err)
	}
	if r.local = net.ParseIP(cmp.Or(c.TURN.RelayIP, host)); r.local == nil || r.local.IsUnspecified() {
		return nil, errors.New("turn.relay_ip: want an IP address of this machine")
	}
	public := cmp.Or(c.TURN.Public, c.ExternalIP, r.local.String())
	config := turn.ServerConfig{Realm: turnRealm, AuthHandler: r.login, QuotaHandler: r.fits,
		LoggerFactory: pionLog(log),
		EventHandler: turn.EventHandler{
			OnAllocationCreated: func(_, _ net.Addr, _, user, _ string, _ net.Addr, _ int) { r.changed(user, 1) },
			OnAllocationDeleted: func(_, _ net.Addr, _, user, _ string) { r.changed(user, -1) },
		}}
	if err := r.listen(&config, public); err != nil {
		return nil, err
	}
	r.server, err = turn.NewServer(config)
	return r, err
}

func (r *relay) listen(config *turn.ServerConfig, public string) error {
	if r.config.UDP != "" {
		conn, err := net.ListenPacket("udp", r.config.UDP)
		if err != nil {
			return fmt.Errorf("turn: %w", err)
		}
		config.PacketConnConfigs = []turn.PacketConnConfig{{PacketConn: conn, RelayAddressGenerator: r,
			PermissionHandler: r.permits}}
		r.tell(public, conn.LocalAddr(), "udp")
	}
	if r.config.TCP != "" {
		listener, err := net.Listen("tcp", r.config.TCP)
		if err != nil {
			return fmt.Errorf("turn: %w", err)
		}
		config.ListenerConfigs = []turn.ListenerConfig{{Listener: listener, RelayAddressGenerator: r,
			PermissionHandler: r.permits}}
		r.tell(public, listener.Addr(), "tcp")
	}
	return nil
}

func (r *relay) tell(public string, bound net.Addr, network string) {
	_, port, _ := net.SplitHostPort(bound.String())
	r.urls = append(r.urls, "turn:"+net.JoinHostPort(public, port)+"?transport="+network)
}

func (r *relay) close() {
	if r != nil {
		_ = r.server.Close()
	}
}

// logIn is the log-in of a user, good for an hour.
func (r *relay) logIn(user string) ICEServer {
	name := strconv.FormatInt(time.Now().Add(turnLifetime).Unix(), 10) + ":" + user
	return ICEServer{URLs: r.urls, Username: name, Credential: r.password(name)}
}

// password of a user name, as the TURN REST draft (draft-uberti-behave-turn-rest-00 §2.2) makes it.
func (r *relay) password(name string) string {
	mac := hmac.New(sha1.New, []byte(r.config.Secret))
	mac.Write([]byte(name))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// login checks "unix time:user": new allocations want it fresh, what keeps an allocation alive may be older.
func (r *relay) login(ask *turn.RequestAttributes) (user string, key []byte, ok bool) {
	stamp, user, _ := strings.Cut(ask.Username, ":")
	until, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || user == "" {
		return "", nil, false
	}
	deadline := time.Unix(until, 0)
	if ask.Method.String() != "Allocate" {
		deadline = deadline.Add(turnKept)
	}
	return user, turn.GenerateAuthKey(ask.Username, ask.Realm, r.password(ask.Username)), time.Now().Before(deadline)
}

// fits tells whether the user may have one more allocation.
func (r *relay) fits(user, _ string, _ net.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used[user] < r.config.MaxUser
}

func (r *relay) changed(user string, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used[user] += by
	if r.used[user] <= 0 {
		delete(r.used, user)
	}
	r.count.Add(float64(by))
}

// permits lets clients talk to the IPs we take media on; fence has the ports.
func (r *relay) permits(_ net.Addr, peer net.IP) bool {
	for _, m := range r.media {
		if m.IP.Equal(peer) {
			return true
		}
	}
	return r.extern != nil && r.extern.Equal(peer)
}

// Validate implements turn.RelayAddressGenerator.
func (r *relay) Validate() error { return nil }

// AllocatePacketConn implements turn.RelayAddressGenerator.
func (r *relay) AllocatePacketConn(turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: r.local})
	if err != nil {
		return nil, nil, err
	}
	return &fence{PacketConn: conn, relay: r}, conn.LocalAddr(), nil
}

var errNoTCP = errors.New("this relay gives UDP allocations only")

// AllocateListener implements turn.RelayAddressGenerator: TCP allocations (RFC 6062) are of no use to WebRTC.
func (r *relay) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoTCP
}

// AllocateConn implements turn.RelayAddressGenerator.
func (r *relay) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNoTCP }

// fence is a relayed socket that reaches our media sockets only, and hears them only.
type fence struct {
	net.PacketConn
	relay *relay
}

// WriteTo drops what is not for us, as a firewall would.
func (f *fence) WriteTo(b []byte, to net.Addr) (int, error) {
	addr, ok := to.(*net.UDPAddr)
	if !ok {
		return len(b), nil
	}
	for _, m := range f.relay.media {
		if m.Port == addr.Port && (m.IP.Equal(addr.IP) || f.relay.extern.Equal(addr.IP)) {
			return f.PacketConn.WriteTo(b, m)
		}
	}
	return len(b), nil
}

// ReadFrom gives media addresses the name the client knows them by.
func (f *fence) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := f.PacketConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		addr := from.(*net.UDPAddr)
		for _, m := range f.relay.media {
			if m.Port == addr.Port && m.IP.Equal(addr.IP) {
				return n, f.relay.named(m), nil
			}
		}
	}
}

func (r *relay) named(m *net.UDPAddr) *net.UDPAddr {
	if r.extern == nil {
		return m
	}
	return &net.UDPAddr{IP: r.extern, Port: m.Port}
}
