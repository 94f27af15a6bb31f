package stack

import (
	"net/netip"
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// A token opens where it was made, for what it was made, and not when a character of it changed.
func TestTokens(t *testing.T) {
	secret := []byte("the same on all nodes")
	here, there := sealer{secret: secret, node: "n1"}, sealer{secret: secret, node: "n2"}
	token := here.seal([]byte("payload"), "call")
	if got, ok := here.open(token, "call"); !ok || string(got) != "payload" || !strings.HasPrefix(token, sealed) {
		t.Errorf("%q, %v", got, ok)
	}
	for what, try := range map[string]func() bool{
		"at another node":     func() bool { _, ok := there.open(token, "call"); return ok },
		"in another call":     func() bool { _, ok := here.open(token, "other"); return ok },
		"with another secret": func() bool { _, ok := sealer{[]byte("guessed"), "n1"}.open(token, "call"); return ok },
		"cut off":             func() bool { _, ok := here.open(token[:len(token)-4], "call"); return ok },
		"without its mark":    func() bool { _, ok := here.open(token[len(sealed):], "call"); return ok },
		"for another purpose": func() bool { _, ok := here.OpenFor("caller", token, "call"); return ok },
		"with another payload": func() bool {
			_, ok := here.open(sealed+"AAAA"+token[len(sealed)+4:], "call")
			return ok
		},
		"empty": func() bool { _, ok := here.open("", "call"); return ok },
	} {
		if try() {
			t.Errorf("opens %s", what)
		}
	}
	if got, ok := there.OpenFor("caller", here.SealFor("caller", []byte("x"), ""), ""); !ok || string(got) != "x" {
		t.Error("a token for all nodes does not open at another one")
	}
}

func TestPlacesInTokens(t *testing.T) {
	for _, want := range []Flow{
		{Place: edge.Place{Transport: "UDP", At: netip.MustParseAddrPort("198.51.100.7:5060")}},
		{Place: edge.Place{Transport: "TCP", At: netip.MustParseAddrPort("[2001:db8::1]:65535")}, Serial: 1<<63 + 1},
	} {
		got, rest := takeFlow(append(appendFlow(nil, want), 'x'))
		if got != want || string(rest) != "x" {
			t.Errorf("%+v became %+v, then %q", want, got, rest)
		}
	}
}

// Only our proxies are believed where a request came from.
func TestOrigin(t *testing.T) {
	list, err := parseProxies([]string{"10.0.0.0/24", "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	request := func(source string, vias ...*proto.ViaHeader) *proto.Request {
		req := proto.NewRequest(proto.OPTIONS, proto.Uri{Scheme: "sip", Host: "x"})
		req.SetTransport("UDP")
		req.SetSource(source)
		for _, v := range vias {
			req.AppendHeader(v)
		}
		return req
	}
	via := func(transport, host string, port int, params ...proto.HeaderKV) *proto.ViaHeader {
		return &proto.ViaHeader{Transport: transport, Host: host, Port: port, Params: params}
	}
	top := via("UDP", "10.0.0.9", 5060)
	for what, c := range map[string]struct {
		req  *proto.Request
		want string
	}{
		"a stranger is not believed":   {request("203.0.113.5:7", top, via("UDP", "1.2.3.4", 5)), "udp:203.0.113.5:7"},
		"what the proxy noted":         {request("10.0.0.9:5060", top, via("tcp", "phone.local", 5, proto.HeaderKV{K: "received", V: "198.51.100.7"}, proto.HeaderKV{K: "rport", V: "4000"})), "tcp:198.51.100.7:4000"},
		"what the phone wrote":         {request("10.0.0.9:5060", top, via("UDP", "198.51.100.8", 0)), "udp:198.51.100.8:5060"},
		"a name tells nothing":         {request("10.0.0.9:5060", top, via("UDP", "phone.local", 5)), "udp:10.0.0.9:5060"},
		"through two proxies":          {request("192.0.2.1:5060", top, via("UDP", "10.0.0.3", 5060), via("UDP", "198.51.100.9", 6)), "udp:198.51.100.9:6"},
		"the proxy itself":             {request("10.0.0.9:5060", top), "udp:10.0.0.9:5060"},
		"behind a stranger's own list": {request("192.0.2.1:5060", top, via("UDP", "203.0.113.6", 9), via("UDP", "1.2.3.4", 5)), "udp:203.0.113.6:9"},
	} {
		if got := list.origin(c.req).String(); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
	if _, err := parseProxies([]string{"proxy.example"}); err == nil {
		t.Error("a name is taken for an address")
	}
}
