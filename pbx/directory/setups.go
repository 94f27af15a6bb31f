package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/input"
	"frontdesk/store"
)

// Setup is how a desk phone is set up from here: it fetches its settings by a link.
type Setup struct {
	Device  string    `json:"device"`
	Make    string    `json:"make"`
	MAC     string    `json:"mac"`     // lower case, digits only; empty for a softphone
	Keys    []Key     `json:"keys"`    // the lamps beside its line key, in their order
	Until   time.Time `json:"until"`   // the link that tells the password counts; zero: there is none
	Fetched time.Time `json:"fetched"` // last; zero: never
	From    string    `json:"from"`    // address it was fetched from
	Agent   string    `json:"agent"`   // and by which phone
}

// Key is one of a phone that shows a colleague or a slot of parked calls, and dials it.
type Key struct {
	Number string `json:"number" minLength:"1" maxLength:"20" doc:"An extension, or as a parked call is taken: *68 and the slot"`
	Label  string `json:"label,omitempty" maxLength:"40"`
}

// Makes are the makes of phones that can be set up.
func Makes() []string {
	return []string{"yealink", "snom", "grandstream", "fanvil", "cisco", "poly", "linphone"}
}

const (
	maxKeys    = 40
	linkLasts  = 7 * 24 * time.Hour
	setupQuery = `SELECT device, make, mac, keys, once_until, fetched_at, fetched_from, fetched_agent FROM phone_setup`
)

func scanSetup(row store.Row) (s Setup, err error) {
	var keys string
	var until, fetched int64
	if err = row.Scan(&s.Device, &s.Make, &s.MAC, &keys, &until, &fetched, &s.From, &s.Agent); err != nil {
		return s, err
	}
	s.Until, s.Fetched = store.Time(until), store.Time(fetched)
	return s, json.Unmarshal([]byte(keys), &s.Keys)
}

// Setup is how a phone is set up; ErrNotFound: it isn't from here.
func (d *Directory) Setup(ctx context.Context, device string) (Setup, error) {
	s, err := scanSetup(d.db.QueryRow(ctx, setupQuery+` WHERE device = $1`, device))
	return s, store.Found(err)
}

// SaveSetup says how a phone is set up; its links stay as they are. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveSetup(ctx context.Context, s *Setup) error {
	if err := checkSetup(s); err != nil {
		return err
	}
	if _, err := d.Device(ctx, s.Device); err != nil {
		return err
	}
	_, err := d.db.Exec(ctx, `INSERT INTO phone_setup (device, make, mac, keys, once, once_until, token, fetched_at, fetched_from, fetched_agent)
		VALUES ($1, $2, $3, $4, '', 0, '', 0, '', '')
		ON CONFLICT (device) DO UPDATE SET make = excluded.make, mac = excluded.mac, keys = excluded.keys`,
		s.Device, s.Make, s.MAC, asJSON(s.Keys))
	if store.IsUnique(err) {
		return input.Refuse("mac", "another phone has it")
	}
	return err
}

func checkSetup(s *Setup) error {
	s.MAC = strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "", " ", "").Replace(s.MAC))
	if s.Keys == nil {
		s.Keys = []Key{}
	}
	switch {
	case !slices.Contains(Makes(), s.Make):
		return input.Refuse("make", "must be one of %s", strings.Join(Makes(), ", "))
	case s.Make == "linphone":
		s.MAC = ""
	case len(s.MAC) != 12 || strings.Trim(s.MAC, "0123456789abcdef") != "":
		return input.Refuse("mac", "twelve digits 0–9 and a–f, as on the phone's label")
	}
	if len(s.Keys) > maxKeys {
		return input.Refuse("keys", "at most %d", maxKeys)
	}
	for _, k := range s.Keys {
		if k.Number == "" || len(k.Number) > 20 || strings.Trim(k.Number, "0123456789*#+") != "" {
			return input.Refuse("keys", "%q is not dialled", k.Number)
		}
	}
	return nil
}

// LinkSetup makes the link of a phone anew: its token tells the password, once, within a week. The one before counts no
// more. ErrNotFound: nobody said how it is set up.
func (d *Directory) LinkSetup(ctx context.Context, device string, now time.Time) (token string, err error) {
	token = rand.Text()
	result, err := d.db.Exec(ctx, `UPDATE phone_setup SET once = $2, once_until = $3 WHERE device = $1`, device,
		hashed(token), store.Micros(now.Add(linkLasts)))
	if err != nil {
		return "", err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "", errors.Join(err, ErrNotFound)
	}
	return token, nil
}

// SetupBy is the phone's that a token is: of a link that still counts (once), or the one that the phone keeps;
// ErrNotFound.
func (d *Directory) SetupBy(ctx context.Context, token string, now time.Time) (s Setup, once bool, err error) {
	s, err = scanSetup(d.db.QueryRow(ctx, setupQuery+` WHERE once = $1 AND once_until > $2`, hashed(token),
		store.Micros(now)))
	if err = store.Found(err); err == nil || !errors.Is(err, ErrNotFound) {
		return s, true, err
	}
	s, err = scanSetup(d.db.QueryRow(ctx, setupQuery+` WHERE token = $1`, hashed(token)))
	return s, false, store.Found(err)
}

// UseLink ends a link: who comes by it gets a token to keep. ErrNotFound: somebody was faster.
func (d *Directory) UseLink(ctx context.Context, token string) (kept string, err error) {
	kept = rand.Text()
	result, err := d.db.Exec(ctx, `UPDATE phone_setup SET once = '', once_until = 0, token = $2 WHERE once = $1`,
		hashed(token), hashed(kept))
	if err != nil {
		return "", err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "", errors.Join(err, ErrNotFound)
	}
	return kept, nil
}

// Fetched notes that a phone has fetched its settings.
func (d *Directory) Fetched(ctx context.Context, s Setup, now time.Time) error {
	_, err := d.db.Exec(ctx, `UPDATE phone_setup SET fetched_at = $2, fetched_from = $3, fetched_agent = $4 WHERE device = $1`,
		s.Device, store.Micros(now), s.From, s.Agent)
	return err
}

// hashed is what is kept of a token: it has 130 bits of chance, so nobody finds it from that.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
