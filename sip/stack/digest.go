package stack

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

// nonce is one that any node with the secret can verify: the time it was made, and who it was made for, signed (RFC
// 7616 §3.3). Who did not get it sent can't use it, so that nobody fails to log in but who really tried. No node
// remembers which nonce counts were used: who can listen on the wire may repeat a request with its credentials, from
// the same address, until the nonce is old.
func (s *Stack) nonce(asker []byte, now time.Time) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixNano()))
	return hex.EncodeToString(b[:]) + hex.EncodeToString(s.signature(append(b[:], asker...)))
}

// asker is whom a nonce is made for: the network that a request came from, and the connection where there is one.
func (s *Stack) asker(req *proto.Request) []byte {
	from := s.Origin(req)
	b, _ := guard.Network(from.At.Addr()).MarshalBinary() // never fails
	if from.Transport == "UDP" || s.Forwarded(req) || s.connections(from.Transport) == nil {
		return b
	}
	return binary.BigEndian.AppendUint64(b, s.connections(from.Transport).Serial(from.At))
}

func (s *Stack) signature(b []byte) []byte {
	mac := hmac.New(sha256.New, s.cfg.Secret)
	mac.Write([]byte("nonce"))
	mac.Write(b)
	return mac.Sum(nil)[:12]
}

// valid tells whether a nonce was made by one of our nodes for this asker, and is still young.
func (s *Stack) valid(nonce string, asker []byte, now time.Time) bool {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 20 || !hmac.Equal(b[8:], s.signature(append(b[:8:8], asker...))) {
		return false
	}
	age := now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b))))
	return age >= -time.Minute && age < s.cfg.NonceLife
}

// challenges are the WWW-Authenticate headers of a 401 to req: SHA-256 first, then MD5 for old phones (RFC 8760 §2.3).
func (s *Stack) challenges(req *proto.Request, stale, sha bool) (hs []proto.Header) {
	nonce := s.nonce(s.asker(req), time.Now())
	algorithms := []string{"MD5"}
	if sha {
		algorithms = []string{"SHA-256", "MD5"}
	}
	for _, a := range algorithms {
		v := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`, s.cfg.Realm, nonce, a)
		if stale {
			v += ", stale=true"
		}
		hs = append(hs, proto.NewHeader("WWW-Authenticate", v))
	}
	return hs
}

// Verdict on the credentials of a request.
type Verdict int

const (
	absent Verdict = iota // none for our realm: challenge
	// with a nonce that is old or another's: challenge with stale; it says nothing about the password
	expired
	locked // not looked at, because too many were wrong
	Wrong  // count it and challenge
	Right
)

// CredentialsIn finds the credentials for our realm in req; nil without any.
func (s *Stack) CredentialsIn(req *proto.Request) *digest.Credentials {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, h := range req.GetHeaders(name) {
			if cred, err := digest.ParseCredentials(h.Value()); err == nil && cred.Realm == s.cfg.Realm {
				return cred
			}
		}
	}
	return nil
}

// Stands tells what there is to say about credentials before the password is looked at; right when it may be.
func (s *Stack) Stands(req *proto.Request, cred *digest.Credentials) Verdict {
	switch {
	case cred == nil || !sameResource(cred.URI, req):
		return absent
	case !s.valid(cred.Nonce, s.asker(req), time.Now()):
		return expired
	case s.Guard.Looks(s.Origin(req), strings.ToLower(cred.Username)) != nil:
		return locked
	default:
		return Right
	}
}

// Check verifies cred, which stands, for req against the HA1s that we keep; an empty one never matches.
func (s *Stack) Check(req *proto.Request, cred *digest.Credentials, ha1, ha1SHA string) Verdict {
	a1 := ha1
	if strings.EqualFold(cred.Algorithm, "SHA-256") {
		a1 = ha1SHA
	}
	known := a1 != ""
	if !known {
		a1 = strings.Repeat("0", 32) // take the same time for unknown users
	}
	want, err := digest.Digest(&digest.Challenge{Realm: s.cfg.Realm, Nonce: cred.Nonce, Algorithm: cred.Algorithm,
		QOP: qop(cred.QOP)},
		digest.Options{Method: string(req.Method), URI: cred.URI, Username: cred.Username, A1: a1, Cnonce: cred.Cnonce,
			Count: cred.Nc})
	if err != nil || subtle.ConstantTimeCompare([]byte(want.Response), []byte(cred.Response)) != 1 || !known {
		return Wrong
	}
	return Right
}

// Settle counts what came of credentials and answers all but the right ones. A connection over which nobody gets it
// right is closed.
func (s *Stack) Settle(req *proto.Request, tx *proto.ServerTx, cred *digest.Credentials, v Verdict, sha bool) bool {
	from, enough := s.Origin(req), false
	switch v {
	case Right:
		s.stats.auth.WithLabelValues("right").Inc()
		s.Guard.Right(from, strings.ToLower(cred.Username))
		return true
	case locked:
		s.stats.auth.WithLabelValues("locked").Inc()
		s.TurnAway(req, tx, Later(20, proto.NewHeader("Reason", "Q.850;cause=42")))
		return false
	case Wrong:
		s.stats.auth.WithLabelValues("wrong").Inc()
		s.Log.Info("sip: wrong password", "from", from, "method", req.Method, "user", Cut(cred.Username, 50))
		enough = s.Guard.Guessed(from, strings.ToLower(cred.Username))
	}
	s.TurnAway(req, tx, edge.Refusal{Code: 401, Phrase: "Unauthorized", Headers: s.challenges(req, v == expired, sha)})
	if l := s.connections(from.Transport); enough && l != nil && !s.Forwarded(req) {
		l.hangUp(from.At)
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

// CallerTag is our tag in calls we make, so that a late answer can be told to belong to one.
func (s *Stack) CallerTag(callID string) string {
	return fmt.Sprintf("%x", s.signature([]byte("tag"+callID)))
}

// TooMany refuses who is let in, but asks too often.
func (s *Stack) TooMany(req *proto.Request, tx *proto.ServerTx) bool {
	s.stats.auth.WithLabelValues("too many").Inc()
	s.TurnAway(req, tx, Later(10, proto.NewHeader("Reason", "Q.850;cause=42")))
	return false
}
