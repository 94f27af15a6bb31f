package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/store"
)

// Migrating takes a hundred times longer than copying: databases of tests are copies of one that was migrated once, by
// whichever test came first, and serves until a migration changes.

// schema names what the migrations make.
func schema(t testing.TB) string {
	t.Helper()
	root := moduleRoot(t)
	files, err := filepath.Glob(filepath.Join(root, "store", "migrations", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations in %s: %v", root, err)
	}
	sum := sha256.New()
	for _, file := range append(files, filepath.Join(root, "go.mod")) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(file), len(content), content)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

// moduleRoot is the folder of go.mod: tests run in the folder of their package.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// sqliteFile is a migrated database in a folder that goes with the test.
func sqliteFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	MigratedFile(t, path)
	return path
}

// MigratedFile makes a SQLite database with the schema.
func MigratedFile(t testing.TB, path string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(cache, "frontdesk", "test-"+schema(t)+".db")
	content, err := os.ReadFile(template)
	if os.IsNotExist(err) {
		content, err = makeSQLite(t, template)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// keptFor is how long a template of other migrations stays: other branches are tested beside this one.
const keptFor = 24 * time.Hour

// makeSQLite makes the file in a place of its own and renames it when it is whole: other tests and processes may do the
// same.
func makeSQLite(t testing.TB, template string) ([]byte, error) {
	t.Helper()
	cache := filepath.Dir(template)
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, err
	}
	older, _ := filepath.Glob(filepath.Join(cache, "test-*.db"))
	for _, file := range older {
		if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > keptFor {
			os.Remove(file)
		}
	}
	own, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(own)
	fresh := filepath.Join(own, "test.db")
	if err := migrated("sqlite://" + fresh); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(fresh)
	if err != nil {
		return nil, err
	}
	return content, os.Rename(fresh, template)
}

func migrated(url string) error {
	db, err := store.Open(context.Background(), url)
	if err != nil {
		return err
	}
	return db.Close()
}

// templateLock lets one process make a template.
const templateLock = 20_041

// postgresTemplate is the name of a migrated database that nobody uses but to copy it.
func postgresTemplate(t testing.TB, server string, admin *sql.DB) string {
	t.Helper()
	name := "template_" + schema(t)
	ctx := context.Background()
	conn, err := admin.Conn(ctx) // the lock is the session's
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var there bool
	exists := func() bool {
		if err := conn.QueryRowContext(ctx, "SELECT count(*) > 0 FROM pg_database WHERE datname = $1",
			name).Scan(&there); err != nil {
			t.Fatal(err)
		}
		return there
	}
	must := func(query string) {
		t.Helper()
		if _, err := conn.ExecContext(ctx, query); err != nil {
			t.Fatal(err)
		}
	}
	if exists() {
		return name
	}
	must(fmt.Sprintf("SELECT pg_advisory_lock(%d)", templateLock))
	defer must(fmt.Sprintf("SELECT pg_advisory_unlock(%d)", templateLock))
	if exists() {
		return name
	}
	must("DROP DATABASE IF EXISTS " + name + "_new")
	must("CREATE DATABASE " + name + "_new")
	if err := migrated(databaseURL(t, server, name+"_new")); err != nil {
		t.Fatal(err)
	}
	must("ALTER DATABASE " + name + "_new RENAME TO " + name)
	return name
}

func databaseURL(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
