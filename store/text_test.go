package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"Jürgen":                 "Jürgen",
		"J\xfcrgen M\xfcller":    "Jürgen Müller",
		"Ren\xe9":                "René",
		"\x80 5 \x96 \x93ok\x94": "€ 5 – “ok”",
		"a\x00b":                 "a\ufffdb",
		"J\xfcrgen\x00":          "Jürgen\ufffd",
		"Ștefan \xc8":            "Ștefan \ufffd", // cut in the middle of a character
		"Иван\xff\xfe":           "Иван\ufffd",
	} {
		if got := store.Text(in); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
	clean := func(raw []byte) bool {
		s := store.Text(string(raw))
		return store.IsText(s) && utf8.ValidString(s) && store.Text(s) == s
	}
	if err := quick.Check(clean, nil); err != nil {
		t.Error(err)
	}
}

type named string

// Whatever bytes a query binds, by whichever way, both engines take them and give back the same.
func TestAnyBytesAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pointer := "p\xfcnkt"
		values := []any{"J\xfcrgen", "a\x00b", named("n\xe4mlich"), &pointer, string(randomBytes(300)),
			string(randomBytes(3000))}
		for i, v := range values {
			key := string(rune('a' + i))
			want := store.Text(asString(v))
			for _, set := range []func(args ...any) error{
				func(args ...any) error { _, err := db.Exec(t.Context(), upsert, args...); return err },
				func(args ...any) error {
					return db.Tx(t.Context(),
						func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), upsert, args...); return err })
				},
				func(args ...any) error {
					return db.Tx(t.Context(), func(tx *store.Tx) error {
						return tx.ExecAll(t.Context(), []store.Statement{{Query: upsert, Args: args}})
					})
				},
			} {
				if err := set(key, v); err != nil {
					t.Fatalf("%q: %v", v, err)
				}
				var got string
				if err := db.QueryRow(t.Context(), `SELECT value FROM setting WHERE name = $1 AND value = $2`, key,
					v).Scan(&got); err != nil || got != want {
					t.Errorf("%q is found as %q, %v; want %q", v, got, err, want)
				}
			}
			read := []store.Read{{Query: `SELECT value FROM setting WHERE value = $1`, Args: []any{v},
				Line: func(store.Row) error { return nil }}}
			if err := db.ReadAll(t.Context(), read); err != nil {
				t.Errorf("%q: %v", v, err)
			}
		}
	})
}

const upsert = `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

func asString(v any) string {
	switch v := v.(type) {
	case named:
		return string(v)
	case *string:
		return *v
	}
	return v.(string)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.IntN(256))
	}
	return b
}

// Contents are no text: they are kept as they are.
func TestBytesStayBytes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		raw, got := []byte("\xff\x00\xfe"), []byte{}
		for _, q := range []store.Statement{{Query: `CREATE TABLE raw (v BYTEA)`},
			{Query: `INSERT INTO raw (v) VALUES ($1)`, Args: []any{raw}}} {
			if _, err := db.Exec(t.Context(), q.Query, q.Args...); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.QueryRow(t.Context(), `SELECT v FROM raw WHERE v = $1`, raw).Scan(&got); err != nil ||
			string(got) != string(raw) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// A job whose error no engine takes as it is waits for its next attempt as any other does.
func TestErrorInAnyBytes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		jobs.Handle("work", 1, func(context.Context, store.Job) error {
			cancel()
			return errors.New("550 Benutzer unzul\xe4ssig\x00" + strings.Repeat("é", 50_000))
		})
		if err := store.Enqueue(ctx, db, "work", nil, store.JobOptions{}); err != nil {
			t.Fatal(err)
		}
		jobs.Run(ctx)
		n, text := count(t, db, "state = 'ready' AND attempts = 1")
		if n != 1 || !strings.Contains(text, "550 Benutzer") || len(text) > 5000 {
			t.Errorf("%d jobs wait, with an error of %d bytes: %.60q", n, len(text), text)
		}
	})
}

// A job that takes its worker with it again and again is given up, told, and kept; one that only waits is not.
func TestJobThatNeverComesToAnEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		var runs atomic.Int64
		var told atomic.Value
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1",
			GivenUp: func(kind string) { told.Store(kind); cancel() }}, quiet())
		jobs.Handle("deadly", 1, func(context.Context, store.Job) error { runs.Add(1); return nil })
		if err := store.Enqueue(ctx, db, "deadly", "x", store.JobOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(ctx, `UPDATE job SET state = 'leased', lease = 'gone', lease_until = 1, lost = 9`); err != nil {
			t.Fatal(err)
		}
		jobs.Run(ctx)
		n, text := count(t, db, "state = 'dead'")
		if n != 1 || runs.Load() != 0 || told.Load() != "deadly" || !strings.Contains(text, "10 times") {
			t.Errorf("%d dead jobs after %d runs: %s", n, runs.Load(), text)
		}
	})
}
