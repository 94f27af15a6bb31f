package words

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"frontdesk/guard"
	"frontdesk/pbx/input"
)

// setting is the name under which the settings are kept.
const setting = "pbx.words"

// Model is an address that speaks the API of OpenAI, and what is asked for there.
type Model struct {
	URL  string
	Name string // "" where the server has only one
	key  string // sealed; "" for none
}

// HasKey: the server wants to know who asks.
func (m Model) HasKey() bool { return m.key != "" }

// Settings say who writes down what is said, and who sums it up. Without a URL nobody does.
type Settings struct {
	Recogniser Model
	Summariser Model
	Language   string // of the calls, ISO 639-1; "": the recogniser finds out
}

// kept is how settings are kept.
type kept struct {
	Recogniser, Summariser keptModel
	Language               string
}

type keptModel struct{ URL, Name, Key string }

// Settings are those that hold; without any nothing is written down.
func (w *Words) Settings(ctx context.Context) (s Settings, err error) {
	var value string
	err = w.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, setting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	var k kept
	if err == nil {
		err = json.Unmarshal([]byte(value), &k)
	}
	s.Recogniser = Model{k.Recogniser.URL, k.Recogniser.Name, k.Recogniser.Key}
	s.Summariser = Model{k.Summariser.URL, k.Summariser.Name, k.Summariser.Key}
	s.Language = k.Language
	return s, err
}

// Change is what an administrator says of a model.
type Change struct {
	URL, Name string
	Key       *string // nil: as it was, unless the server is another one; "": none
}

var aLanguage = regexp.MustCompile(`^([a-z]{2,3})?$`)

const maxURL, maxName, maxKey = 2000, 200, 1000

// Save replaces the settings; recordings that are finished from now on follow them. Errors: *input.Invalid.
func (w *Words) Save(ctx context.Context, recogniser, summariser Change, language string) error {
	if !aLanguage.MatchString(language) {
		return input.Refuse("language", "want a code like ro, or nothing for the recogniser to find out")
	}
	before, err := w.Settings(ctx)
	if err != nil {
		return err
	}
	k := kept{Language: language}
	if k.Recogniser, err = w.changed("recogniser", before.Recogniser, recogniser, "/audio/transcriptions"); err != nil {
		return err
	}
	if k.Summariser, err = w.changed("summariser", before.Summariser, summariser, "/chat/completions"); err != nil {
		return err
	}
	if k.Recogniser.URL == "" && k.Summariser.URL != "" {
		return input.Refuse("recogniser", "what is not written down can't be summed up: name a recogniser, too")
	}
	value, err := json.Marshal(k)
	if err != nil {
		return err
	}
	_, err = w.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
		setting, string(value))
	return err
}

// changed checks a model; field is what an error names.
func (w *Words) changed(field string, before Model, c Change, path string) (k keptModel, err error) {
	k.Name = strings.TrimSpace(c.Name)
	if len(k.Name) > maxName || c.Key != nil && len(*c.Key) > maxKey {
		return k, input.Refuse(field, "the name of the model or the key is too long")
	}
	if k.URL, err = w.address(field, strings.TrimSpace(c.URL), path); err != nil || k.URL == "" {
		return keptModel{}, err
	}
	switch {
	case c.Key == nil && sameServer(before.URL, k.URL):
		k.Key = before.key
	case c.Key != nil && *c.Key != "":
		k.Key = w.config.Seal.Close(purpose(field), []byte(*c.Key))
	}
	return k, nil
}

// purpose of a sealed key.
func purpose(field string) string { return setting + " " + field }

// sameServer: a key is for the server that it was typed for.
func sameServer(a, b string) bool {
	one, err1 := url.Parse(a)
	other, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && one.Scheme == other.Scheme && one.Host == other.Host
}

// address checks an address as a person types it, and completes it.
func (w *Words) address(field, text, path string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || len(text) > maxURL:
		return "", input.Refuse(field, "want an address like https://models.example.com/v1%s", path)
	case u.User != nil || u.Fragment != "":
		return "", input.Refuse(field,
			"leave user, password and what follows the # out of the address: the key has a field of its own")
	}
	switch u.Path = strings.TrimSuffix(u.Path, "/"); {
	case u.Path == "":
		u.Path = "/v1" + path
	case strings.HasSuffix(u.Path, "/v1"):
		u.Path += path
	}
	at, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return u.String(), nil // a name: what it stands for is checked when it is connected to
	}
	var forbidden *guard.Forbidden
	if errors.As(w.config.Egress.Check(at, u.Scheme == "http"), &forbidden) {
		return "", input.Refuse(field, "%v: allow it under calls.words.allow in the configuration file", forbidden)
	}
	return u.String(), nil
}
