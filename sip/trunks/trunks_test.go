package trunks

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
)

func parsed(t *testing.T, text string) (u proto.Uri) {
	t.Helper()
	if err := proto.ParseUri(text, &u); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return u
}

func call(t *testing.T, to, from, header string) *proto.Request {
	t.Helper()
	req := proto.NewRequest(proto.INVITE, parsed(t, to))
	req.AppendHeader(&proto.FromHeader{Address: parsed(t, from)})
	req.AppendHeader(&proto.ToHeader{Address: parsed(t, header)})
	return req
}

// line is a trunk whose calls come from a network.
func line(id, from string, t directory.Trunk) *Trunk {
	t.ID, t.Allow = id, []string{from}
	return &Trunk{Trunk: t, peers: Networks(t.Allow), down: map[edge.Place]time.Time{}}
}

// A call belongs to the trunk at its address; of several there, to the one whose account or host it names, else to the
// oldest.
func TestWhoseCallItIs(t *testing.T) {
	old, named, registered := line("1", "192.0.2.0/24", directory.Trunk{Host: "one.test"}),
		line("2", "192.0.2.7", directory.Trunk{Host: "two.test:5070"}),
		line("3", "192.0.2.0/24", directory.Trunk{Host: "three.test", Register: true, Username: "acme"})
	ts := &Trunks{byID: map[string]*Trunk{"1": old, "2": named, "3": registered}}
	for what, c := range map[string]struct {
		at, to, from string
		want         *Trunk
	}{
		"nobody's address":       {"198.51.100.1", "sip:1@us", "sip:2@one.test", nil},
		"the oldest of several":  {"192.0.2.7", "sip:1@us", "sip:2@elsewhere.test", old},
		"by the host in From":    {"192.0.2.7", "sip:1@us", "sip:2@TWO.test", named},
		"not from its address":   {"192.0.2.8", "sip:1@us", "sip:2@two.test", old},
		"by the account it asks": {"192.0.2.8", "sip:acme@us", "sip:2@elsewhere.test", registered},
	} {
		if got := ts.From(netip.MustParseAddr(c.at), call(t, c.to, c.from, c.to)); got != c.want {
			t.Errorf("%s: %+v", what, got)
		}
	}
	if !ts.Known(netip.MustParseAddr("192.0.2.9")) || ts.Known(netip.MustParseAddr("198.51.100.1")) {
		t.Error("a trunk's address is not known, or a stranger's is")
	}
}

// Where we register, the number that is called may stand in To.
func TestDialledNumber(t *testing.T) {
	registered, known := line("1", "192.0.2.1", directory.Trunk{Register: true, Username: "acme"}),
		line("2", "192.0.2.2", directory.Trunk{Username: "acme"})
	ours := call(t, "sip:acme@us", "sip:2@x", "sip:+40311000001@x")
	if got := registered.Dialled(ours); got != "+40311000001" {
		t.Errorf("where we register: %q", got)
	}
	if got := known.Dialled(ours); got != "acme" {
		t.Errorf("where we don't: %q", got)
	}
	if got := registered.Dialled(call(t, "sip:%2B40311000002@us", "sip:2@x", "sip:1@x")); got != "+40311000002" {
		t.Errorf("in the Request-URI: %q", got)
	}
}

// A carrier may send a call on to an address of its own only, over what we speak.
func TestWhereACarrierMaySendACall(t *testing.T) {
	trunk := line("1", "192.0.2.0/24", directory.Trunk{Transport: "tcp"})
	for text, want := range map[string]string{
		"sip:1@192.0.2.9":                    "tcp:192.0.2.9:5060",
		"sip:1@192.0.2.9:5070;transport=udp": "udp:192.0.2.9:5070",
		"sip:1@198.51.100.1":                 "",
		"sip:1@carrier.test":                 "",
		"sip:1@192.0.2.9;transport=tls":      "tls:192.0.2.9:5061",
		"sips:1@192.0.2.9":                   "tls:192.0.2.9:5061",
		"sip:1@192.0.2.9;transport=sctp":     "",
	} {
		got, ok := trunk.MayGo(parsed(t, text))
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%s: %s, %v", text, got, ok)
		}
	}
}

// A server that took no call comes after the others, until it takes one.
func TestServersThatFailComeLast(t *testing.T) {
	trunk := line("1", "192.0.2.1", directory.Trunk{})
	a, b := edge.Place{Transport: "UDP", At: netip.MustParseAddrPort("192.0.2.1:5060")},
		edge.Place{Transport: "UDP", At: netip.MustParseAddrPort("192.0.2.2:5060")}
	trunk.Tried(a, false)
	if rank := trunk.Ranks(); rank(a) <= rank(b) {
		t.Error("who took no call is tried first")
	}
	trunk.Tried(a, true)
	if rank := trunk.Ranks(); rank(a) != rank(b) {
		t.Error("it is not forgiven though it took one")
	}
}

// How long a registration holds stands beside our Contact, else in Expires; a server that tells nothing grants what was
// asked.
func TestGranted(t *testing.T) {
	contact := func(user, expires string) proto.Header {
		return &proto.ContactHeader{Address: proto.Uri{Scheme: "sip", User: user, Host: "x"},
			Params: proto.HeaderParams{{K: "expires", V: expires}}}
	}
	for what, c := range map[string]struct {
		headers []proto.Header
		want    time.Duration
	}{
		"ours of several":       {[]proto.Header{contact("other", "10"), contact("us", "120")}, 2 * time.Minute},
		"in Expires":            {[]proto.Header{contact("other", "10"), proto.NewHeader("Expires", "90")}, 90 * time.Second},
		"nothing":               {nil, time.Hour},
		"what makes no sense":   {[]proto.Header{contact("us", "soon"), proto.NewHeader("Expires", "-1")}, time.Hour},
		"ours, not the general": {[]proto.Header{proto.NewHeader("Expires", "90"), contact("us", "60")}, time.Minute},
	} {
		res := proto.NewResponse(200, "OK")
		for _, h := range c.headers {
			res.AppendHeader(h)
		}
		if got := granted(res, "us", time.Hour); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

// After failures we come back later and later, never later than the longest pause, and not all nodes at once.
func TestBackoff(t *testing.T) {
	for failures := range 100 {
		want := min(longestRetry, firstRetry<<min(failures, 10))
		if d := backoff(failures + 1); d < want/2 || d >= want {
			t.Errorf("after %d failures %s", failures+1, d)
		}
	}
	if !answered(fmt.Errorf("x: %w", &refused{"REGISTER", 403, "no"})) || answered(errors.New("timeout")) {
		t.Error("a refusal is no answer, or silence is one")
	}
}

func TestRoute(t *testing.T) {
	if u, err := Route("<sip:token@10.0.0.1:5060;lr>"); err != nil || u.User != "token" || u.Port != 5060 ||
		!u.UriParams.Has("lr") {
		t.Errorf("%+v, %v", u, err)
	}
	for _, text := range []string{"", "tel:+40311", "<sips:x@y>", "sip:"} {
		if _, err := Route(text); err == nil {
			t.Errorf("%q is a route", text)
		}
	}
}
