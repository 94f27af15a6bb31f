package sip

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"frontdesk/pbx"
)

// challenged is a 401 or 407 with challenges, one a header.
func challenged(code int, challenges ...string) *proto.Response {
	res := proto.NewResponse(code, "x")
	name := map[int]string{401: "WWW-Authenticate", 407: "Proxy-Authenticate"}[code]
	for _, c := range challenges {
		res.AppendHeader(proto.NewHeader(name, c))
	}
	return res
}

// The strongest challenge that we know is answered, out of several headers or of one with several; session variants as RFC 7616 §3.4.2 has them.
func TestLoginAnswersChallenges(t *testing.T) {
	md := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	sha := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	plain := func(h func(string) string) func(*digest.Credentials) string {
		return func(c *digest.Credentials) string {
			return h(h("us:r:secret") + ":n:00000001:" + c.Cnonce + ":auth:" + h("REGISTER:sip:carrier"))
		}
	}
	session := func(h func(string) string) func(*digest.Credentials) string {
		return func(c *digest.Credentials) string {
			return h(h(h("us:r:secret")+":n:"+c.Cnonce) + ":n:00000001:" + c.Cnonce + ":auth:" + h("REGISTER:sip:carrier"))
		}
	}
	d := func(algorithm string) string {
		return `Digest realm="r", nonce="n", qop="auth", algorithm=` + algorithm
	}
	tests := []struct {
		name       string
		challenges []string
		algorithm  string
		want       func(*digest.Credentials) string
	}{
		{"MD5", []string{d("MD5")}, "MD5", plain(md)},
		{"MD5-sess", []string{d("MD5-sess")}, "MD5-sess", session(md)},
		{"SHA-256", []string{d("MD5"), d("SHA-256")}, "SHA-256", plain(sha)},
		{"SHA-256-sess", []string{d("SHA-256-sess"), d("MD5")}, "SHA-256-sess", session(sha)},
		{"unknown first", []string{"Basic realm=\"r\"", d("AKAv1-MD5"), d("MD5")}, "MD5", plain(md)},
		{"in one header", []string{d("AKAv1-MD5") + ", " + d("MD5")}, "MD5", plain(md)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := login{credentials: credentials{"us", "secret"}}
			if !l.accept(challenged(401, test.challenges...)) {
				t.Fatal("not answered")
			}
			req := proto.NewRequest(proto.REGISTER, proto.Uri{Scheme: "sip", Host: "carrier"})
			l.sign(req)
			cred, err := digest.ParseCredentials(req.GetHeader("Authorization").Value())
			if err != nil || cred.Algorithm != test.algorithm || cred.Response != test.want(cred) {
				t.Errorf("%+v, %v", cred, err)
			}
		})
	}
}

// A proxy and the server, a stale nonce and one that was only replaced are answered; a wrong password is not tried for ever.
func TestLoginKnowsWhenToStop(t *testing.T) {
	d := func(realm, nonce, more string) string {
		return fmt.Sprintf(`Digest realm=%q, nonce=%q%s`, realm, nonce, more)
	}
	tests := []struct {
		name    string
		answers []*proto.Response
		want    string
	}{
		{"proxy and server", []*proto.Response{challenged(407, d("p", "1", "")), challenged(401, d("s", "1", ""))}, "yy"},
		{"stale", []*proto.Response{challenged(401, d("s", "1", "")), challenged(401, d("s", "2", ", stale=true"))}, "yy"},
		{"second nonce", []*proto.Response{challenged(401, d("s", "1", "")), challenged(401, d("s", "2", "")), challenged(401, d("s", "3", ""))}, "yyn"},
		{"same nonce again", []*proto.Response{challenged(401, d("s", "1", "")), challenged(401, d("s", "1", ""))}, "yn"},
		{"always stale", []*proto.Response{challenged(401, d("s", "1", "")), challenged(401, d("s", "2", ",stale=true")), challenged(401, d("s", "3", ",stale=true")),
			challenged(401, d("s", "4", ",stale=true")), challenged(401, d("s", "5", ",stale=true"))}, "yyyyn"},
	}
	for _, test := range tests {
		l, got := login{credentials: credentials{"us", "secret"}}, ""
		for _, res := range test.answers {
			got += map[bool]string{true: "y", false: "n"}[l.accept(res)]
		}
		if got != test.want {
			t.Errorf("%s: %s, not %s", test.name, got, test.want)
		}
	}
	l := login{credentials: credentials{"us", "secret"}}
	l.accept(challenged(401, d("s", "1", "")))
	later := l.again()
	if !later.accept(challenged(401, d("s", "2", ""))) {
		t.Error("the nonce of an earlier request is not renewed")
	}
}

// What a final response means survives, whatever its number.
func TestFinalsKeepTheirMeaning(t *testing.T) {
	for code, want := range map[int]pbx.Cause{486: pbx.CauseBusy, 600: pbx.CauseBusy, 603: pbx.CauseDeclined, 607: pbx.CauseDeclined, 608: pbx.CauseDeclined, 699: pbx.CauseDeclined,
		604: pbx.CauseNotFound, 606: pbx.CauseNoCodec, 433: pbx.CauseForbidden, 416: pbx.CauseNotFound, 504: pbx.CauseUnavailable, 503: pbx.CauseOverload, 500: pbx.CauseFailed} {
		if got := causeOf(proto.NewResponse(code, "x")); got != want {
			t.Errorf("%d is %s, not %s", code, got, want)
		}
	}
}

// A number may be called by a tel URI (RFC 3966).
func TestTelURI(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	w := newWire(t, b.addr("udp"))
	m := strings.NewReplacer("<sip:ana@{here}>;tag=a1", "<tel:+40722000111>;tag=a1", "<sip:100@{there}>", "<tel:+40312345678>").Replace(request("INVITE", "tel:+40312345678;phone-context=x", "", "tel1", 1, "", offer))
	w.send(m)
	if got := w.get("SIP/2.0 486"); !strings.Contains(field(got, "To"), "tel:+40312345678>;tag=") {
		t.Errorf("answered\n%s", got)
	}
	if g := b.arrival(); g.dialled != "+40312345678" || g.Party().Number != "+40722000111" {
		t.Errorf("dialled %q by %+v", g.dialled, g.Party())
	}
}
