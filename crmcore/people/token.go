package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Token is a key for the API. Its secret is told once, when it is made.
type Token struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Name    string    `json:"name"`
	Scope   Scope     `json:"scope" enum:"read,write,admin"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"`    // last use, to the minute
	Expires time.Time `json:"expires"` // zero: never
}

// Scope is how much of what its user may a Token may.
type Scope string

// Each scope has what is in those before it.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin" // what only admins may
)

const tokenColumns = "id, user_id, name, scope, created_at, used_at, expires_at"

// tokenPrefix lets people and scanners tell what a leaked text is.
const tokenPrefix = "fd_"

// NewToken is a key to be.
type NewToken struct {
	User    string
	Name    string
	Scope   Scope     // default: ScopeWrite
	Expires time.Time // zero: never
}

func (n NewToken) check() error {
	if n.Scope != ScopeRead && n.Scope != ScopeWrite && n.Scope != ScopeAdmin {
		return input.Refuse("scope", "is read, write or admin")
	}
	if !n.Expires.IsZero() && n.Expires.Before(time.Now()) {
		return input.Refuse("expires", "is in the past")
	}
	return nil
}

// CreateToken makes a key that acts as its user and returns its secret, which only its hash remains of. Admins may for
// anybody, others for themselves.
func (p *People) CreateToken(ctx context.Context, actor User, n NewToken) (Token, string, error) {
	n.Scope = cmp.Or(n.Scope, ScopeWrite)
	user, name := n.User, strings.TrimSpace(n.Name)
	if err := errors.Join(selfOrAdmin(actor, user), input.Text("name", name, 1, input.MaxName), n.check()); err != nil {
		return Token{}, "", input.First(err)
	}
	t := Token{ID: store.NewID(), User: user, Name: name, Scope: n.Scope, Created: store.Now(), Expires: n.Expires}
	secret := tokenPrefix + rand.Text() + rand.Text()
	err := p.db.Tx(ctx, func(tx *store.Tx) error {
		if err := CheckUser(ctx, tx, "user", user); err != nil {
			return err
		}
		_, err := tx.Exec(ctx,
			`INSERT INTO api_token (id, user_id, name, hash, created_at, used_at, scope, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`,
			t.ID, t.User, t.Name, tokenHash(secret), store.Micros(t.Created), string(t.Scope), store.Micros(t.Expires))
		return err
	})
	return t, secret, err
}

// Tokens lists a user's keys, without secrets.
func (p *People) Tokens(ctx context.Context, actor User, user string) ([]Token, error) {
	if err := selfOrAdmin(actor, user); err != nil {
		return nil, err
	}
	return query.All(ctx, p.db, scanToken, query.New("SELECT "+tokenColumns+
		" FROM api_token WHERE user_id = ? ORDER BY id", user))
}

func scanToken(r store.Row) (t Token, err error) {
	var created, used, expires int64
	err = r.Scan(&t.ID, &t.User, &t.Name, &t.Scope, &created, &used, &expires)
	t.Created, t.Used, t.Expires = store.Time(created), store.Time(used), store.Time(expires)
	return t, err
}

// DeleteToken revokes a key at once and returns what it was.
func (p *People) DeleteToken(ctx context.Context, actor User, id string) (Token, error) {
	q := query.New("SELECT "+tokenColumns+" FROM api_token WHERE id = ?", id)
	t, err := query.One(ctx, p.db, scanToken, q)
	if err != nil {
		return t, err
	}
	if err := selfOrAdmin(actor, t.User); err != nil {
		return Token{}, err
	}
	_, err = p.db.Exec(ctx, "DELETE FROM api_token WHERE id = $1", id)
	return t, err
}

// EndTokens revokes all keys of a user.
func (p *People) EndTokens(ctx context.Context, user string) error {
	_, err := p.db.Exec(ctx, "DELETE FROM api_token WHERE user_id = $1", user)
	return err
}

// TokenUser is the active user a secret acts as, and how far: ErrCredentials when there is none, or it has expired. A
// secret has 256 random bits, so a plain hash protects it and the look-up's time tells nothing.
func (p *People) TokenUser(ctx context.Context, secret string) (User, Scope, error) {
	type owner struct {
		User
		token string
		scope Scope
		used  int64
	}
	q := query.New("SELECT u."+strings.ReplaceAll(userColumns, ", ", ", u.")+`, t.id, t.scope, t.used_at
		FROM api_token t JOIN app_user u ON u.id = t.user_id WHERE t.hash = ? AND u.active AND (t.expires_at = 0 OR t.expires_at > ?)`,
		tokenHash(secret), store.Micros(time.Now()))
	o, err := query.One(ctx, p.db, func(r store.Row) (o owner, err error) {
		return o, r.Scan(append(userFields(&o.User), &o.token, &o.scope, &o.used)...)
	}, q)
	if errors.Is(err, store.ErrNotFound) {
		return User{}, "", ErrCredentials
	}
	if now := time.Now(); err == nil && now.Sub(store.Time(o.used)) > time.Minute {
		_, err = p.db.Exec(ctx, "UPDATE api_token SET used_at = $1 WHERE id = $2", store.Micros(now), o.token)
	}
	return o.User, o.scope, err
}

func tokenHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
