package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/guard"
	"frontdesk/store"
)

const (
	maxHooks = 50
	maxName  = 100
	maxURL   = 2000
)

// Input is what a person says of a webhook.
type Input struct {
	Name   string
	URL    string
	Types  []string
	Active bool
}

// List names all webhooks, by name.
func (w *Webhooks) List(ctx context.Context) ([]Webhook, error) {
	rows, err := w.db.Query(ctx, `SELECT `+hookColumns+` FROM webhook ORDER BY name, id`)
	hooks, err := store.Collect(rows, err, scanHook)
	if err != nil {
		return nil, err
	}
	rows, err = w.db.Query(ctx, `SELECT webhook, COUNT(*) FROM webhook_delivery WHERE state = 'waiting' GROUP BY webhook`)
	_, err = store.Collect(rows, err, func(row store.Row) (hook string, err error) {
		var n int64
		err = row.Scan(&hook, &n)
		if i := slices.IndexFunc(hooks, func(h Webhook) bool { return h.ID == hook }); i >= 0 {
			hooks[i].Waiting = n
		}
		return hook, err
	})
	return hooks, err
}

// Create makes a webhook, which is told what happens from now on, and returns the secret that signs, which is never
// told again. Errors: *Invalid.
func (w *Webhooks) Create(ctx context.Context, in Input) (Webhook, string, error) {
	if err := w.check(&in); err != nil {
		return Webhook{}, "", err
	}
	h := Webhook{ID: store.NewID(), Name: in.Name, URL: in.URL, Types: in.Types, Active: in.Active,
		Created: store.Now(), secret: newSecret()}
	types, err := json.Marshal(h.Types)
	if err != nil {
		return h, "", err
	}
	err = w.db.Tx(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM webhook`).Scan(&n); err != nil {
			return err
		}
		if n >= maxHooks {
			return invalid("name", "there are %d webhooks already: remove one first", n)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO webhook (`+hookColumns+`) VALUES ($1, $2, $3, $4, $5, $6, '', 0, $7)`,
			h.ID, h.Name, h.URL, string(types), h.secret, h.Active, store.Micros(h.Created)); err != nil {
			return err
		}
		return follow(ctx, tx, h)
	})
	if err == nil {
		w.tellCards(ctx)
	}
	return h, h.secret, err
}

// Update changes a webhook. One that is switched on again is told what happens from then on, and gets at once what
// waits for it. Errors: *Invalid, store.ErrNotFound.
func (w *Webhooks) Update(ctx context.Context, id string, change func(*Input)) (h Webhook, err error) {
	err = w.db.Tx(ctx, func(tx *store.Tx) error {
		if h, err = lock(ctx, tx, id); err != nil {
			return err
		}
		in, before := Input{h.Name, h.URL, h.Types, h.Active}, h.Active
		change(&in)
		if err := w.check(&in); err != nil {
			return err
		}
		h.Name, h.URL, h.Types, h.Active = in.Name, in.URL, in.Types, in.Active
		if h.Active != before {
			h.Stopped, h.Failing = "", time.Time{}
		}
		if err := save(ctx, tx, h); err != nil {
			return err
		}
		if h.Active && !before {
			now := time.Now()
			if _, err := tx.Exec(ctx, `UPDATE webhook_delivery SET since = $2 WHERE webhook = $1 AND state = 'waiting'`, id,
				store.Micros(now)); err != nil {
				return err
			}
			if err := hurry(ctx, tx, id, now); err != nil {
				return err
			}
		}
		h.Waiting, err = waiting(ctx, tx, id)
		return err
	})
	if err == nil {
		w.tellCards(ctx)
	}
	return h, err
}

// Delete removes a webhook with all its deliveries. store.ErrNotFound.
func (w *Webhooks) Delete(ctx context.Context, id string) error {
	return w.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := lock(ctx, tx, id); err != nil {
			return err
		}
		_, gone := tx.Exec(ctx, `DELETE FROM webhook_delivery WHERE webhook = $1`, id)
		if gone == nil {
			_, gone = tx.Exec(ctx, `DELETE FROM webhook WHERE id = $1`, id)
		}
		return errors.Join(gone, store.EndCursor(ctx, tx, cursors+id))
	})
}

// Renew gives a webhook another secret, which signs from now on. store.ErrNotFound.
func (w *Webhooks) Renew(ctx context.Context, id string) (secret string, err error) {
	secret = newSecret()
	err = w.db.QueryRow(ctx, `SELECT id FROM webhook WHERE id = $1`, id).Scan(&id)
	if err == nil {
		_, err = w.db.Exec(ctx, `UPDATE webhook SET secret = $2 WHERE id = $1`, id, secret)
	}
	return secret, store.Found(err)
}

// check trims and checks what a person typed.
func (w *Webhooks) check(in *Input) error {
	in.Name, in.URL = strings.TrimSpace(in.Name), strings.TrimSpace(in.URL)
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > maxName {
		return invalid("name", "want 1 to %d characters", maxName)
	}
	slices.Sort(in.Types)
	in.Types = slices.Concat([]string{}, slices.Compact(in.Types))
	return w.checkURL(in.URL)
}

func (w *Webhooks) checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || len(text) > maxURL:
		return invalid("url", "want an address like https://example.com/frontdesk")
	case u.User != nil:
		return invalid("url", "leave user and password out: what is sent is signed")
	case u.Fragment != "":
		return invalid("url", "leave out what follows the #: it is never sent")
	}
	at, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return nil // a name: what it stands for is checked when it is connected to
	}
	var forbidden *guard.Forbidden
	if errors.As(w.config.Egress.Check(at, u.Scheme == "http"), &forbidden) {
		return invalid("url", "%v: allow it under webhooks.allow in the configuration file", forbidden)
	}
	return nil
}
