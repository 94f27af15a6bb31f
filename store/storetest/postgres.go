package storetest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// Server is a PostgreSQL server of the test's own, which it may stop.
type Server struct {
	URL string // of its database; stays the same over Stop and Start
	t   testing.TB
	dir string
	as  []string // the command that leaves root, which the server refuses to run as
	bin string
	run string // options of the running server
}

// StartPostgres starts a server, which ends with the test. Without PostgresEnv the test is skipped: there is no
// PostgreSQL.
func StartPostgres(t testing.TB) *Server {
	t.Helper()
	if os.Getenv(PostgresEnv) == "" {
		t.Skip(PostgresEnv + " is not set: PostgreSQL not tested")
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		t.Fatal("PostgreSQL is missing: run make tools")
	}
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: dir, bin: slices.Max(found)}
	t.Cleanup(func() { s.ctl("stop", "-m", "immediate"); os.RemoveAll(dir) })
	if os.Getuid() == 0 {
		s.as = []string{"runuser", "-u", "postgres", "--"}
		owner, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(owner.Uid)
		if err := os.Chown(dir, uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	port := FreePort(t, "127.0.0.1")
	s.URL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	s.run = fmt.Sprintf("-c listen_addresses=127.0.0.1 -p %d -c unix_socket_directories= -c max_connections=100", port)
	s.must("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	s.Start()
	return s
}

// Start brings the server up, or back after Stop, and returns when it answers.
func (s *Server) Start() {
	s.t.Helper()
	s.must("pg_ctl", "-w", "-s", "-l", filepath.Join(s.dir, "log"), "start", "-o", s.run)
}

// Stop ends the server at once, as a crash would.
func (s *Server) Stop() {
	s.t.Helper()
	s.must("pg_ctl", "-s", "stop", "-m", "immediate")
}

func (s *Server) ctl(args ...string) ([]byte, error) { return s.command("pg_ctl", args...) }

func (s *Server) must(name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(name, args...); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func (s *Server) command(name string, args ...string) ([]byte, error) {
	full := append(slices.Clone(s.as), filepath.Join(s.bin, name), "-D", filepath.Join(s.dir, "data"))
	full = append(full, args...)
	cmd := exec.Command(full[0], full[1:]...)
	cmd.Dir = s.dir
	return cmd.CombinedOutput()
}
