package compose

import (
	"context"
	"fmt"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

// Template is a mail that is written again and again; {{contact.name}} in it becomes what the CRM knows.
type Template struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	HTML    string `json:"html"`
	Shared  bool   `json:"shared"` // everybody uses it
	Owner   string `json:"owner"`  // user; he and administrators change it
}

const templateColumns = `id, name, subject, html, shared, owner`

func scanTemplate(row store.Row) (t Template, err error) {
	return t, row.Scan(&t.ID, &t.Name, &t.Subject, &t.HTML, &t.Shared, &t.Owner)
}

// Templates are those that a user uses: his own and the shared ones, by name.
func (k *Kit) Templates(ctx context.Context, user string) ([]Template, error) {
	rows, err := k.db.Query(ctx, `SELECT `+templateColumns+` FROM mail_template WHERE owner = $1 OR shared ORDER BY name, id`,
		user)
	return store.Collect(rows, err, scanTemplate)
}

// Template reads one that a user uses. mail.ErrNotFound.
func (k *Kit) Template(ctx context.Context, user, id string) (Template, error) {
	t, err := scanTemplate(k.db.QueryRow(ctx, `SELECT `+templateColumns+` FROM mail_template WHERE id = $1 AND (owner = $2 OR shared)`,
		id, user))
	return t, store.Found(err)
}

// SaveTemplate adds a template (ID "") of the user's or changes one; all tells that he may change everybody's.
// mail.ErrNotFound when there is none that he may change, mail.ErrInvalid.
func (k *Kit) SaveTemplate(ctx context.Context, user string, all bool, t Template) (_ Template, err error) {
	if t.Name, err = named(t.Name); err != nil {
		return t, fmt.Errorf("template: %w", err)
	}
	if t.HTML, err = k.safe(t.HTML); err != nil {
		return t, fmt.Errorf("template: %w", err)
	}
	if len(t.Subject) > 4*maxName {
		return t, fmt.Errorf("template: %w", mail.ErrInvalid)
	}
	now := store.Micros(time.Now())
	if t.ID == "" {
		t.ID, t.Owner = store.NewID(), user
		n, err := k.db.Exec(ctx, `INSERT INTO mail_template (id, name, subject, html, shared, owner, updated_at)
			SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM mail_template WHERE owner = $6) < $8`, t.ID, t.Name, t.Subject, t.HTML,
			t.Shared, user, now, maxTemplates)
		return t, changed(n, err, mail.ErrInvalid)
	}
	n, err := k.db.Exec(ctx, `UPDATE mail_template SET name = $1, subject = $2, html = $3, shared = $4, updated_at = $5
		WHERE id = $6 AND (owner = $7 OR $8 AND shared)`, t.Name, t.Subject, t.HTML, t.Shared, now, t.ID, user, all)
	if err := changed(n, err, mail.ErrNotFound); err != nil {
		return t, err
	}
	return k.byID(ctx, t.ID)
}

func (k *Kit) byID(ctx context.Context, id string) (Template, error) {
	t, err := scanTemplate(k.db.QueryRow(ctx, `SELECT `+templateColumns+` FROM mail_template WHERE id = $1`, id))
	return t, store.Found(err)
}

// DeleteTemplate removes one that the user may change. mail.ErrNotFound.
func (k *Kit) DeleteTemplate(ctx context.Context, user string, all bool, id string) error {
	n, err := k.db.Exec(ctx, `DELETE FROM mail_template WHERE id = $1 AND (owner = $2 OR $3 AND shared)`, id, user, all)
	return changed(n, err, mail.ErrNotFound)
}
