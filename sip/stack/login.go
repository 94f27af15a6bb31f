package stack

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"
	"strings"

	proto "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Credentials are what we log in with elsewhere.
type Credentials struct{ User, Password string }

// MaxChallenges is how many 401 or 407 to one request we answer: a proxy, the server behind it, and a stale nonce of
// each.
const MaxChallenges = 4

// Login answers the challenges to one request, sent again and again until it is let through: a proxy's and the server's
// stand side by side.
type Login struct {
	Credentials
	seen  []seen // the newest challenge of each code and realm
	tries int
}

type seen struct {
	code      int
	challenge *digest.Challenge
	tries     int // with this request, against nonces that were not stale
}

// Again is the login for a further request: what was seen before may be old.
func (l Login) Again() Login {
	next := Login{Credentials: l.Credentials}
	for _, s := range l.seen {
		next.seen = append(next.seen, seen{code: s.code, challenge: s.challenge})
	}
	return next
}

// maxNonces is how many nonces of one realm are tried with one request. The second may be needed though the server
// doesn't call the first one stale; after that the password is wrong.
const maxNonces = 2

// Accept tells whether to send the request again, signed: res challenges us, and not because the password is wrong.
func (l *Login) Accept(res *proto.Response) bool {
	if l.User == "" || l.tries >= MaxChallenges || (res.StatusCode != 401 && res.StatusCode != 407) {
		return false
	}
	ch := Choose(res)
	if ch == nil {
		return false
	}
	l.tries++
	for i := range l.seen {
		s := &l.seen[i]
		if s.code != res.StatusCode || s.challenge.Realm != ch.Realm {
			continue
		}
		fresh := s.challenge.Nonce != ch.Nonce
		s.challenge = ch
		if !ch.Stale {
			s.tries++
		}
		return ch.Stale || fresh && s.tries <= maxNonces
	}
	l.seen = append(l.seen, seen{code: res.StatusCode, challenge: ch, tries: 1})
	return true
}

// Sign adds the answers to all challenges seen.
func (l *Login) Sign(req *proto.Request) {
	for _, s := range l.seen {
		cred, err := answerChallenge(s.challenge, req, l.Credentials)
		if err != nil {
			continue // choose takes only what can be answered
		}
		name := "Authorization"
		if s.code == 407 {
			name = "Proxy-Authorization"
		}
		req.AppendHeader(proto.NewHeader(name, cred.String()))
	}
}

// answerChallenge is digest.Digest and the session variants of the algorithms (RFC 7616 §3.4.2), which it lacks.
func answerChallenge(ch *digest.Challenge, req *proto.Request, c Credentials) (*digest.Credentials, error) {
	o := digest.Options{Method: string(req.Method), URI: req.Recipient.String(), Username: c.User, Password: c.Password,
		Cnonce:  rand.Text(),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body())), nil }}
	base, session := sessionless(ch.Algorithm)
	plain := *ch
	plain.Algorithm = base
	if session {
		h := hasher(base)
		o.A1 = digested(h, digested(h, c.User, ch.Realm, c.Password), ch.Nonce, o.Cnonce)
	}
	cred, err := digest.Digest(&plain, o)
	if err != nil {
		return nil, err
	}
	cred.Algorithm = ch.Algorithm
	return cred, nil
}

// sessionless is an algorithm without its "-sess".
func sessionless(algorithm string) (base string, session bool) {
	base, session = strings.CutSuffix(strings.ToUpper(algorithm), "-SESS")
	return base, session
}

func hasher(algorithm string) hash.Hash {
	switch algorithm {
	case "SHA-256":
		return sha256.New()
	case "SHA-512":
		return sha512.New()
	case "SHA-512-256":
		return sha512.New512_256()
	default:
		return md5.New()
	}
}

func digested(h hash.Hash, parts ...string) string {
	h.Reset()
	io.WriteString(h, strings.Join(parts, ":"))
	return fmt.Sprintf("%x", h.Sum(nil))
}

// Choose picks the strongest challenge that we can answer out of all those in res (RFC 8760 §2.4).
func Choose(res *proto.Response) *digest.Challenge {
	name := "WWW-Authenticate"
	if res.StatusCode == 407 {
		name = "Proxy-Authenticate"
	}
	var best *digest.Challenge
	for _, h := range res.GetHeaders(name) {
		for _, text := range challengesIn(h.Value()) {
			if ch := readChallenge(text); ch != nil && (best == nil || strength(ch) > strength(best)) {
				best = ch
			}
		}
	}
	return best
}

// challengesIn splits what some write into one header: Digest realm="a", …, Digest realm="b", ….
func challengesIn(value string) (list []string) {
	for _, part := range Values(value) {
		if scheme, _, ok := strings.Cut(part, " "); ok && !strings.ContainsAny(scheme, `="`) || len(list) == 0 {
			list = append(list, part)
			continue
		}
		list[len(list)-1] += ", " + part
	}
	return list
}

// readChallenge is nil when there is no answering it.
func readChallenge(text string) *digest.Challenge {
	ch, err := digest.ParseChallenge(text)
	if err != nil {
		return nil
	}
	for i := range ch.QOP {
		ch.QOP[i] = strings.TrimSpace(ch.QOP[i])
	}
	base, _ := sessionless(ch.Algorithm)
	if !digest.CanDigest(&digest.Challenge{Algorithm: base, QOP: ch.QOP}) {
		return nil
	}
	return ch
}

func strength(ch *digest.Challenge) int {
	if base, _ := sessionless(ch.Algorithm); strings.HasPrefix(base, "SHA-") {
		return 1
	}
	return 0
}
