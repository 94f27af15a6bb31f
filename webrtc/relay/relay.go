// Package relay is the embedded TURN server (RFC 8656), for browsers whose network lets them reach nothing but it. It
// relays to our own media sockets and nowhere else.
package relay

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// ICEServer is an RTCIceServer for the browser's RTCPeerConnection.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username"`
	Credential string   `json:"credential"`
}

// Config of the relay.
type Config struct {
	UDP     string `yaml:"udp"`      // host:port to listen on; empty: no UDP
	TCP     string `yaml:"tcp"`      // the same for TCP; both empty: no relay
	Secret  string `yaml:"secret"`   // the log-ins are made from it; 16 bytes or more
	RelayIP string `yaml:"relay_ip"` // IP of ours that relayed packets leave from. Default: that of UDP or TCP
	Public  string `yaml:"public"`   // host or IP browsers are told. Default: the external IP, else RelayIP
	MaxUser int    `yaml:"max_user"` // allocations of one user. Default 8
}

// Enabled tells whether a relay is wanted.
func (c Config) Enabled() bool { return c.UDP != "" || c.TCP != "" }

const (
	realm    = "frontdesk"
	lifetime = time.Hour // of a log-in; an allocation made in that time may be kept for a day
	kept     = 24 * time.Hour
)

// Relay is a running relay. LogIn and Close may be called on nil, which is none.
type Relay struct {
	config Config
	server *turn.Server
	urls   []string
	local  net.IP
	media  []*net.UDPAddr
	extern net.IP // what media addresses are called outside; nil: as they are
	count  prometheus.Gauge

	mu   sync.Mutex
	used map[string]int // allocations by user
}

// New starts the relay, or returns nil when none is wanted. media are the sockets to relay to, and external the IP that
// they are known by outside, "" where it is theirs.
func New(c Config, media []*net.UDPAddr, external string, log logging.LoggerFactory,
	count prometheus.Gauge) (*Relay, error) {
	if !c.Enabled() {
		return nil, nil
	}
	if len(c.Secret) < 16 {
		return nil, errors.New("turn.secret: want 16 bytes or more")
	}
	c.MaxUser = cmp.Or(c.MaxUser, 8)
	r := &Relay{config: c, media: media, extern: net.ParseIP(external), count: count, used: map[string]int{}}
	host, _, err := net.SplitHostPort(cmp.Or(c.UDP, c.TCP))
	if err != nil {
		return nil, fmt.Errorf("turn: want host:port: %w", err)
	}
	if r.local = net.ParseIP(cmp.Or(c.RelayIP, host)); r.local == nil || r.local.IsUnspecified() {
		return nil, errors.New("turn.relay_ip: want an IP address of this machine")
	}
	public := cmp.Or(c.Public, external, r.local.String())
	config := turn.ServerConfig{Realm: realm, AuthHandler: r.login, QuotaHandler: r.fits,
		LoggerFactory: log,
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

func (r *Relay) listen(config *turn.ServerConfig, public string) error {
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

func (r *Relay) tell(public string, bound net.Addr, network string) {
	_, port, _ := net.SplitHostPort(bound.String())
	r.urls = append(r.urls, "turn:"+net.JoinHostPort(public, port)+"?transport="+network)
}

// Close ends it, and what it relays.
func (r *Relay) Close() {
	if r != nil {
		_ = r.server.Close()
	}
}

// LogIn is what a browser of the user needs to use it, good for an hour; empty where there is no relay.
func (r *Relay) LogIn(user string) []ICEServer {
	if r == nil {
		return []ICEServer{}
	}
	name := strconv.FormatInt(time.Now().Add(lifetime).Unix(), 10) + ":" + user
	return []ICEServer{{URLs: r.urls, Username: name, Credential: r.password(name)}}
}

// password of a user name, as the TURN REST draft (draft-uberti-behave-turn-rest-00 §2.2) makes it.
func (r *Relay) password(name string) string {
	mac := hmac.New(sha1.New, []byte(r.config.Secret))
	mac.Write([]byte(name))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// login checks "unix time:user": new allocations want it fresh, what keeps an allocation alive may be older.
func (r *Relay) login(ask *turn.RequestAttributes) (user string, key []byte, ok bool) {
	stamp, user, _ := strings.Cut(ask.Username, ":")
	until, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || user == "" {
		return "", nil, false
	}
	deadline := time.Unix(until, 0)
	if ask.Method.String() != "Allocate" {
		deadline = deadline.Add(kept)
	}
	return user, turn.GenerateAuthKey(ask.Username, ask.Realm, r.password(ask.Username)), time.Now().Before(deadline)
}

// fits tells whether the user may have one more allocation.
func (r *Relay) fits(user, _ string, _ net.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used[user] < r.config.MaxUser
}

func (r *Relay) changed(user string, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used[user] += by
	if r.used[user] <= 0 {
		delete(r.used, user)
	}
	r.count.Add(float64(by))
}

// permits lets clients talk to the IPs we take media on; fence has the ports.
func (r *Relay) permits(_ net.Addr, peer net.IP) bool {
	for _, m := range r.media {
		if m.IP.Equal(peer) {
			return true
		}
	}
	return r.extern != nil && r.extern.Equal(peer)
}

// Validate implements turn.RelayAddressGenerator.
func (r *Relay) Validate() error { return nil }

// AllocatePacketConn implements turn.RelayAddressGenerator.
func (r *Relay) AllocatePacketConn(turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: r.local})
	if err != nil {
		return nil, nil, err
	}
	return &fence{PacketConn: conn, relay: r}, conn.LocalAddr(), nil
}

var errNoTCP = errors.New("this relay gives UDP allocations only")

// AllocateListener implements turn.RelayAddressGenerator: TCP allocations (RFC 6062) are of no use to WebRTC.
func (r *Relay) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoTCP
}

// AllocateConn implements turn.RelayAddressGenerator.
func (r *Relay) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNoTCP }

// fence is a relayed socket that reaches our media sockets only, and hears them only.
type fence struct {
	net.PacketConn
	relay *Relay
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

func (r *Relay) named(m *net.UDPAddr) *net.UDPAddr {
	if r.extern == nil {
		return m
	}
	return &net.UDPAddr{IP: r.extern, Port: m.Port}
}
