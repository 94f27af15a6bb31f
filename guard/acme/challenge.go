package acme

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/acme"

	"frontdesk/store"
)

// challengePath is where an authority looks (RFC 8555 section 8.3).
const challengePath = "/.well-known/acme-challenge/"

// challengeAge is how long an answer is kept.
const challengeAge = 24 * time.Hour

// post lays out the answer to a challenge for all nodes.
func (k *Keeper) post(ctx context.Context, name, kind, token, answer string) error {
	_, err := k.db.Exec(ctx, `INSERT INTO certificate_challenge (name, kind, token, answer, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name, kind, token) DO UPDATE SET answer = excluded.answer, at = excluded.at`,
		name, kind, token, answer, store.Micros(k.now()))
	return err
}

func (k *Keeper) withdraw(ctx context.Context, name string) error {
	_, err := k.db.Exec(ctx, `DELETE FROM certificate_challenge WHERE name = $1 OR at < $2`, name,
		store.Micros(k.now().Add(-challengeAge)))
	return err
}

// Handler answers an authority's questions, and leaves all others to next. What nobody laid out does not exist. A nil
// Keeper leaves all to next.
func (k *Keeper) Handler(next http.Handler) http.Handler {
	if k == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, asked := strings.CutPrefix(r.URL.Path, challengePath)
		if !asked || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		ctx := store.As(r.Context(), store.Screens, "")
		var answer string
		err := k.db.QueryRow(ctx, `SELECT answer FROM certificate_challenge WHERE name = $1 AND kind = $2 AND token = $3`,
			hostOf(r), HTTP01, token).Scan(&answer)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			http.Error(w, "No such challenge.", http.StatusNotFound)
		case err != nil:
			http.Error(w, "This server can't tell just now.", http.StatusServiceUnavailable)
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Write([]byte(answer)) // to an authority that may be gone
		}
	})
}

// hostOf is the name that a request is for.
func hostOf(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Asks tells whether a handshake is an authority's question (RFC 8737): it offers that one protocol.
func Asks(hello *tls.ClientHelloInfo) bool {
	return slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto})
}

// Protocol is what a server has to offer beside its own protocols.
const Protocol = acme.ALPNProto

// errUnasked is told to who asks for what is not being proven.
var errUnasked = errors.New("nothing is being proven for this name")

// Prove is what a handshake that Asks is shown.
func (k *Keeper) Prove(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	ctx := store.As(hello.Context(), store.Screens, "")
	name := strings.ToLower(hello.ServerName)
	var token string
	err := k.db.QueryRow(ctx, `SELECT token FROM certificate_challenge WHERE name = $1 AND kind = $2 ORDER BY at DESC LIMIT 1`,
		name, TLSALPN01).Scan(&token)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errUnasked
	}
	if err != nil {
		return nil, err
	}
	key, err := k.accountKey(ctx)
	if err != nil {
		return nil, err
	}
	cert, err := (&acme.Client{Key: key}).TLSALPN01ChallengeCert(token, name)
	return &cert, err
}
