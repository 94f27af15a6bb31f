// Package storetest gives tests a fresh, migrated database on each engine.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"frontdesk/store"
)

// PostgresEnv names the variable with the URL of a PostgreSQL server where databases may be created.
// `make test` starts one and sets it; without it only SQLite is tested and the PostgreSQL half is reported as skipped.
const PostgresEnv = "FRONTDESK_TEST_POSTGRES"

// Each runs the test on SQLite and on PostgreSQL, each time with a fresh database.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite opens a fresh database in a folder that goes with the test.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return open(t, "sqlite://"+sqliteFile(t))
}

// Postgres opens a fresh database on the server of PostgresEnv and drops it after the test.
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	return open(t, MigratedURL(t))
}

// MigratedURL makes a database with the schema on the server of PostgresEnv and returns its URL.
func MigratedURL(t testing.TB) string {
	t.Helper()
	return create(t, func(server string, admin *sql.DB) string {
		// file_copy takes half of the time of the usual way, which writes each page to the log as well
		return "STRATEGY file_copy TEMPLATE " + postgresTemplate(t, server, admin)
	})
}

// PostgresURL makes an empty database, with options of CREATE DATABASE, and returns its URL.
func PostgresURL(t testing.TB, options ...string) string {
	t.Helper()
	return create(t, func(string, *sql.DB) string { return strings.Join(options, " ") })
}

func create(t testing.TB, options func(server string, admin *sql.DB) string) string {
	t.Helper()
	server := os.Getenv(PostgresEnv)
	if server == "" {
		t.Skip(PostgresEnv + " is not set: PostgreSQL not tested")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	name := "t_" + strings.ReplaceAll(store.NewID(), "-", "")
	if _, err := admin.Exec("CREATE DATABASE " + name + " " + options(server, admin)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Error(err)
		}
	})
	return databaseURL(t, server, name)
}

func open(t testing.TB, rawURL string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), rawURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
