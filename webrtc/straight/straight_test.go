package straight

import (
	"bytes"
	"errors"
	"net"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// What a client seals with the keys that its own handshake gave it is opened, and the other way round, whichever hash
// the cipher suite has.
func TestKeysAreThoseOfTheClient(t *testing.T) {
	for name, suite := range map[string]dtls.CipherSuiteID{
		"SHA-256": dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		"SHA-384": dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	} {
		t.Run(name, func(t *testing.T) {
			s := &Secrets{}
			client := shakeHands(t, s, suite)
			open, seal, err := s.Contexts()
			if err != nil {
				t.Fatal(err)
			}
			keys := srtp.Config{Profile: srtp.ProtectionProfileAeadAes256Gcm}
			if err := keys.ExtractSessionKeysFromDTLS(&client, true); err != nil {
				t.Fatal(err)
			}
			passes(t, context(t, keys.Profile, keys.Keys.LocalMasterKey, keys.Keys.LocalMasterSalt), open)
			passes(t, seal, context(t, keys.Profile, keys.Keys.RemoteMasterKey, keys.Keys.RemoteMasterSalt))
		})
	}
}

func TestNoKeysBeforeTheHandshake(t *testing.T) {
	s := &Secrets{}
	s.Write([]byte("CLIENT_RANDOM only-two"))
	if _, _, err := s.Contexts(); !errors.Is(err, errNoSecrets) {
		t.Errorf("got %v", err)
	}
}

// shakeHands runs a handshake with a server that s watches, and returns the client's state.
func shakeHands(t *testing.T, s *Secrets, suite dtls.CipherSuiteID) dtls.State {
	t.Helper()
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	own := dtls.WithCertificates(certificate)
	unknown := dtls.WithInsecureSkipVerify(true)
	suites := dtls.WithCipherSuites(suite)
	profile := dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_256_GCM)
	hello := func(m handshake.MessageServerHello) handshake.Message { s.hello = m; return &m }
	near, far := udp(t), udp(t)
	server, err := dtls.ServerWithOptions(near, far.LocalAddr(), own, unknown, suites, profile,
		dtls.WithKeyLogWriter(s), dtls.WithServerHelloMessageHook(hello))
	if err != nil {
		t.Fatal(err)
	}
	client, err := dtls.ClientWithOptions(far, near.LocalAddr(), own, unknown, suites, profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	shaken := make(chan error, 1)
	go func() { shaken <- server.Handshake() }()
	if err := errors.Join(client.Handshake(), <-shaken); err != nil {
		t.Fatal(err)
	}
	state, ok := client.ConnectionState()
	if !ok {
		t.Fatal("no state")
	}
	return state
}

func udp(t *testing.T) net.PacketConn {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func context(t *testing.T, profile srtp.ProtectionProfile, key, salt []byte) *srtp.Context {
	t.Helper()
	c, err := srtp.CreateContext(key, salt, profile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func passes(t *testing.T, from, to *srtp.Context) {
	t.Helper()
	plain, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: 7, SSRC: 1},
		Payload: []byte("hello")}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := from.EncryptRTP(nil, plain, nil)
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := to.DecryptRTP(nil, sealed, nil); err != nil || !bytes.Equal(opened, plain) {
		t.Errorf("opened to %q, %v", opened, err)
	}
}

// A report comes to the stream that it names; one on a whole connection to anybody, once.
func TestReports(t *testing.T) {
	r := &Reports{}
	told := map[uint32]int{}
	for _, ssrc := range []uint32{1, 2} {
		r.Hear(ssrc, func(rtcp.Packet) { told[ssrc]++ })
	}
	r.Tell([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: 1}, &rtcp.PictureLossIndication{MediaSSRC: 3}})
	if told[1] != 1 || told[2] != 0 {
		t.Errorf("told %v", told)
	}
	r.Tell([]rtcp.Packet{&rtcp.TransportLayerCC{MediaSSRC: 9}})
	if told[1]+told[2] != 2 {
		t.Errorf("of the connection told %v", told)
	}
	r.Hear(1, nil)
	r.Tell([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: 1}, &rtcp.TransportLayerCC{MediaSSRC: 2}})
	if told[1]+told[2] != 3 || told[2] == 0 {
		t.Errorf("after the end of one told %v", told)
	}
}

// What pion has is read only where the browser takes the long way, or interceptors must see it; then at once.
func TestLongWay(t *testing.T) {
	begun := 0
	begin := func() { begun++ }
	r := &Reports{}
	r.Read(begin)
	if begun != 0 {
		t.Error("read on the straight way")
	}
	r.ByPion()
	r.ByPion()
	if begun != 1 {
		t.Errorf("begun %d times", begun)
	}
	r.Read(begin)
	(&Reports{Pions: true}).Read(begin)
	if begun != 3 {
		t.Errorf("begun %d times, want 3", begun)
	}
}
