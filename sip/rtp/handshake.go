package rtp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/srtp/v3"
)

// certificates gives the certificate of new links: one for all, renewed long before it expires.
type certificates struct {
	mu      sync.Mutex
	current *certificate
	made    time.Time
}

// certificate is one, and what descriptions tell of it.
type certificate struct {
	tls.Certificate
	print string
}

const renewal = 24 * time.Hour // selfsign's live for a month

func (c *certificates) get() (*certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && time.Since(c.made) < renewal {
		return c.current, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	made, err := selfsign.SelfSign(key)
	if err != nil {
		return nil, err
	}
	c.current, c.made = &certificate{made, fingerprint(made.Certificate[0])}, time.Now()
	return c.current, nil
}

// fingerprint is the hash of a certificate as descriptions write it (RFC 8122 §5). SHA-256 is what all browsers use; no
// other is taken.
func fingerprint(der []byte) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i, c := range sha256.Sum256(der) {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// handshake is one with a browser, over the socket of its sound. It is a net.PacketConn.
type handshake struct {
	send    func(data []byte, to netip.AddrPort)
	peer    net.Addr // where it began
	in      chan []byte
	to      atomic.Pointer[netip.AddrPort]
	over    chan struct{}
	once    sync.Once
	running sync.WaitGroup
}

const (
	shakeFor  = 30 * time.Second
	shakeMost = 64 // datagrams that wait
)

func newHandshake(send func(data []byte, to netip.AddrPort), peer net.Addr) *handshake {
	return &handshake{send: send, peer: peer, in: make(chan []byte, shakeMost), over: make(chan struct{})}
}

// begin shakes hands with whoever has the certificate that print tells of; keys is told what was agreed on.
func (h *handshake) begin(cert *certificate, print string, keys func(Keys) error) {
	h.running.Go(func() { h.run(cert, print, keys) })
}

var errOtherCertificate = errors.New("the certificate is not the one that was described")

// run shakes hands, tells the keys, and answers what is repeated until it is stopped.
func (h *handshake) run(cert *certificate, print string, keys func(Keys) error) {
	ctx, cancel := context.WithTimeout(context.Background(), shakeFor)
	defer cancel()
	defer h.stop()
	conn, err := dtls.ServerWithOptions(h, h.peer, dtls.WithCertificates(cert.Certificate),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM,
			dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerify(true), // nobody signs them: the description vouches
		dtls.WithVerifyPeerCertificate(shows(print)))
	if err != nil {
		return
	}
	defer conn.Close()
	if conn.HandshakeContext(ctx) != nil {
		return
	}
	agreed, err := keysOf(conn)
	if err != nil || keys(agreed) != nil {
		return
	}
	<-h.over
}

// shows checks that the certificate is the one whose fingerprint was described.
func shows(print string) func([][]byte, [][]*x509.Certificate) error {
	return func(raw [][]byte, _ [][]*x509.Certificate) error {
		if len(raw) == 0 || fingerprint(raw[0]) != print {
			return errOtherCertificate
		}
		return nil
	}
}

// keysOf are those that a handshake agreed on (RFC 5764 §4.2).
func keysOf(conn *dtls.Conn) (k Keys, err error) {
	state, ok := conn.ConnectionState()
	chosen, fits := conn.SelectedSRTPProtectionProfile()
	if !ok || !fits {
		return k, errors.New("the handshake agreed on no profile of SRTP")
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(chosen)}
	if err := config.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		return k, err
	}
	with := config.Keys
	return Keys{profile: config.Profile, key: len(with.LocalMasterKey),
		in:  string(with.RemoteMasterKey) + string(with.RemoteMasterSalt),
		out: string(with.LocalMasterKey) + string(with.LocalMasterSalt)}, nil
}

// put has a datagram wait; with too many it is lost, as on the way.
func (h *handshake) put(data []byte, from netip.AddrPort) {
	h.to.Store(&from)
	select {
	case h.in <- append([]byte{}, data...):
	default:
	}
}

// stop ends the handshake, or what is kept of it.
func (h *handshake) stop() { h.once.Do(func() { close(h.over) }) }

func (h *handshake) ended() bool {
	select {
	case <-h.over:
		return true
	default:
		return false
	}
}

// ReadFrom implements net.PacketConn.
func (h *handshake) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case data := <-h.in:
		return copy(b, data), h.peer, nil
	case <-h.over:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo implements net.PacketConn: it goes to where the browser was heard last.
func (h *handshake) WriteTo(b []byte, _ net.Addr) (int, error) {
	if to := h.to.Load(); to != nil {
		h.send(b, *to)
	}
	return len(b), nil
}

// Close implements net.PacketConn.
func (h *handshake) Close() error {
	h.stop()
	return nil
}

// LocalAddr implements net.PacketConn.
func (h *handshake) LocalAddr() net.Addr { return &net.UDPAddr{} }

// SetDeadline implements net.PacketConn; the handshake has a time limit of its own.
func (h *handshake) SetDeadline(time.Time) error      { return nil }
func (h *handshake) SetReadDeadline(time.Time) error  { return nil }
func (h *handshake) SetWriteDeadline(time.Time) error { return nil }
