package prompts

import (
	"errors"
	"io/fs"
	"os/exec"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

func open(t *testing.T, db *store.DB, c Config) *Prompts {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return New(c, db, blobs)
}

// A prompt is kept, heard, renamed, and goes when nothing says it any more; its content is needed until then.
func TestPrompts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, p := t.Context(), open(t, db, Config{})
		tone := make([]int16, media.Rate/2)
		for i := range tone {
			tone[i] = int16(i % 100 * 50)
		}
		made, err := p.Add(ctx, "Welcome", "upload", audio.WAV(tone, media.Rate))
		if err != nil || made.Seconds != 0.5 {
			t.Fatalf("%+v, %v", made, err)
		}
		if heard, err := p.Sound(ctx, made.ID); err != nil || len(heard) != len(tone) || heard[77] != tone[77] {
			t.Errorf("%d samples, %v", len(heard), err)
		}
		var wrong *input.Invalid
		if _, err := p.Add(ctx, "Welcome", "upload", audio.WAV(tone, media.Rate)); !errors.As(err, &wrong) ||
			wrong.Field != "name" {
			t.Errorf("the same name: %v", err)
		}
		if _, err := p.Add(ctx, "Other", "upload", []byte("no sound")); !errors.As(err, &wrong) ||
			wrong.Field != "sound" {
			t.Errorf("no sound: %v", err)
		}
		if _, err := p.Speak(ctx, "Other", "en", "Hello"); !errors.As(err, &wrong) || wrong.Field != "text" {
			t.Errorf("no engine: %v", err)
		}
		d := directory.New(directory.Config{}, db, nil)
		menu := dialplan.Menu{Name: "Main", Prompt: made.ID, Language: "en"}
		if err := d.SaveMenu(ctx, &menu); err != nil {
			t.Fatal(err)
		}
		if err := p.Delete(ctx, made.ID); !errors.Is(err, directory.ErrInUse) {
			t.Errorf("in use: %v", err)
		}
		if err := p.Rename(ctx, made.ID, "Greeting"); err != nil {
			t.Error(err)
		}
		all, err := p.List(ctx)
		if err != nil || len(all) != 1 || all[0].Name != "Greeting" || len(all[0].UsedBy) != 1 ||
			all[0].UsedBy[0] != "Main" {
			t.Fatalf("%+v, %v", all, err)
		}
		if uses, err := p.Uses(ctx, all[0].blob); err != nil || !uses {
			t.Errorf("uses %v, %v", uses, err)
		}
		if err := errors.Join(d.DeleteMenu(ctx, menu.ID), p.Delete(ctx, made.ID)); err != nil {
			t.Error(err)
		}
		if uses, err := p.Uses(ctx, all[0].blob); err != nil || uses {
			t.Errorf("deleted, uses %v, %v", uses, err)
		}
		if _, err := p.Sound(ctx, made.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("deleted: %v", err)
		}
		if err := d.SaveMenu(ctx, &dialplan.Menu{Name: "Main", Prompt: made.ID}); !errors.As(err, &wrong) {
			t.Errorf("a menu of a prompt that is gone: %v", err)
		}
	})
}

// Every prompt that ships with the program can be heard, and each language has all.
func TestShippedPrompts(t *testing.T) {
	p := New(Config{}, nil, nil)
	names, err := fs.Glob(system, "system/en/*.opus")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d, %v", len(names), err)
	}
	for _, language := range Languages() {
		for _, file := range names {
			name := file[len("system/en/") : len(file)-len(".opus")]
			pcm, err := p.Sound(t.Context(), System(language, name))
			if err != nil || len(pcm) < media.Rate/5 {
				t.Errorf("%s/%s: %d samples, %v", language, name, len(pcm), err)
			}
		}
	}
	if System("fr", "invalid") != "system/en/invalid" {
		t.Error("a language that there is not")
	}
	if pcm, err := p.Sound(t.Context(), Beep); err != nil || len(pcm) == 0 {
		t.Errorf("%d samples, %v", len(pcm), err)
	}
}

// A text is spoken, whatever it looks like.
func TestSpeech(t *testing.T) {
	engine, err := exec.LookPath("espeak-ng")
	if err != nil {
		t.Skip("espeak-ng is not installed")
	}
	p := open(t, storetest.SQLite(t), Config{Speech: engine})
	for _, text := range []string{"Hello, this is Acme.", "--version", "-w /tmp/x"} {
		made, err := p.Speak(t.Context(), text, "en", text)
		if err != nil || made.Seconds < 0.3 || made.Seconds > 10 || time.Since(made.Created) > time.Minute {
			t.Errorf("%q: %+v, %v", text, made, err)
		}
	}
	var wrong *input.Invalid
	if _, err := p.Speak(t.Context(), "Empty", "en", "  "); !errors.As(err, &wrong) || wrong.Field != "text" {
		t.Errorf("nothing to speak: %v", err)
	}
}
