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

	"frontdesk/guard"
	"frontdesk/sip/edge"
)

// nonce is one that any node with the secret can verify: the time it was made, and who it was made for, signed (RFC 7616 §3.3). Who did not
// get it sent can't use it, so that nobody fails to log in but who really tried. No node remembers which nonce counts were used: who can listen
// on the wire may repeat a request with its credentials, from the same address, until the nonce is old.
func (c *core) nonce(asker []byte, now time.Time) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixNano()))
	return hex.EncodeToString(b[:]) + hex.EncodeToString(c.signature(append(b[:], asker...)))
}

// asker is whom a nonce is made for: the network that a request came from, and the connection where there is one.
func (c *core) asker(req *proto.Request) []byte {
	from := c.origin(req)
	b, _ := guard.Network(from.At.Addr()).MarshalBinary() // never fails
	if from.Transport == "UDP" || c.forwarded(req) || c.tcp == nil {
		return b
	}
	return binary.BigEndian.AppendUint64(b, c.tcp.Serial(from.At))
}

func (c *core) signature(b []byte) []byte {
	mac := hmac.New(sha256.New, c.cfg.Secret)
	mac.Write([]byte("nonce"))
	mac.Write(b)
	return mac.Sum(nil)[:12]
}

// valid tells whether a nonce was made by one of our nodes for this asker, and is still young.
func (c *core) valid(nonce string, asker []byte, now time.Time) bool {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 20 || !hmac.Equal(b[8:], c.signature(append(b[:8:8], asker...))) {
		return false
	}
	age := now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b))))
	return age >= -time.Minute && age < c.cfg.NonceLife
}

// challenges are the WWW-Authenticate headers of a 401 to req: SHA-256 first, then MD5 for old phones (RFC 8760 §2.3).
func (c *core) challenges(req *proto.Request, stale, sha bool) (hs []proto.Header) {
	nonce := c.nonce(c.asker(req), time.Now())
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
	expired                // with a nonce that is old or another's: challenge with stale; it says nothing about the password
	locked                 // not looked at, because too many were wrong
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

// stands tells what there is to say about credentials before the password is looked at; right when it may be.
func (c *core) stands(req *proto.Request, cred *digest.Credentials) verdict {
	switch {
	case cred == nil || !sameResource(cred.URI, req):
		return absent
	case !c.valid(cred.Nonce, c.asker(req), time.Now()):
		return expired
	case c.guard.Looks(c.origin(req), strings.ToLower(cred.Username)) != nil:
		return locked
	default:
		return right
	}
}

// check verifies cred, which stands, for req against the HA1s that we keep; an empty one never matches.
func (c *core) check(req *proto.Request, cred *digest.Credentials, ha1, ha1SHA string) verdict {
	a1 := ha1
	if strings.EqualFold(cred.Algorithm, "SHA-256") {
		a1 = ha1SHA
	}
	known := a1 != ""
	if !known {
		a1 = strings.Repeat("0", 32) // take the same time for unknown users
	}
	want, err := digest.Digest(&digest.Challenge{Realm: c.cfg.Realm, Nonce: cred.Nonce, Algorithm: cred.Algorithm, QOP: qop(cred.QOP)},
		digest.Options{Method: string(req.Method), URI: cred.URI, Username: cred.Username, A1: a1, Cnonce: cred.Cnonce, Count: cred.Nc})
	if err != nil || subtle.ConstantTimeCompare([]byte(want.Response), []byte(cred.Response)) != 1 || !known {
		return wrong
	}
	return right
}

// settle counts what came of credentials and answers all but the right ones. A connection over which nobody gets it right is closed.
func (c *core) settle(req *proto.Request, tx *proto.ServerTx, cred *digest.Credentials, v verdict, sha bool) bool {
	from, enough := c.origin(req), false
	switch v {
	case right:
		c.stats.auth.WithLabelValues("right").Inc()
		c.guard.Right(from, strings.ToLower(cred.Username))
		return true
	case locked:
		c.stats.auth.WithLabelValues("locked").Inc()
		c.turnAway(req, tx, later(20, proto.NewHeader("Reason", "Q.850;cause=42")))
		return false
	case wrong:
		c.stats.auth.WithLabelValues("wrong").Inc()
		c.log.Info("sip: wrong password", "from", from, "method", req.Method, "user", cut(cred.Username, 50))
		enough = c.guard.Guessed(from, strings.ToLower(cred.Username))
	}
	c.turnAway(req, tx, edge.Refusal{Code: 401, Phrase: "Unauthorized", Headers: c.challenges(req, v == expired, sha)})
	if enough && from.Transport == "TCP" && c.tcp != nil && !c.forwarded(req) {
		c.tcp.HangUp(from.At)
	}
	return false
}

// sameResource: the digest must be for what is asked, or a captured one could be used elsewhere. Proxies may
// change the Request-URI's form, so users are compared (RFC 3261 §22.4 item 6).
func sameResource(uri string, req *proto.Request) bool {
	var u proto.Uri
	if proto.ParseUri(uri, &u) != nil {
		return false
	}
	if req.Recipient.Scheme == "tel" {
		return edge.Dialled(u) == edge.Dialled(req.Recipient)
	}
	return u.User == req.Recipient.User
}

func qop(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}
