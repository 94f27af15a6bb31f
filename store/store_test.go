package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestOpenSaysWhatIsWrongWithTheURL(t *testing.T) {
	for _, url := range []string{"mysql://x", "", "sqlite://"} {
		if _, err := store.Open(t.Context(), url); err == nil {
			t.Errorf("%q was opened", url)
		}
	}
	_, err := store.Open(t.Context(), "postgres://joe:secret@127.0.0.1:1/x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
}

// Of several hosts the one is used that answers.
func TestOpenTriesEachHost(t *testing.T) {
	one := storetest.PostgresURL(t)
	several := strings.Replace(one, "@", "@127.0.0.1:1,", 1) + "&target_session_attrs=read-write"
	db, err := store.Open(t.Context(), several)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = store.Open(t.Context(), "postgres://joe:secret@127.0.0.1:1,127.0.0.1:2/x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
}

// A process that is stopped in a transaction holds its locks for a few seconds only: others take over from it.
func TestLocksOfAStoppedProcessEnd(t *testing.T) {
	url := storetest.PostgresURL(t)
	db, err := store.Open(t.Context(), url+"&idle_in_transaction_session_timeout=200")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var set string
	if err := db.QueryRow(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&set); err != nil ||
		set != "200ms" {
		t.Errorf("what the URL asks for is %q, %v", set, err)
	}
	standard, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer standard.Close()
	if err := standard.QueryRow(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&set); err != nil ||
		set != "5s" {
		t.Errorf("by default it is %q, %v", set, err)
	}
	const touch = `INSERT INTO setting (name, value) VALUES ('x', '1') ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	held, goOn := make(chan struct{}), make(chan struct{})
	over := make(chan error)
	go func() {
		over <- db.Tx(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Exec(context.Background(), touch)
			close(held)
			<-goOn
			return err
		})
	}()
	<-held
	if _, err := standard.Exec(t.Context(), touch); err != nil { // waits for the lock
		t.Error(err)
	}
	close(goOn)
	if err := <-over; err == nil {
		t.Error("the late transaction is committed")
	}
}

func TestMicrosAndTimeAreInverse(t *testing.T) {
	now := time.Now().Truncate(time.Microsecond)
	if got := store.Time(store.Micros(now)); !got.Equal(now) {
		t.Errorf("got %v, want %v", got, now)
	}
	if !store.Time(store.Micros(time.Time{})).IsZero() {
		t.Error("the zero time does not survive")
	}
}

func TestTxRollsBackOnError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO setting (name, value) VALUES ($1, $2)`, "a",
				"1"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
		var n int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM setting`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

func TestIsUnique(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		insert := func() error {
			_, err := db.Exec(t.Context(), `INSERT INTO setting (name, value) VALUES ($1, $2)`, "a", "1")
			return err
		}
		if err := insert(); err != nil {
			t.Fatal(err)
		}
		if err := insert(); !store.IsUnique(err) {
			t.Errorf("a second row with the same key: %v", err)
		}
		if store.IsUnique(nil) || store.IsUnique(errors.New("other")) {
			t.Error("IsUnique takes any error")
		}
	})
}
