// Package secondfactor is what people prove besides their password: a code that an app on their phone makes anew every
// 30 seconds (TOTP, RFC 6238), or one of the codes that they were given for when the phone is lost.
package secondfactor

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	period    = 30 // seconds
	recovery  = 10 // codes that one is given
	groups    = 4  // of four letters, of a recovery code: 80 bits
	maxCode   = 40 // bytes of what people type
	pictureOf = 240
)

// ErrCode: the code is wrong, too old, or was used before.
var ErrCode = errors.New("the code is wrong or was used before: take the next one")

// Factors are those of all users. It is safe for concurrent use, and keeps nothing in memory.
type Factors struct {
	db   *store.DB
	seal *guard.Seal
	now  func() time.Time
}

// New opens them; secrets are sealed in the database.
func New(db *store.DB, seal *guard.Seal) *Factors { return &Factors{db: db, seal: seal, now: time.Now} }

// Setup is what an app is set up by.
type Setup struct {
	Secret  string `json:"secret" doc:"For who types it in"`
	URI     string `json:"uri" doc:"otpauth:// address, for apps on the same machine"`
	Picture string `json:"picture" doc:"The address as a QR code: a data URL of a PNG"`
}

// Status is how it stands with one user.
type Status struct {
	On       bool `json:"on"`
	Required bool `json:"required" doc:"The company asks for it: it can't be switched off"`
	Recovery int  `json:"recovery" doc:"Recovery codes that are left"`
}

// row is the factor of a user; without one its secret is nobody's, so that a check costs the same.
type row struct {
	secret    string
	confirmed bool
	last      int64
}

func purpose(user string) string { return "second factor of " + user }

func (f *Factors) read(ctx context.Context, db store.Queries, user string) (r row, there bool, err error) {
	var sealed string
	r, err = query.One(ctx, db, func(s store.Row) (r row, err error) {
		return r, s.Scan(&sealed, &r.confirmed, &r.last)
	}, query.New("SELECT secret, confirmed, last_step FROM second_factor WHERE user_id = ?", user))
	if errors.Is(err, store.ErrNotFound) {
		return row{secret: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, false, nil
	}
	if err != nil {
		return r, false, err
	}
	secret, err := f.seal.Open(purpose(user), sealed)
	r.secret = string(secret)
	return r, true, err
}

// step is the period of a code that is right now, before or after; 0 for a wrong one.
func (f *Factors) step(secret, code string) (int64, error) {
	found := int64(0)
	for _, ago := range []int64{-1, 0, 1} { // RFC 6238 §5.2: clocks differ
		at := f.now().Add(time.Duration(ago*period) * time.Second)
		right, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{Period: period, Digits: otp.DigitsSix,
			Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(right), []byte(code)) == 1 {
			found = at.Unix() / period
		}
	}
	return found, nil
}

// Check takes a user's code, of his app or of those for recovery: ErrCode when he has a factor and it is wrong. It
// costs the same for who has none, and for nobody ("").
func (f *Factors) Check(ctx context.Context, user, code string) error {
	code = plain(code)
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		r, there, err := f.read(ctx, tx, user)
		if err != nil {
			return err
		}
		step, err := f.step(r.secret, code)
		if err != nil {
			return err
		}
		taken, err := query.Exec(ctx, tx,
			"UPDATE second_factor SET last_step = $1 WHERE user_id = $2 AND last_step < $1 AND confirmed", step, user)
		if err != nil {
			return err
		}
		spent, err := query.Exec(ctx, tx, "DELETE FROM recovery_code WHERE user_id = $1 AND hash = $2", user,
			hashed(code))
		if err == nil && there && r.confirmed && taken+spent == 0 {
			err = ErrCode
		}
		return err
	})
}

// plain is a code as it was made, however it was typed.
func plain(code string) string {
	code = strings.ToUpper(code[:min(len(code), maxCode)])
	return strings.NewReplacer(" ", "", "-", "").Replace(code)
}

func hashed(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// Begin makes a secret for an app of the user's; it is asked for once Confirm was given a code of it.
func (f *Factors) Begin(ctx context.Context, user people.User, issuer string) (Setup, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: user.Login, Period: period,
		SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return Setup{}, err
	}
	n, err := query.Exec(ctx, f.db, `INSERT INTO second_factor (user_id, secret, confirmed, last_step, created_at)
		VALUES ($1, $2, FALSE, 0, $3) ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret,
		created_at = excluded.created_at WHERE NOT second_factor.confirmed`, user.ID,
		f.seal.Close(purpose(user.ID), []byte(key.Secret())), store.Micros(f.now()))
	if err == nil && n == 0 {
		err = errOn
	}
	if err != nil {
		return Setup{}, err
	}
	picture, err := key.Image(pictureOf, pictureOf)
	if err != nil {
		return Setup{}, err
	}
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		return Setup{}, err
	}
	return Setup{Secret: key.Secret(), URI: key.URL(),
		Picture: "data:image/png;base64," + base64.StdEncoding.EncodeToString(data.Bytes())}, nil
}

var errOn = input.Refuse("second_factor", "is on already: switch it off first")

// Confirm switches it on by a first code, and gives the codes for recovery.
func (f *Factors) Confirm(ctx context.Context, user, code string) (codes []string, err error) {
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		r, there, err := f.read(ctx, tx, user)
		switch {
		case err != nil:
			return err
		case !there:
			return input.Refuse("second_factor", "is not begun yet")
		case r.confirmed:
			return errOn
		}
		step, err := f.step(r.secret, plain(code))
		if err == nil && step == 0 {
			err = ErrCode
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE second_factor SET confirmed = TRUE, last_step = $1 WHERE user_id = $2", step,
			user); err != nil {
			return err
		}
		codes, err = renew(ctx, tx, user)
		return err
	})
	return codes, err
}

// Renew gives new codes for recovery in place of those that are left.
func (f *Factors) Renew(ctx context.Context, user string) (codes []string, err error) {
	err = f.db.Tx(ctx, func(tx *store.Tx) error { codes, err = renew(ctx, tx, user); return err })
	return codes, err
}

func renew(ctx context.Context, tx *store.Tx, user string) (codes []string, err error) {
	if _, err := tx.Exec(ctx, "DELETE FROM recovery_code WHERE user_id = $1", user); err != nil {
		return nil, err
	}
	for range recovery {
		text := rand.Text()[:4*groups] // base32: five bits a letter
		if _, err := tx.Exec(ctx, "INSERT INTO recovery_code (user_id, hash) VALUES ($1, $2)", user,
			hashed(text)); err != nil {
			return nil, err
		}
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
	}
	return codes, nil
}

// Off switches a user's off: by himself, or by an administrator for who lost all he had.
func (f *Factors) Off(ctx context.Context, user string) error {
	return f.db.Tx(ctx, func(tx *store.Tx) error { return Remove(ctx, tx, user) })
}

// Remove is Off in a transaction.
func Remove(ctx context.Context, tx *store.Tx, user string) error {
	return tx.ExecAll(ctx, []store.Statement{{Query: "DELETE FROM second_factor WHERE user_id = $1", Args: []any{user}},
		{Query: "DELETE FROM recovery_code WHERE user_id = $1", Args: []any{user}}})
}

// Of tells how it stands with a user.
func (f *Factors) Of(ctx context.Context, user people.User) (s Status, err error) {
	r, there, err := f.read(ctx, f.db, user.ID)
	if err != nil {
		return s, err
	}
	policy, err := f.Policy(ctx)
	if err != nil {
		return s, err
	}
	s.On, s.Required = there && r.confirmed, policy.Demands(user.Role)
	codes, err := query.All(ctx, f.db, query.Text,
		query.New("SELECT hash FROM recovery_code WHERE user_id = ?", user.ID))
	s.Recovery = len(codes)
	return s, err
}

// On tells whether a user has one.
func (f *Factors) On(ctx context.Context, user string) (bool, error) {
	r, there, err := f.read(ctx, f.db, user)
	return there && r.confirmed, err
}

// Policy is the company's.
func (f *Factors) Policy(ctx context.Context) (Policy, error) { return PolicyIn(ctx, f.db) }

// PolicyIn reads it from a database.
func PolicyIn(ctx context.Context, db *store.DB) (Policy, error) {
	kept, err := query.One(ctx, db, query.Text, query.New("SELECT value FROM setting WHERE name = ?", Setting))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Policy{}, err
	}
	return ReadPolicy(kept)
}

// SetPolicy changes it. Who asks others for a second factor has one, and who names networks is in one of them, by the
// address that he comes from: else he would be the first to be locked out.
func (f *Factors) SetPolicy(ctx context.Context, actor people.User, ip string, p Policy) error {
	if _, err := guard.ParseNetworks(p.Networks); err != nil {
		return input.Refuse("networks", err.Error())
	}
	if !p.Admits(ip) {
		return input.Refuse("networks", "has not "+ip+", where you are now: you would lock yourself out")
	}
	if p.Demands(actor.Role) {
		on, err := f.On(ctx, actor.ID)
		if err == nil && !on {
			err = input.Refuse("second_factor", "set up your own first, in your account")
		}
		if err != nil {
			return err
		}
	}
	return keep(ctx, f.db, p)
}

// AdmitAll lets log-ins come from any network again, for who has locked himself out and is at the server's console.
func AdmitAll(ctx context.Context, db *store.DB) error {
	p, err := PolicyIn(ctx, db)
	if err != nil {
		return err
	}
	p.Networks = nil
	return keep(ctx, db, p)
}

func keep(ctx context.Context, db *store.DB, p Policy) error {
	kept, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, Setting, string(kept))
	return err
}
