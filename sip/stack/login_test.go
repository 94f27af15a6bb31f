package stack

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"testing"

	proto "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
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

// The strongest challenge that we know is answered, out of several headers or of one with several; session variants as
// RFC 7616 §3.4.2 has them.
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
			return h(h(h("us:r:secret")+":n:"+c.Cnonce) + ":n:00000001:" + c.Cnonce + ":auth:" +
				h("REGISTER:sip:carrier"))
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
			l := Login{Credentials: Credentials{User: "us", Password: "secret"}}
			if !l.Accept(challenged(401, test.challenges...)) {
				t.Fatal("not answered")
			}
			req := proto.NewRequest(proto.REGISTER, proto.Uri{Scheme: "sip", Host: "carrier"})
			l.Sign(req)
			cred, err := digest.ParseCredentials(req.GetHeader("Authorization").Value())
			if err != nil || cred.Algorithm != test.algorithm || cred.Response != test.want(cred) {
				t.Errorf("%+v, %v", cred, err)
			}
		})
	}
}

// A proxy and the server, a stale nonce and one that was only replaced are answered; a wrong password is not tried for
// ever.
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
		{"always stale", []*proto.Response{challenged(401, d("s", "1", "")),
			challenged(401, d("s", "2", ",stale=true")), challenged(401, d("s", "3", ",stale=true")),
			challenged(401, d("s", "4", ",stale=true")), challenged(401, d("s", "5", ",stale=true"))}, "yyyyn"},
	}
	for _, test := range tests {
		l, got := Login{Credentials: Credentials{User: "us", Password: "secret"}}, ""
		for _, res := range test.answers {
			got += map[bool]string{true: "y", false: "n"}[l.Accept(res)]
		}
		if got != test.want {
			t.Errorf("%s: %s, not %s", test.name, got, test.want)
		}
	}
	l := Login{Credentials: Credentials{User: "us", Password: "secret"}}
	l.Accept(challenged(401, d("s", "1", "")))
	later := l.Again()
	if !later.Accept(challenged(401, d("s", "2", ""))) {
		t.Error("the nonce of an earlier request is not renewed")
	}
}
