package directory

import (
	"cmp"
	"context"
	"strings"

	"frontdesk/pbx/input"
	"frontdesk/store"
)

const deviceColumns = `id, user_id, username, ha1, ha1_sha, label, switched_off, srtp, mwi`

func scanDevice(row store.Row) (v Device, err error) {
	err = row.Scan(&v.ID, &v.User, &v.Username, &v.HA1, &v.HA1SHA, &v.Label, &v.Off, &v.SRTP, &v.MWI)
	return v, err
}

// Devices lists the desk phones of a user, or of all with user empty.
func (d *Directory) Devices(ctx context.Context, user string) ([]Device, error) {
	rows, err := d.db.Query(ctx, `SELECT `+deviceColumns+` FROM device WHERE user_id = $1 OR $1 = '' ORDER BY id`, user)
	return store.Collect(rows, err, scanDevice)
}

// Device is one desk phone; ErrNotFound.
func (d *Directory) Device(ctx context.Context, id string) (Device, error) {
	v, err := scanDevice(d.db.QueryRow(ctx, `SELECT `+deviceColumns+` FROM device WHERE id = $1`, id))
	return v, store.Found(err)
}

// Digest is the account of a phone that logs in, with its HA1s; ErrNotFound, also when it is switched off.
func (d *Directory) Digest(ctx context.Context, username string) (Device, error) {
	v, err := scanDevice(d.db.QueryRow(ctx, `SELECT `+deviceColumns+
		` FROM device WHERE username = $1 AND NOT switched_off`, username))
	return v, store.Found(err)
}

// SaveDevice creates the phone's account (ID empty: it gets one, and needs a password) or updates it (an empty password
// keeps the old one). Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveDevice(ctx context.Context, v *Device, password string) error {
	if err := checkDevice(v, password); err != nil {
		return err
	}
	if password != "" {
		v.HA1, v.HA1SHA = d.HA1(v.Username, password), d.ha1SHA(v.Username, password)
	}
	if err := d.noTrunk(ctx, v.Username); err != nil {
		return err
	}
	err := d.putDevice(ctx, v, password != "")
	if store.IsUnique(err) {
		return input.Refuse("username", "%q is taken", v.Username)
	}
	return err
}

// noTrunk refuses the user name that a PBX registers with.
func (d *Directory) noTrunk(ctx context.Context, username string) error {
	var trunks int
	err := d.db.QueryRow(ctx, `SELECT count(*) FROM trunk WHERE host = '' AND lower(in_username) = $1`,
		username).Scan(&trunks)
	if err == nil && trunks > 0 {
		return input.Refuse("username", "%q is what a PBX registers with", username)
	}
	return err
}

func (d *Directory) putDevice(ctx context.Context, v *Device, secret bool) error {
	if v.ID == "" {
		if !secret {
			return input.Refuse("password", "a new device needs a password")
		}
		v.ID = store.NewID()
		return d.write(ctx, `INSERT INTO device (id, user_id, username, ha1, ha1_sha, label, srtp, mwi) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			v.ID, v.User, v.Username, v.HA1, v.HA1SHA, v.Label, v.SRTP, v.MWI)
	}
	old, err := d.Device(ctx, v.ID)
	if err != nil {
		return err
	}
	if !secret && old.Username != v.Username {
		return input.Refuse("password",
			"a changed user name needs the password again, because the stored hash contains the name")
	}
	if !secret {
		v.HA1, v.HA1SHA = old.HA1, old.HA1SHA
	}
	return d.changeDevice(ctx, v, secret)
}

// changeDevice saves a phone's account. A new password ends its registrations, which the old one made; a call that runs
// goes on.
func (d *Directory) changeDevice(ctx context.Context, v *Device, secret bool) error {
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE device SET user_id = $2, username = $3, ha1 = $4, ha1_sha = $5, label = $6, srtp = $7, mwi = $8 WHERE id = $1`,
			v.ID, v.User, v.Username, v.HA1, v.HA1SHA, v.Label, v.SRTP, v.MWI)
		if err == nil && secret {
			_, err = tx.Exec(ctx, `DELETE FROM binding WHERE device = $1`, v.ID)
		}
		return err
	})
	if err == nil {
		d.touched()
	}
	return err
}

// NewPassword gives a phone's account another password. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) NewPassword(ctx context.Context, id, password string) (Device, error) {
	v, err := d.Device(ctx, id)
	if err == nil {
		err = d.SaveDevice(ctx, &v, password)
	}
	return v, err
}

func checkDevice(v *Device, password string) error {
	v.Username = strings.ToLower(strings.TrimSpace(v.Username))
	v.SRTP, v.MWI = cmp.Or(v.SRTP, SRTPOffered), cmp.Or(v.MWI, MWISubscribe)
	switch {
	case v.User == "":
		return input.Refuse("user", "choose whose phone it is")
	case v.Username == "" || len(v.Username) > 64 ||
		strings.Trim(v.Username, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "":
		return input.Refuse("username", "letters, digits, dot, dash and underscore, at most 64")
	case password != "" && len(password) < 8:
		return input.Refuse("password", "at least 8 characters: phones are attacked day and night")
	case !v.SRTP.valid():
		return input.Refuse("srtp", "must be off, offered or required")
	case v.MWI != MWISubscribe && v.MWI != MWIUnsolicited:
		return input.Refuse("mwi", "must be subscribe or unsolicited")
	case len(v.Label) > 200:
		return input.Refuse("label", "at most 200 characters")
	}
	return nil
}

// DeleteDevice removes the account and its registrations; ErrNotFound.
func (d *Directory) DeleteDevice(ctx context.Context, id string) error {
	return d.write(ctx, `DELETE FROM device WHERE id = $1`, id)
}
