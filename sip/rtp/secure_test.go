package rtp

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
)

const testKey = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj" // of RFC 4568 §6.1

// What is offered, what comes of each kind of answer, and that both sides have the same keys then.
func TestKeysInDescriptions(t *testing.T) {
	codecs := []media.Codec{media.PCMA()}
	for _, test := range []struct {
		ours, theirs     Encryption
		profile          string // of the offer
		lines            int    // of keys in it
		taken, encrypted bool
	}{
		{Plain, Offered, "RTP/AVP", 0, true, false},
		{Taken, Offered, "RTP/AVP", 0, true, false},
		{Offered, Plain, "RTP/AVP", 3, true, false},
		{Offered, Taken, "RTP/AVP", 3, true, false},
		{Offered, Offered, "RTP/AVP", 3, true, true},
		{Offered, Required, "RTP/AVP", 3, true, true},
		{Required, Plain, "RTP/SAVP", 3, false, false},
		{Required, Taken, "RTP/SAVP", 3, true, true},
		{Required, Required, "RTP/SAVP", 3, true, true},
		{Taken, Required, "RTP/AVP", 0, false, false},
	} {
		t.Run(fmt.Sprint(test.ours, test.theirs), func(t *testing.T) {
			us, they := session("127.0.0.1:4000", test.ours), session("127.0.0.1:5000", test.theirs)
			offer := us.Offer(codecs)
			if !strings.Contains(string(offer), " "+test.profile+" ") ||
				strings.Count(string(offer), "a=crypto:") != test.lines {
				t.Fatalf("offered\n%s", offer)
			}
			d := parsed(t, offer)
			at := d.Audio(test.theirs)
			if taken := at >= 0; taken != test.taken {
				t.Fatalf("taken: %v", taken)
			}
			if !test.taken {
				return
			}
			answer := parsed(t, they.Answer(d, at, codecs[0]))
			if answer.Audio(test.ours) != at {
				t.Fatal("the answer is not taken")
			}
			ours, theirs := us.Keys(&answer.Media[at]), they.Keys(&d.Media[at])
			if (ours != Keys{}) != test.encrypted || ours.in != theirs.out || ours.out != theirs.in {
				t.Error("the keys differ, or there are none")
			}
			again := parsed(t, they.Offer(codecs))
			if test.encrypted && len(again.Media[0].cryptos) == 0 {
				t.Error("a later offer is no longer encrypted")
			}
		})
	}
}

// session is that of a sound without a socket.
func session(at string, e Encryption) Session {
	return NewSession(newStream(nil, &certificates{}, nil), addrPort(at), netip.Addr{}, e)
}

func parsed(t *testing.T, sdp []byte) *Description {
	t.Helper()
	d, err := Parse(sdp)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// RFC 4568 §6 and §9.1: what is taken of a=crypto.
func TestCryptoLines(t *testing.T) {
	for line, ok := range map[string]bool{
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + testKey + "|2^20":    true,
		"2 AES_CM_128_HMAC_SHA1_32 inline:" + testKey:              true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + testKey + " WSH=128": true,
		// an MKI in each packet
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + testKey + "|2^20|1:4":                         false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + testKey + " UNENCRYPTED_SRTP":                 false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + testKey + " KDR=1":                            false,
		"1 F8_128_HMAC_SHA1_80 inline:" + testKey:                                           false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:AAAA":                                             false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + testKey + "|2^20;inline:" + testKey + "|2^20": false,
		"x AES_CM_128_HMAC_SHA1_80 inline:" + testKey:                                       false,
		"1 AES_CM_128_HMAC_SHA1_80":                                                         false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + strings.Repeat("A", 5000):                     false,
		"1 aead_aes_128_gcm inline:" + strings.Repeat("A", 36) + "AA==":                     true,
		"1 AEAD_AES_256_GCM inline:" + strings.Repeat("A", 56) + "AAAA"[:2] + "==":          false,
	} {
		if _, got := parseCrypto(line); got != ok {
			t.Errorf("%.80s: %v", line, got)
		}
	}
	both := parsed(t,
		[]byte("v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 8\nm=audio 4002 RTP/SAVP 8\n"+
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"+testKey))
	for e, want := range map[Encryption]int{Plain: 0, Taken: 1, Offered: 1, Required: 1} {
		if at := both.Audio(e); at != want {
			t.Errorf("of plain and encrypted sound %d takes the line %d", e, at)
		}
	}
}

// secured is a stream and the peer's end of its keys.
func secured(t testing.TB, peer *socket, s suite) (*Stream, *counter, Keys, prometheus.Counter) {
	t.Helper()
	strangers := prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"})
	stream := openStream(t, testPorts(t), peer.addr(), strangers)
	keys := Keys{s.profile, s.key, strings.Repeat("i", s.key+s.salt), strings.Repeat("o", s.key+s.salt)}
	if err := stream.secures(keys); err != nil {
		t.Fatal(err)
	}
	c := &counter{got: make(chan string, 10)}
	stream.track.Load().Attach(c)
	return stream, c, keys, strangers
}

func (k Keys) context(t testing.TB, master string) *srtp.Context {
	t.Helper()
	c, err := srtp.CreateContext([]byte(master[:k.key]), []byte(master[k.key:]), k.profile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// With each suite a peer is heard and hears; what is not sealed, or repeated, is nobody's.
func TestSealedSound(t *testing.T) {
	for _, s := range suites() {
		t.Run(s.name, func(t *testing.T) {
			phone := newSocket(t)
			stream, heard, keys, _ := secured(t, phone, s)
			phone.send(stream.Local(), 8, []byte("in the clear"))
			packet, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: 9, SSRC: 7},
				Payload: []byte("sealed")}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := keys.context(t, keys.in).EncryptRTP(nil, packet, nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				phone.conn.WriteToUDPAddrPort(sealed, stream.Local())
			}
			if got := <-heard.got; got != "false sealed" {
				t.Errorf("heard %q", got)
			}
			stream.WriteRTP(&media.Packet{Header: rtp.Header{SequenceNumber: 1, SSRC: 1}, Payload: []byte("back")})
			buf := make([]byte, 2000)
			n, err := phone.conn.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := keys.context(t, keys.out).DecryptRTP(nil, buf[:n], nil)
			if err != nil || !strings.HasSuffix(string(plain), "back") {
				t.Errorf("the peer got %q, %v", plain, err)
			}
			if len(heard.got) > 0 {
				t.Errorf("heard %q, too", <-heard.got)
			}
		})
	}
}

// A direction whose key stays goes on with what it has counted; the other begins anew.
func TestNewKeys(t *testing.T) {
	stream, _, keys, _ := secured(t, newSocket(t), suites()[1])
	before := stream.secure.Load()
	changed := keys
	changed.in = strings.Repeat("x", len(keys.in))
	if err := stream.secures(changed); err != nil {
		t.Fatal(err)
	}
	now := stream.secure.Load()
	if now.out != before.out || now.outControl != before.outControl || now.in == before.in {
		t.Error("what stays the same began anew, or what changed did not")
	}
	if err := stream.secures(Keys{}); err != nil || stream.secure.Load() != nil {
		t.Error("still encrypted", err)
	}
}

// What each packet costs is no memory.
func TestSealedPacketsTakeNoMemory(t *testing.T) {
	for _, s := range suites()[:2] {
		stream, _, keys, _ := secured(t, newSocket(t), s)
		sec := stream.secure.Load()
		peer, payload := keys.context(t, keys.in), make([]byte, 160)
		packets := make(chan []byte, 400)
		for i := range cap(packets) {
			p, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8,
				SequenceNumber: uint16(i + 1), SSRC: 7},
				Payload: payload}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := peer.EncryptRTP(nil, p, nil)
			if err != nil {
				t.Fatal(err)
			}
			packets <- sealed
		}
		if n := testing.AllocsPerRun(100, func() { sec.open(<-packets) }); n > 0 {
			t.Errorf("%s: %v allocations to open", s.name, n)
		}
		out := media.Packet{Header: rtp.Header{SSRC: 1}, Payload: payload}
		if n := testing.AllocsPerRun(100, func() { out.Header.SequenceNumber++; stream.WriteRTP(&out) }); n > 0 {
			t.Errorf("%s: %v allocations to seal and send", s.name, n)
		}
	}
}
