package webrtc

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"

	"frontdesk/media/net/load"
)

// A generator prints what a benchmark needs of it, and reads what it needs, a line of JSON each, until it runs.

// ends is a phone and a browser, as the generator of calls tells of them and is told.
type ends struct {
	Phone, Browser netip.AddrPort
	SDP            string // the browser's offer; our answer
	Key            string // of SDES (RFC 4568), in place of that: the browser's; the other side's
}

// TestCallGenerator is no test: it is the phones and browsers of BenchmarkCalls.
func TestCallGenerator(t *testing.T) {
	var calls int
	var profile dtls.SRTPProtectionProfile
	var sdes bool
	if n, _ := fmt.Sscan(load.Scenario(), &calls, &profile, &sdes); n < 3 {
		t.Skip("only as the other process of BenchmarkCalls")
	}
	g := &load.Generator{}
	var browsers []*client
	var own, told []ends
	who := must(newIdentity())(t)
	for range calls {
		phone, browser := must(load.NewParty())(t), must(who.client(profile))(t)
		sound := load.Sound()
		phone.Talk(load.Sound())
		browser.Talk(sound)
		g.Parties, browsers = append(g.Parties, phone, browser.Party), append(browsers, browser)
		own = append(own, ends{Phone: phone.Addr, Browser: browser.Addr,
			SDP: browser.offer("audio", "sendrecv", "PCMA/8000", 8, sound.SSRC),
			Key: base64.StdEncoding.EncodeToString(make([]byte, keySize(profile)))})
	}
	in := load.Input()
	say(own)
	listen(t, in, &told)
	for i, end := range told {
		g.Parties[2*i].Send(end.Phone)
		if sdes {
			browsers[i].Send(end.Browser)
			shared(t, browsers[i], own[i].Key, end.Key)
		} else if err := browsers[i].connect(end.SDP); err != nil {
			t.Fatal(err)
		}
	}
	say(true)
	g.Run(in, os.Stdout)
}

func keySize(profile dtls.SRTPProtectionProfile) int {
	key, _ := srtp.ProtectionProfile(profile).KeyLen()
	salt, _ := srtp.ProtectionProfile(profile).SaltLen()
	return key + salt
}

// shared has a client speak SRTP with keys that signalling told.
func shared(t *testing.T, c *client, own, others string) {
	contextOf := func(key string) *srtp.Context {
		raw := must(base64.RawStdEncoding.DecodeString(strings.TrimRight(key, "=")))(t)
		n, _ := srtp.ProtectionProfile(c.profile).KeyLen()
		return must(srtp.CreateContext(raw[:n], raw[n:], srtp.ProtectionProfile(c.profile)))(t)
	}
	c.Secure(contextOf(own), contextOf(others))
}

// A camera's stream: 25 pictures a second of five packets that leave together, as browsers send them; 1 Mbit/s.
func camera(ssrc uint32) load.Talk {
	return load.Talk{Type: 96, SSRC: ssrc, Every: 40 * time.Millisecond, Packets: 5, Size: 1000, Step: 3600}
}

// TestMeetingGenerator is no test: it is the browsers of BenchmarkMeeting. It says what the senders and the listeners
// offer, and hears what the meeting answers; then the other way round, what the listeners get.
func TestMeetingGenerator(t *testing.T) {
	var senders, listeners int
	var keyframes bool
	if n, _ := fmt.Sscan(load.Scenario(), &senders, &listeners, &keyframes); n < 3 {
		t.Skip("only as the other process of BenchmarkMeeting")
	}
	g, who := &load.Generator{}, must(newIdentity())(t)
	var publish, receive []*client
	var offers, answers []string
	for i := range senders + listeners {
		c := must(who.client(dtls.SRTP_AEAD_AES_256_GCM))(t)
		publish = append(publish, c)
		offers = append(offers, c.offer("video", "sendonly", "VP8/90000", 96, uint32(1000+i)))
	}
	in := load.Input()
	say(offers)
	listen(t, in, &answers)
	for i, sdp := range answers[:senders] {
		talk := camera(uint32(1000 + i))
		talk.Keyframes = keyframes
		publish[i].Talk(talk)
		connect(t, g, publish[i], sdp)
	}
	say(true)
	listen(t, in, &offers)
	answers = nil
	for _, sdp := range offers {
		c := must(who.client(dtls.SRTP_AEAD_AES_256_GCM))(t)
		receive = append(receive, c)
		answers = append(answers, c.answer(sdp))
	}
	say(answers)
	listen(t, in, new(bool))
	for i, sdp := range offers {
		connect(t, g, receive[i], sdp)
	}
	say(true)
	g.Run(in, os.Stdout)
}

func connect(t *testing.T, g *load.Generator, c *client, sdp string) {
	if err := c.connect(sdp); err != nil {
		t.Fatal(err)
	}
	g.Parties = append(g.Parties, c.Party)
}

func say(v any) { _ = json.NewEncoder(os.Stdout).Encode(v) }

func listen(t *testing.T, in *bufio.Scanner, into any) {
	if !in.Scan() || json.Unmarshal(in.Bytes(), into) != nil {
		t.Fatal("the benchmark says nothing useful")
	}
}

// must fails the test on an error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
