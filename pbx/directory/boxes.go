package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"frontdesk/store"
)

const boxColumns = `id, name, users, greeting, language, seconds`

// Boxes lists the voicemail boxes, by name.
func (d *Directory) Boxes(ctx context.Context) ([]VoicemailBox, error) { return boxesOf(ctx, d.db) }

func boxesOf(ctx context.Context, q store.Queries) ([]VoicemailBox, error) {
	rows, err := q.Query(ctx, `SELECT `+boxColumns+` FROM voicemail_box ORDER BY name, id`)
	return store.Collect(rows, err, func(row store.Row) (b VoicemailBox, err error) {
		var users string
		if err = row.Scan(&b.ID, &b.Name, &users, &b.Greeting, &b.Language, &b.Seconds); err != nil {
			return b, err
		}
		return b, json.Unmarshal([]byte(users), &b.Users)
	})
}

// SaveBox creates a voicemail box (ID empty: it gets one) or changes it. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveBox(ctx context.Context, b *VoicemailBox) error {
	b.Seconds = cmp.Or(b.Seconds, 180)
	switch {
	case strings.TrimSpace(b.Name) == "":
		return invalid("name", "give it a name")
	case len(b.Users) == 0 || len(b.Users) > 50:
		return invalid("users", "choose 1 to 50 users who get the messages")
	case b.Seconds < 10 || b.Seconds > 600:
		return invalid("seconds", "10 to 600 seconds")
	}
	statement := `UPDATE voicemail_box SET name = $2, users = $3, greeting = $4, language = $5, seconds = $6 WHERE id = $1`
	if b.ID == "" {
		b.ID = store.NewID()
		statement = `INSERT INTO voicemail_box (` + boxColumns + `) VALUES ($1, $2, $3, $4, $5, $6)`
	}
	return d.writeSaying(ctx, "greeting", b.Greeting, b.Name, statement, b.ID, b.Name, asJSON(b.Users), b.Greeting,
		b.Language, b.Seconds)
}

// DeleteBox removes a voicemail box, whose messages its users keep; ErrNotFound, and ErrInUse while something leads to
// it.
func (d *Directory) DeleteBox(ctx context.Context, id string) error {
	return d.deleteUnused(ctx, func(to Destination) bool { return to.Voicemail == id },
		`DELETE FROM voicemail_box WHERE id = $1`, id)
}

// giveBoxes makes a user's voicemail boxes, and what is in them, the heir's.
func giveBoxes(ctx context.Context, tx *store.Tx, user, heir string) error {
	boxes, err := boxesOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, b := range boxes {
		at := slices.Index(b.Users, user)
		switch {
		case at < 0:
			continue
		case slices.Contains(b.Users, heir):
			b.Users = slices.Delete(b.Users, at, at+1)
		default:
			b.Users[at] = heir
		}
		if _, err := tx.Exec(ctx, `UPDATE voicemail_box SET users = $1 WHERE id = $2`, asJSON(b.Users), b.ID); err != nil {
			return err
		}
	}
	return nil
}
