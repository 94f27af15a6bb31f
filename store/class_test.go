package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"frontdesk/testwait"
)

// endless has a first line, and takes minutes for the others: on SQLite the second one does. PostgreSQL sends lines
// only by the buffer.
func (db *DB) endless() string {
	text := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT i FROM n`
	if db.dialect == SQLite {
		text += ` WHERE i = 1 OR i = 1000000000`
	}
	return text
}

// eachEngine runs the test on both, without a schema.
func eachEngine(t *testing.T, test func(t *testing.T, db *DB)) {
	urls := map[string]string{"sqlite": "sqlite://" + filepath.Join(t.TempDir(), "test.db"),
		"postgres": os.Getenv("FRONTDESK_TEST_POSTGRES")}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			if url == "" {
				t.Skip("FRONTDESK_TEST_POSTGRES is not set: PostgreSQL not tested")
			}
			db, err := connect(url, false)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			test(t, db)
		})
	}
}

// hold starts a query that holds its place until it is closed.
func hold(t *testing.T, db *DB, ctx context.Context) *Rows {
	t.Helper()
	rows, err := db.Query(ctx, `SELECT 1`)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	return rows
}

// forever reads what does not end by itself.
func forever(ctx context.Context, q Queries, text string) error {
	rows, err := q.Query(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// quick asks for something that takes no time.
func quick(ctx context.Context, q Queries) error {
	var n int
	return q.QueryRow(ctx, `SELECT 1 WHERE 1 = $1`, 1).Scan(&n)
}

// Whatever screens and reports hold, a call reads and writes; who waits behind them is let in when one of them ends.
func TestScreensDoNotStarveCalls(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		person := func(i int) context.Context { return As(t.Context(), Screens, string(rune('a'+i))) }
		ending := hold(t, db, person(0))
		for i := range db.reading.share[Screens] - 1 {
			hold(t, db, person(i+1))
		}
		for _, class := range []Class{Mail, Doors, Strangers, Reports} {
			for range db.reading.share[class] {
				hold(t, db, As(t.Context(), class, ""))
			}
		}
		if err := quick(t.Context(), db); err != nil {
			t.Errorf("a call's query: %v", err)
		}
		if err := db.Tx(t.Context(), func(tx *Tx) error { return quick(t.Context(), tx) }); err != nil {
			t.Errorf("a call's transaction: %v", err)
		}
		late := make(chan error, 1)
		go func() { late <- quick(person(20), db) }()
		waitFor(t, func() bool { return db.reading.lined(Screens) == 1 })
		ending.Close()
		if err := <-late; err != nil {
			t.Errorf("the next screen: %v", err)
		}
	})
}

func (g *gate) lined(c Class) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting[c])
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	testwait.Until(t, "it", done)
}

// A query ends when its client goes away, also between its lines, and leaves nothing behind.
func TestQueryEndsWithItsContext(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithCancel(As(t.Context(), Screens, "ana"))
		rows, err := db.Query(ctx, db.endless())
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var i int
		if !rows.Next() || rows.Scan(&i) != nil || i != 1 {
			t.Fatal("no first line", rows.Err())
		}
		ended := make(chan bool, 1)
		go func() {
			for rows.Next() {
			}
			ended <- true
		}()
		cancel()
		if !<-ended || !errors.Is(rows.Err(), context.Canceled) {
			t.Errorf("the other lines: %v", rows.Err())
		}
		for range 20 {
			if err := quick(As(t.Context(), Screens, "ana"), db); err != nil {
				t.Fatal(err)
			}
		}
		if db.Dialect() == PostgreSQL {
			waitFor(t, func() bool {
				var running int
				db.QueryRow(t.Context(), `SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = current_setting('application_name') AND state = 'active' AND query LIKE 'WITH RECURSIVE n %'`).Scan(&running)
				return running == 0
			})
		}
	})
}

func TestScreensHaveTheirTime(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		for _, g := range []*gate{db.reading, db.writing} { // one and the same on PostgreSQL
			g.limits[Screens] = limits{wait: time.Hour, run: 50 * time.Millisecond}
		}
		ctx := As(t.Context(), Screens, "ana")
		if err := forever(ctx, db, db.endless()); !errors.Is(err, ErrTooLong) {
			t.Errorf("a query: %v", err)
		}
		if err := db.Tx(ctx, func(tx *Tx) error { return forever(ctx, tx, db.endless()) }); !errors.Is(err,
			ErrTooLong) {
			t.Errorf("a transaction: %v", err)
		}
		db.reading.limits[Screens] = limits{wait: time.Millisecond}
		for i := range db.reading.share[Screens] {
			hold(t, db, As(t.Context(), Screens, string(rune('a'+i))))
		}
		if err := quick(ctx, db); !errors.Is(err, ErrBusy) {
			t.Errorf("behind others: %v", err)
		}
	})
}

// Nobody gets more than his part, and the others none the less; the line has an end.
func TestGateIsFair(t *testing.T) {
	g := newGate(4, [classes]int{Calls: 4, Mail: 2, Screens: 3, Reports: 1}, 2)
	enter := func(c Class, user string) chan error {
		in := make(chan error, 1)
		before := g.lined(c)
		go func() { in <- g.enter(t.Context(), asker{c, user}, 0) }()
		waitFor(t, func() bool { return len(in) == 1 || g.lined(c) > before })
		return in
	}
	must := func(in chan error) {
		t.Helper()
		if err := <-in; err != nil {
			t.Fatal(err)
		}
	}
	must(enter(Screens, "ana"))
	must(enter(Screens, "ana"))
	third := enter(Screens, "ana")
	must(enter(Screens, "ion"))
	must(enter(Calls, ""))
	report, screen, mail, call := enter(Reports, ""), enter(Screens, "eva"), enter(Mail, ""), enter(Calls, "")
	for _, in := range []chan error{call, mail} {
		if len(in) > 0 {
			t.Fatal("let in without a place")
		}
		g.leave(asker{Calls, ""})
		must(in)
	}
	g.leave(asker{Mail, ""})
	must(report)
	g.leave(asker{Screens, "ion"})
	must(screen)
	if len(third) > 0 {
		t.Error("ana has three places")
	}
	for range maxWaiting - 1 {
		enter(Screens, "ana")
	}
	if err := <-enter(Screens, "ana"); !errors.Is(err, ErrTooMany) {
		t.Errorf("the last in a long line: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.enter(ctx, asker{Screens, "eva"}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("gone: %v", err)
	}
}

// A flood of strangers waits in a line that has an end, for each network and for all, and for nobody else.
func TestStrangersWaitForStrangers(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		from := func(i int) context.Context { return As(t.Context(), Strangers, strconv.Itoa(i)) }
		for range db.reading.share[Strangers] {
			hold(t, db, from(0))
		}
		db.reading.limits[Strangers] = limits{wait: time.Hour, line: 2, all: 5}
		for i := range 5 {
			go quick(from(i/2), db)
			waitFor(t, func() bool { return db.reading.lined(Strangers) == i+1 })
			if i == 1 {
				if err := quick(from(0), db); !errors.Is(err, ErrTooMany) {
					t.Errorf("a third of one network: %v", err)
				}
			}
		}
		if err := quick(from(9), db); !errors.Is(err, ErrBusy) {
			t.Errorf("behind all of the others: %v", err)
		}
		for _, class := range []Class{Calls, Mail, Doors, Screens, Reports} {
			if err := quick(As(t.Context(), class, "ana"), db); err != nil {
				t.Errorf("class %d: %v", class, err)
			}
		}
	})
}

// What is read together is one turn: who waits is not let in between.
func TestReadAllIsOneTurn(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		db.reading.share[Screens] = 1
		late := make(chan error, 1)
		line := func(step func()) Read {
			return Read{Query: "SELECT 1", Line: func(Row) error { step(); return nil }}
		}
		err := db.ReadAll(As(t.Context(), Screens, "ana"), []Read{
			line(func() {
				go func() { late <- quick(As(t.Context(), Screens, "ion"), db) }()
				waitFor(t, func() bool { return db.reading.lined(Screens) == 1 })
			}),
			line(func() {
				if db.reading.lined(Screens) != 1 {
					t.Error("another was let in between")
				}
			})})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-late; err != nil {
			t.Error(err)
		}
	})
}

// Screens begin nothing while a call is at the database, until it has what it asked for or they have let it go first
// for long enough; mail does not wait for it.
func TestScreensLetCallsGoFirst(t *testing.T) {
	g := newGate(8, [classes]int{8, 8, 8, 8, 8, 8}, 8)
	call, mail, screen := asker{class: Calls}, asker{class: Mail}, asker{Screens, "ana"}
	enter := func(w asker) {
		t.Helper()
		if err := g.enter(t.Context(), w, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	enter(call)
	enter(mail)
	waiting, err := g.line(screen)
	if err != nil || waiting == nil {
		t.Fatalf("a screen goes in beside a call: %v", err)
	}
	begun := time.Now()
	enter(screen)
	if took := time.Since(begun); took < yields {
		t.Errorf("a screen let the call go first for %s", took)
	}
	g.leave(call)
	select {
	case <-waiting.in:
	default:
		t.Error("a screen still waits when the call is done")
	}
	if next, _ := g.line(screen); next != nil {
		t.Error("a screen waits for no call")
	}
}
