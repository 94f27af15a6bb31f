package webrtc

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/ice/v4"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"frontdesk/media/net/load"
	"frontdesk/webrtc/peer"
)

// client is a browser of the generator: SDP, ICE and DTLS as far as a lite server needs them. Its media is the
// generator's own, so that no stack of ours or of pion's stands between the clock and the wire.
type client struct {
	*load.Party
	identity *identity
	profile  dtls.SRTPProtectionProfile
}

// identity is what all clients of a generator show.
type identity struct {
	cert   tls.Certificate
	digest string
}

const clientUfrag, clientPwd = "bench", "benchbenchbenchbenchbench"

func newIdentity() (*identity, error) {
	cert, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, err
	}
	digest, err := fingerprint.Fingerprint(parsed, crypto.SHA256)
	return &identity{cert, digest}, err
}

func (i *identity) client(profile dtls.SRTPProtectionProfile) (*client, error) {
	p, err := load.NewParty()
	return &client{Party: p, identity: i, profile: profile}, err
}

// offer has one line, which sends a stream of that ssrc.
func (c *client) offer(kind, direction, codec string, pt uint8, ssrc uint32) string {
	return strings.Join([]string{"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
		fmt.Sprintf("m=%s 9 UDP/TLS/RTP/SAVPF %d", kind, pt), "c=IN IP4 0.0.0.0", "a=mid:0",
		"a=ice-ufrag:" + clientUfrag, "a=ice-pwd:" + clientPwd, "a=fingerprint:sha-256 " + c.identity.digest,
		"a=setup:actpass", "a=rtcp-mux", "a=" + direction, fmt.Sprintf("a=rtpmap:%d %s", pt, codec),
		fmt.Sprintf("a=ssrc:%d cname:bench", ssrc), fmt.Sprintf("a=ssrc:%d msid:me line", ssrc), ""}, "\r\n")
}

// answer takes all that is offered.
func (c *client) answer(offer string) string { return answerTo(offer, c.identity.digest) }

// answerTo takes all that is offered, with a certificate of that digest.
func answerTo(offer, digest string) string {
	var lines []string
	for line := range strings.Lines(offer) {
		key, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "a=cryptex", "a=candidate", "a=end-of-candidates", "a=ssrc", "a=ssrc-group", "a=msid", "a=ice-lite":
			continue
		case "a=ice-ufrag":
			line = key + ":" + clientUfrag
		case "a=ice-pwd":
			line = key + ":" + clientPwd
		case "a=fingerprint":
			line = key + ":sha-256 " + digest
		case "a=setup":
			line = key + ":active"
		case "a=sendonly":
			line = "a=recvonly"
		}
		lines = append(lines, strings.TrimSpace(line), "\r\n")
	}
	return strings.Join(lines, "")
}

// server is what a description says of how to reach it.
type server struct {
	ufrag, pwd string
	at         netip.AddrPort
}

var serverLines = regexp.MustCompile(`(?s)a=ice-ufrag:(\S+).*?a=ice-pwd:(\S+).*?a=candidate:\S+ 1 udp \d+ (\S+) (\d+)`)

func parseServer(sdp string) (server, error) {
	f := serverLines.FindStringSubmatch(sdp)
	if f == nil {
		return server{}, fmt.Errorf("no way to the server in %q", sdp)
	}
	at, err := netip.ParseAddrPort(f[3] + ":" + f[4])
	return server{f[1], f[2], at}, err
}

// connect goes through ICE (RFC 8445, the controlling side of a lite peer) and DTLS, and has the party speak SRTP.
func (c *client) connect(sdp string) error {
	to, err := parseServer(sdp)
	if err != nil {
		return err
	}
	raw, err := c.Conn()
	if err != nil {
		return err
	}
	defer raw.Close()
	c.Send(to.at)
	if c.Alive, err = check(raw, to); err != nil {
		return err
	}
	conn := &handshakeConn{PacketConn: raw}
	defer conn.end()
	secure, err := dtls.ClientWithOptions(conn, net.UDPAddrFromAddrPort(to.at),
		dtls.WithCertificates(c.identity.cert), dtls.WithInsecureSkipVerify(true),
		dtls.WithSRTPProtectionProfiles(c.profile))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		return err
	}
	return c.secure(secure)
}

func (c *client) secure(conn *dtls.Conn) error {
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("no keys")
	}
	keys := srtp.Config{Profile: srtp.ProtectionProfile(c.profile)}
	if err := keys.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return err
	}
	seal, err := srtp.CreateContext(keys.Keys.LocalMasterKey, keys.Keys.LocalMasterSalt, keys.Profile)
	if err != nil {
		return err
	}
	open, err := srtp.CreateContext(keys.Keys.RemoteMasterKey, keys.Keys.RemoteMasterSalt, keys.Profile)
	c.Secure(seal, open)
	return err
}

// check nominates the way to the server, and returns the request that does.
func check(conn net.PacketConn, to server) ([]byte, error) {
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(to.ufrag+":"+clientUfrag),
		ice.AttrControlling(1), ice.PriorityAttr(1), ice.UseCandidate(), stun.NewShortTermIntegrity(to.pwd),
		stun.Fingerprint)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, peer.MTU)
	for range 50 {
		if _, err := conn.WriteTo(m.Raw, net.UDPAddrFromAddrPort(to.at)); err != nil {
			return nil, err
		}
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		n, _, err := conn.ReadFrom(buf)
		answer := &stun.Message{Raw: buf[:n]}
		if err == nil && answer.Decode() == nil && answer.Type == stun.BindingSuccess {
			return m.Raw, conn.SetReadDeadline(time.Time{})
		}
	}
	return nil, errors.New("the server does not answer")
}

// handshakeConn is a socket as long as the handshake takes: DTLS neither reads nor says anything afterwards.
type handshakeConn struct {
	net.PacketConn
	over atomic.Bool
}

func (c *handshakeConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		switch {
		case c.over.Load():
			return 0, nil, net.ErrClosed
		case err != nil || !stun.IsMessage(b[:n]):
			return n, from, err
		}
		c.checked(b[:n], from)
	}
}

// checked answers a check: some servers make one though they are lite.
func (c *handshakeConn) checked(b []byte, from net.Addr) {
	request, at := &stun.Message{Raw: b}, from.(*net.UDPAddr)
	if request.Decode() != nil || request.Type != stun.BindingRequest {
		return
	}
	answer, err := stun.Build(stun.NewTransactionIDSetter(request.TransactionID), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: at.IP, Port: at.Port}, stun.NewShortTermIntegrity(clientPwd), stun.Fingerprint)
	if err == nil {
		_, _ = c.PacketConn.WriteTo(answer.Raw, from)
	}
}

func (c *handshakeConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.over.Load() {
		return len(b), nil
	}
	return c.PacketConn.WriteTo(b, to)
}

func (c *handshakeConn) end() {
	c.over.Store(true)
	_ = c.SetReadDeadline(time.Now())
}
