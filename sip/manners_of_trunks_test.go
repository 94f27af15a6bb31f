package sip

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// Calls of a trunk with an outbound proxy go to the proxy, with a route through it, and keep the carrier's name; keys
// go by INFO where that is set.
func TestOutboundProxy(t *testing.T) {
	b := newBed(t, nil, nil)
	w := newWire(t, b.addr("udp"))
	_, port, _ := net.SplitHostPort(w.conn.LocalAddr().String())
	trunk := directory.Trunk{Name: "carrier", Kind: dialplan.Carrier, Host: "carrier.invalid", Active: true,
		Manners: directory.Manners{Proxy: "127.0.0.1:" + port, Shows: directory.ByFrom, DTMF: directory.DTMFByInfo}}
	if err := b.dir.SaveTrunk(context.Background(), &trunk); err != nil {
		t.Fatal(err)
	}
	leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: trunk.ID, Number: "+40722000111"},
		pbx.Request{Number: "+40215550100", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g := watch(leg)
	invite := w.get("INVITE sip:+40722000111@carrier.invalid ")
	if got := field(invite, "Route"); got != "<sip:127.0.0.1:"+port+";lr>" {
		t.Errorf("Route: %s", got)
	}
	if strings.Contains(invite, "P-Asserted-Identity") {
		t.Errorf("more than From tells who calls:\n%s", invite)
	}
	w.reply(invite, "200 OK", "", strings.Replace(offer, "RTP/AVP 8", "RTP/AVP 8 101", 1)+
		"a=rtpmap:101 telephone-event/8000\r\n")
	w.get("ACK")
	expect[pbx.Answered](t, g)
	track := media.NewTrack("k", media.PCMA(), nil)
	leg.Play(track)
	packet := &media.Packet{Event: true, Payload: []byte{5, 10, 0, 160}}
	packet.Header.SSRC = 1
	key := ""
	eventually(t, "the key came by INFO", func() bool {
		packet.Header.Timestamp += 8000
		track.WriteRTP(packet)
		w.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		buf := make([]byte, 4000)
		n, _ := w.conn.Read(buf)
		key = string(buf[:n])
		return strings.HasPrefix(key, "INFO ")
	})
	if !strings.Contains(key, "Signal=5") {
		t.Errorf("got\n%s", key)
	}
	w.reply(key, "200 OK", "", "")
}

// A trunk is asked as often as it is set, and how quickly it answers is told.
func TestHowOftenATrunkIsAsked(t *testing.T) {
	peer := newBed(t, nil, nil)
	trunk := directory.Trunk{Name: "carrier", Kind: dialplan.Carrier, Host: peer.addr("udp")}
	never := trunk
	never.Name, never.Ping = "quiet", -1
	b := newBed(t, func(c *Config) { c.Ping = 50 * time.Millisecond }, nil, trunk, never)
	state := func(name string) Status {
		rows, err := b.dir.Trunks(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range b.server.TrunkStatus() {
			for _, r := range rows {
				if r.ID == s.Trunk && r.Name == name {
					return s
				}
			}
		}
		return Status{}
	}
	eventually(t, "the trunk answered, and how quickly is known", func() bool {
		s := state("carrier")
		return s.Reachable && s.Took > 0 && s.Took < 10_000
	})
	if s := state("quiet"); s.Reachable || s.Problem != "" {
		t.Errorf("who is never asked is said to be %+v", s)
	}
}

// Each trunk is told who calls by the header that it reads, and is believed by the header that is set for it, no other:
// anybody can write the rest.
func TestCallerIDHeaders(t *testing.T) {
	const ours, theirs, claimed = "+40215550100", "+40722000111", "+40722000999"
	for _, test := range []struct{ manner, header string }{
		{directory.ByPAI, "P-Asserted-Identity"},
		{directory.ByRPID, "Remote-Party-ID"},
		{directory.ByFrom, ""},
	} {
		t.Run(test.manner, func(t *testing.T) {
			b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) })
			w := newWire(t, b.addr("udp"))
			trunk := loopback()
			trunk.Host, trunk.Active = w.conn.LocalAddr().String(), true
			trunk.Manners = directory.Manners{Shows: test.manner, Believes: test.manner}
			if err := b.dir.SaveTrunk(context.Background(), &trunk); err != nil {
				t.Fatal(err)
			}
			b.server.Reload()
			eventually(t, "the trunk is known", func() bool { return len(b.server.TrunkStatus()) == 1 })
			leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: trunk.ID, Number: theirs},
				pbx.Request{Number: ours, Codecs: []media.Codec{media.PCMA()}})
			if err != nil {
				t.Fatal(err)
			}
			watch(leg)
			invite := w.get("INVITE")
			if !strings.Contains(field(invite, "From"), "sip:"+ours+"@") {
				t.Errorf("From: %s", field(invite, "From"))
			}
			for _, header := range []string{"P-Asserted-Identity", "Remote-Party-ID"} {
				if got := strings.Contains(field(invite, header), "sip:"+ours+"@"); got != (header == test.header) {
					t.Errorf("%s: %q", header, field(invite, header))
				}
			}
			w.reply(invite, "486 Busy Here", "", "")
			w.get("ACK")

			says := func(id, header, number string) string {
				t.Helper()
				extra := ""
				if header != "" {
					extra = header + ": <sip:" + number + "@carrier>\n"
				}
				w.send(request("INVITE", "sip:%2B40312345678@{there}", "", id, 1, extra, offer))
				w.get("SIP/2.0 486")
				return b.arrival().Party().Number
			}
			if got := says("believed", test.header, theirs); test.header != "" && got != theirs {
				t.Errorf("%s is not believed: %q calls", test.header, got)
			}
			for _, header := range []string{"P-Asserted-Identity", "Remote-Party-ID"} {
				if header != test.header {
					if got := says("claimed"+header, header, claimed); got != "ana" {
						t.Errorf("%s is believed: %q calls", header, got)
					}
				}
			}
		})
	}
}

// Who calls is believed of whom it is known from: P-Asserted-Identity of a carrier and of a PBX where the company says
// so, not of another PBX, which may pass on what its phones write; never of a desk phone, whatever it writes.
func TestWhoseAssertionIsBelieved(t *testing.T) {
	asserts := "P-Asserted-Identity: \"The bank\" <sip:+40722000999@x>\nRemote-Party-ID: <sip:+40722000998@x>\n"
	for name, test := range map[string]struct {
		kind           dialplan.TrunkKind
		believes, want string
	}{
		"carrier":            {dialplan.Carrier, "", "+40722000999"},
		"PBX":                {dialplan.PBX, "", "ana"},
		"PBX that is set so": {dialplan.PBX, directory.ByPAI, "+40722000999"},
	} {
		t.Run(name, func(t *testing.T) {
			trunk := loopback()
			trunk.Kind, trunk.Believes = test.kind, test.believes
			b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) }, trunk)
			w := newWire(t, b.addr("udp"))
			w.send(request("INVITE", "sip:%2B40312345678@{there}", "", "asserts", 1, asserts, offer))
			w.get("SIP/2.0 486")
			if p := b.arrival().Party(); p.Number != test.want || p.Trunk == "" {
				t.Errorf("it is from %+v", p)
			}
		})
	}
	t.Run("desk phone", func(t *testing.T) {
		b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) })
		desk := b.device("desk1", "secret-one")
		w := newWire(t, b.addr("udp"))
		invite := func(seq int, extra string) {
			m := request("INVITE", "sip:100@{there}", "", "desk", seq, extra+asserts, offer)
			w.send(strings.Replace(m, "From: <sip:ana@", "From: <sip:desk1@", 1))
		}
		invite(1, "")
		invite(2, sign(t, w.get("SIP/2.0 401"), "INVITE", "sip:100@"+w.to, "desk1", "secret-one"))
		w.get("SIP/2.0 486")
		if p := b.arrival().Party(); p.User != desk.User || p.Trunk != "" || p.Number == "+40722000999" ||
			strings.Contains(p.Name, "bank") {
			t.Errorf("it is from %+v", p)
		}
	})
	t.Run("stranger", func(t *testing.T) {
		b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) })
		w := newWire(t, b.addr("udp"))
		w.send(request("INVITE", "sip:100@{there}", "", "nobody", 1, asserts, offer))
		w.get("SIP/2.0 401")
	})
}
