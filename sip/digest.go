package sip

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// nonce is one that any node with the secret can verify: the time it was made, signed (RFC 7616 §3.3). No node remembers which nonce counts
// were used, so who can listen on the wire may repeat a request with its credentials until the nonce is old.
func (c *core) nonce(now time.Time) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixNano()))
	return hex.EncodeToString(b[:]) + hex.EncodeToString(c.signature(b[:]))
}

func (c *core) signature(b []byte) []byte {
	mac := hmac.New(sha256.New, c.cfg.Secret)
	mac.Write([]byte("nonce"))
	mac.Write(b)
	return mac.Sum(nil)[:12]
}

// ours tells whether a nonce was made by one of our nodes, and whether it is still young enough.
func (c *core) ours(nonce string, now time.Time) (genuine, fresh bool) {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 20 || !hmac.Equal(b[8:], c.signature(b[:8])) {
		return false, false
	}
	age := now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b))))
	return true, age >= -time.Minute && age < c.cfg.NonceLife
}

// challenges are the WWW-Authenticate headers of a 401: SHA-256 first, then MD5 for old phones (RFC 8760 §2.3).
func (c *core) challenges(stale bool, now time.Time, sha bool) (hs []proto.Header) {
	nonce := c.nonce(now)
	algorithms := []string{"MD5"}
	if sha {
		algorithms = []string{"SHA-256", "MD5"}
	}
	for _, a := range algorithms {
		v := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`, c.cfg.Realm, nonce, a)
		if stale {
			v += ", stale=true"
		}
		hs = append(hs, proto.NewHeader("WWW-Authenticate", v))
	}
	return hs
}

// verdict on the credentials of a request.
type verdict int

const (
	absent  verdict = iota // none for our realm: challenge
	expired                // right, but the nonce is old: challenge with stale
	wrong                  // count it and challenge
	right
)

// credentialsIn finds the credentials for our realm in req; nil without any.
func (c *core) credentialsIn(req *proto.Request) *digest.Credentials {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, h := range req.GetHeaders(name) {
			if cred, err := digest.ParseCredentials(h.Value()); err == nil && cred.Realm == c.cfg.Realm {
				return cred
			}
		}
	}
	return nil
}

// check verifies cred for req against the HA1s that we keep; an empty one never matches.
func (c *core) check(req *proto.Request, cred *digest.Credentials, ha1, ha1SHA string, now time.Time) verdict {
	genuine, fresh := c.ours(cred.Nonce, now)
	a1 := ha1
	if strings.EqualFold(cred.Algorithm, "SHA-256") {
		a1 = ha1SHA
	}
	if !genuine || !sameResource(cred.URI, req) {
		return absent
	}
	known := a1 != ""
	if !known {
		a1 = strings.Repeat("0", 32) // take the same time for unknown users
	}
	want, err := digest.Digest(&digest.Challenge{Realm: c.cfg.Realm, Nonce: cred.Nonce, Algorithm: cred.Algorithm, QOP: qop(cred.QOP)},
		digest.Options{Method: string(req.Method), URI: cred.URI, Username: cred.Username, A1: a1, Cnonce: cred.Cnonce, Count: cred.Nc})
	switch {
	case err != nil, subtle.ConstantTimeCompare([]byte(want.Response), []byte(cred.Response)) != 1, !known:
		return wrong
	case !fresh:
		return expired
	default:
		return right
	}
}

// sameResource: the digest must be for what is asked, or a captured one could be used elsewhere. Proxies may
// change the Request-URI's form, so users are compared (RFC 3261 §22.4 item 6).
func sameResource(uri string, req *proto.Request) bool {
	var u proto.Uri
	return proto.ParseUri(uri, &u) == nil && u.User == req.Recipient.User
}

func qop(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// credentials are what we log in with elsewhere.
type credentials struct{ user, password string }

// maxChallenges is how many 401 or 407 to one request we answer: a proxy, the server behind it, and a stale nonce.
const maxChallenges = 4

// login answers the challenges to one request, sent again and again until it is let through: a proxy's and the server's stand side by side.
type login struct {
	credentials
	seen  []*proto.Response // the newest of each code and realm
	tries int
}

// accept tells whether to send the request again, signed: res challenges us, and not because the password is wrong.
func (l *login) accept(res *proto.Response) bool {
	if l.user == "" || l.tries >= maxChallenges || (res.StatusCode != 401 && res.StatusCode != 407) {
		return false
	}
	ch := choose(res)
	if ch == nil {
		return false
	}
	l.tries++
	for i, before := range l.seen {
		if before.StatusCode == res.StatusCode && choose(before).Realm == ch.Realm {
			l.seen[i] = res
			return ch.Stale
		}
	}
	l.seen = append(l.seen, res)
	return true
}

// sign adds the answers to all challenges seen.
func (l *login) sign(req *proto.Request) {
	for _, res := range l.seen {
		cred, err := digest.Digest(choose(res), digest.Options{Method: string(req.Method), URI: req.Recipient.String(), Username: l.user, Password: l.password})
		if err != nil {
			continue // choose takes only what can be answered
		}
		name := "Authorization"
		if res.StatusCode == 407 {
			name = "Proxy-Authorization"
		}
		req.AppendHeader(proto.NewHeader(name, cred.String()))
	}
}

// choose picks the strongest challenge that we can answer out of all those in res (RFC 8760 §2.4).
func choose(res *proto.Response) *digest.Challenge {
	name := "WWW-Authenticate"
	if res.StatusCode == 407 {
		name = "Proxy-Authenticate"
	}
	var best *digest.Challenge
	for _, h := range res.GetHeaders(name) {
		ch, err := digest.ParseChallenge(h.Value())
		if err != nil {
			continue
		}
		for i := range ch.QOP {
			ch.QOP[i] = strings.TrimSpace(ch.QOP[i])
		}
		if !digest.CanDigest(ch) {
			continue
		}
		if best == nil || strings.EqualFold(ch.Algorithm, "SHA-256") && !strings.EqualFold(best.Algorithm, "SHA-256") {
			best = ch
		}
	}
	return best
}
