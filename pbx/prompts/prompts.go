// Package prompts keeps what machines say to callers: sounds that the company uploads, records or has spoken, and those
// that ship with the program.
package prompts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// ErrNotFound: no such prompt.
var ErrNotFound = store.ErrNotFound

// taken: another prompt has that name.
func taken(name string) error {
	return &input.Invalid{Field: "name", Problem: fmt.Sprintf("there is a prompt called %q already", name)}
}

// Prompt is something that the company has said to callers.
type Prompt struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Source   string    `json:"source" doc:"upload, record or text"`
	Text     string    `json:"text,omitempty" doc:"That it was made of"`
	Language string    `json:"language,omitempty"`
	Seconds  float64   `json:"seconds"`
	Created  time.Time `json:"created"`
	UsedBy   []string  `json:"used_by" doc:"Names of the menus, voicemail boxes and queues that say it"`
	Music    bool      `json:"music" doc:"It is the company's hold music"`
	blob     string
}

// Config of the prompts.
type Config struct {
	Speech string // path of espeak-ng; empty: nothing is spoken from text
}

// Prompts are those of the company. It is safe for concurrent use.
type Prompts struct {
	config Config
	db     *store.DB
	blobs  blob.Store

	mu    sync.Mutex
	known map[string][]int16 // sounds by blob or name, at most maxKnown samples of them
	size  int
}

// maxKnown bounds the memory that sounds take: 64 MB, half an hour.
const maxKnown = 32 << 20

// New opens the prompts.
func New(c Config, db *store.DB, blobs blob.Store) *Prompts {
	return &Prompts{config: c, db: db, blobs: blobs, known: map[string][]int16{}}
}

const columns = `id, name, source, text, language, length, blob, created_at`

func scan(row store.Row) (p Prompt, err error) {
	var length, created int64
	err = row.Scan(&p.ID, &p.Name, &p.Source, &p.Text, &p.Language, &length, &p.blob, &created)
	p.Seconds, p.Created, p.UsedBy = float64(length)/1000, store.Time(created), []string{}
	return p, err
}

// List are all, by name.
func (p *Prompts) List(ctx context.Context) ([]Prompt, error) {
	rows, err := p.db.Query(ctx, `SELECT `+columns+` FROM prompt ORDER BY name, id`)
	all, err := store.Collect(rows, err, scan)
	if err != nil {
		return nil, err
	}
	users, err := p.users(ctx, "")
	for i := range all {
		for _, user := range users[all[i].ID] {
			if all[i].Music = all[i].Music || user == ""; user != "" {
				all[i].UsedBy = append(all[i].UsedBy, user)
			}
		}
	}
	return all, err
}

// users are the names of those who say a prompt, of all where id is empty; "" is the company, of its hold music.
func (p *Prompts) users(ctx context.Context, id string) (map[string][]string, error) {
	rows, err := p.db.Query(ctx, `SELECT prompt, name FROM voice_menu WHERE prompt = $1 OR $1 = ''
		UNION ALL SELECT greeting, name FROM voicemail_box WHERE greeting = $1 OR $1 = ''
		UNION ALL SELECT music, name FROM queue WHERE music = $1 OR $1 = ''
		UNION ALL SELECT value, '' FROM setting WHERE name = 'pbx.music' AND (value = $1 OR $1 = '') ORDER BY 2`, id)
	pairs, err := store.Collect(rows, err, func(row store.Row) (pair [2]string, err error) {
		return pair, row.Scan(&pair[0], &pair[1])
	})
	users := map[string][]string{}
	for _, pair := range pairs {
		users[pair[0]] = append(users[pair[0]], pair[1])
	}
	return users, err
}

// Add makes a prompt of a sound file; what is wrong with the file a *directory.Invalid says.
func (p *Prompts) Add(ctx context.Context, name, source string, file []byte) (Prompt, error) {
	pcm, err := audio.Decode(file, Longest)
	if err != nil {
		return Prompt{}, &input.Invalid{Field: "sound", Problem: err.Error()}
	}
	return p.add(ctx, Prompt{Name: name, Source: source}, pcm)
}

// Speaks tells whether texts can be spoken.
func (p *Prompts) Speaks() bool { return p.config.Speech != "" }

// Speak makes a prompt of a text.
func (p *Prompts) Speak(ctx context.Context, name, language, text string) (Prompt, error) {
	pcm, err := speak(ctx, p.config.Speech, language, text)
	if err != nil {
		return Prompt{}, err
	}
	return p.add(ctx, Prompt{Name: name, Source: "text", Text: text, Language: language}, pcm)
}

func (p *Prompts) add(ctx context.Context, made Prompt, pcm []int16) (Prompt, error) {
	key, _, err := p.blobs.Put(ctx, bytes.NewReader(audio.WAV(pcm, media.Rate)))
	if err != nil {
		return made, err
	}
	made.ID, made.Created, made.blob, made.UsedBy = store.NewID(), time.Now(), key, []string{}
	length := int64(len(pcm)) * 1000 / media.Rate
	made.Seconds = float64(length) / 1000
	err = p.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM mail_dropped WHERE blob = $1`, key); err != nil { // it is needed again
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO prompt (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, made.ID,
			made.Name, made.Source, made.Text, made.Language, length, key, store.Micros(made.Created))
		return err
	})
	if store.IsUnique(err) {
		return made, taken(made.Name)
	}
	return made, err
}

// Rename gives a prompt another name.
func (p *Prompts) Rename(ctx context.Context, id, name string) error {
	result, err := p.db.Exec(ctx, `UPDATE prompt SET name = $2 WHERE id = $1`, id, name)
	if store.IsUnique(err) {
		return taken(name)
	}
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

// Delete removes a prompt that nobody says any more.
func (p *Prompts) Delete(ctx context.Context, id string) error {
	return p.db.Tx(ctx, func(tx *store.Tx) error {
		if err := Lock(ctx, tx, id); err != nil {
			return err
		}
		users, err := p.users(ctx, id)
		if err != nil {
			return err
		}
		if names := users[id]; len(names) > 0 {
			if names[0] == "" {
				names[0] = "hold music"
			}
			return fmt.Errorf("%s: choose another prompt there first: %w", strings.Join(names, ", "),
				directory.ErrInUse)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_dropped (blob, at) SELECT blob, $2 FROM prompt WHERE id = $1
			ON CONFLICT DO NOTHING`, id, store.Micros(time.Now())); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM prompt WHERE id = $1`, id)
		return err
	})
}

// Lock makes those who choose a prompt and who deletes it follow each other; ErrNotFound.
func Lock(ctx context.Context, tx *store.Tx, id string) error {
	result, err := tx.Exec(ctx, `UPDATE prompt SET id = id WHERE id = $1`, id)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

// Uses tells whether a content is that of a prompt.
func (p *Prompts) Uses(ctx context.Context, blob string) (bool, error) {
	var n int
	err := p.db.QueryRow(ctx, `SELECT count(*) FROM prompt WHERE blob = $1`, blob).Scan(&n)
	return n > 0, err
}

// File opens the sound of a prompt as a WAV file.
func (p *Prompts) File(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	found, err := p.find(ctx, id)
	if err != nil {
		return nil, err
	}
	return p.blobs.Open(ctx, found.blob)
}

func (p *Prompts) find(ctx context.Context, id string) (Prompt, error) {
	found, err := scan(p.db.QueryRow(ctx, `SELECT `+columns+` FROM prompt WHERE id = $1`, id))
	return found, store.Found(err)
}
