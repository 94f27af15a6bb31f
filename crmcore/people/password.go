package people

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrCredentials: wrong login or password, or the account is switched off. It never tells which.
var ErrCredentials = errors.New("wrong login or password")

const (
	minPassword = 8    // characters
	maxPassword = 1024 // bytes
)

// hashCost is OWASP's argon2id setting for a server: m=19 MiB, t=2, p=1. Less only where everybody knows the passwords.
func (p *People) hashCost() *argon2id.Params {
	cost := &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	if p.knownPasswords {
		cost.Memory, cost.Iterations = 64, 1
	}
	return cost
}

// nobody is the hash checked for a login that does not exist, of the same cost, so that the time tells nothing.
func (p *People) nobody() string {
	cost := p.hashCost()
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Iterations,
		cost.Parallelism, strings.Repeat("A", 22), strings.Repeat("A", 43))
}

// hashing runs fn when it is its turn.
func (p *People) hashed(ctx context.Context, fn func() error) error {
	select {
	case p.hashing <- struct{}{}:
		defer func() { <-p.hashing }()
		return fn()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *People) hash(ctx context.Context, password string) (hash string, err error) {
	if n := utf8.RuneCountInString(password); n < minPassword || len(password) > maxPassword {
		return "", input.Refuse("password", "use 8 to 1024 characters")
	}
	err = p.hashed(ctx, func() error {
		hash, err = argon2id.CreateHash(password, p.hashCost())
		return err
	})
	return hash, err
}

// Login finds the active user with that login or mailbox address and password. Any other answer is ErrCredentials,
// after the same work, or a failure of the database.
func (p *People) Login(ctx context.Context, login, password string) (User, error) {
	user, err := p.login(ctx, strings.ToLower(strings.TrimSpace(login)), password)
	switch {
	case err == nil:
		p.logins.WithLabelValues("ok").Inc()
	case errors.Is(err, ErrCredentials):
		p.logins.WithLabelValues("refused").Inc()
	default:
		p.logins.WithLabelValues("error").Inc()
	}
	return user, err
}

func (p *People) login(ctx context.Context, login, password string) (User, error) {
	if len(password) > maxPassword || len(login) > address.MaxRaw {
		return User{}, ErrCredentials
	}
	type account struct {
		User
		hash string
	}
	q := query.New("SELECT "+userColumns+", password FROM app_user WHERE login = ? OR (email = ? AND email <> '')",
		login, login)
	found, err := query.One(ctx, p.db, func(r store.Row) (a account, err error) {
		return a,
			r.Scan(append(userFields(&a.User), &a.hash)...)
	}, q)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return User{}, err
	}
	if err != nil || !found.Active || found.hash == "" {
		found.hash, found.Active = p.nobody(), false
	}
	same := false
	err = p.hashed(ctx, func() error {
		same, err = argon2id.ComparePasswordAndHash(password, found.hash)
		return err
	})
	switch {
	case err != nil:
		return User{}, err
	case !same || !found.Active:
		return User{}, ErrCredentials
	}
	return found.User, nil
}

// SetPassword gives a user a new password: admins may for anybody, others for themselves.
func (p *People) SetPassword(ctx context.Context, actor User, user, password string) error {
	if actor.ID != user {
		if err := OnlyAdmins(actor); err != nil {
			return err
		}
	}
	hash, err := p.hash(ctx, password)
	if err != nil {
		return err
	}
	return p.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := query.Exec(ctx, tx, "UPDATE app_user SET password = $1 WHERE id = $2", hash, user)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM api_token WHERE user_id = $1", user) // made by who knew the one before
		return err
	})
}
