package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "FRONTDESK_BE_THE_PROGRAM=1")
	return cmd
}

// company is a running demo.
type company struct {
	ready
	t    testing.TB
	cmd  *exec.Cmd
	data string
	over chan struct{} // closed when the program has ended
}

// eachDatabase runs a test with a company on SQLite and one on PostgreSQL.
func eachDatabase(t *testing.T, test func(t *testing.T, c *company)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, startCompany(t, t.TempDir()))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, startCompany(t, t.TempDir(), "--database", storetest.MigratedURL(t)))
	})
}

// patient are the flags of a company whose calls wait for their cards: a test that runs beside others asks what comes
// first, not how soon.
func patient() []string { return []string{"--lookup", "10s"} }

// startCompany starts a company, whose data is kept when there is some.
func startCompany(t testing.TB, data string, args ...string) *company {
	t.Helper()
	files := []string{"world.db"}
	if !slices.Contains(args, "--database") {
		files = append(files, "frontdesk.db")
	}
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(data, name)); err != nil {
			storetest.MigratedFile(t, filepath.Join(data, name)) // copied sooner than migrated
		}
	}
	return startDemo(t, program(context.Background()), data, append(patient(), args...)...)
}

// startDemo starts a company with a program that was not given its arguments yet.
func startDemo(t testing.TB, cmd *exec.Cmd, data string, args ...string) *company {
	t.Helper()
	c := &company{t: t, data: data, cmd: cmd, over: make(chan struct{})}
	file := filepath.Join(data, "ready.json")
	os.Remove(file)
	var output bytes.Buffer
	cmd.Args = append(append(cmd.Args, "demo", "--ports", "auto", "--data", data, "--ready", file), args...)
	c.cmd.Stdout, c.cmd.Stderr = &output, &output
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.cmd.Wait(); close(c.over) }()
	t.Cleanup(func() {
		c.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-c.over:
		case <-time.After(testwait.Limit):
			t.Error("the program does not stop on SIGTERM")
			c.cmd.Process.Kill()
			<-c.over
		}
		if strings.Contains(output.String(), "DATA RACE") || strings.Contains(output.String(), "panic:") {
			t.Error("the program raced or panicked")
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(data, "frontdesk.log"))
			t.Logf("output:\n%s\nlog:\n%s", output.String(), log)
		}
	})
	await(t, "the ready file", func() bool {
		select {
		case <-c.over:
			t.Fatalf("the program ended:\n%s", output.String())
		default:
		}
		body, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(body, &c.ready) == nil
	})
	return c
}

var await = testwait.Until

// api calls an operation with the admin's token and decodes the answer into out.
func (c *company) api(method, path string, in, out any) int {
	c.t.Helper()
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			c.t.Fatal(err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, c.HTTP+"/api/v1"+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			c.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, data)
		}
	}
	return resp.StatusCode
}

// run runs a command of the program and returns what it printed.
func (c *company) run(args ...string) (string, error) {
	out, err := program(c.t.Context(), args...).CombinedOutput()
	return string(out), err
}

type items[T any] struct {
	Items []T
}

type timelineItem struct {
	Kind, Outcome, Title, Source string
	Incoming                     bool
}

// contact finds a client by name.
func (c *company) contact(name string) string {
	c.t.Helper()
	var found items[struct{ ID, Name string }]
	c.api("GET", "/contacts?q="+strings.ReplaceAll(name, " ", "+"), nil, &found)
	if len(found.Items) != 1 {
		c.t.Fatalf("%d contacts are called %s", len(found.Items), name)
	}
	return found.Items[0].ID
}

func (c *company) timeline(kind, id string) []timelineItem {
	var found items[timelineItem]
	c.api("GET", "/"+kind+"/"+id+"/timeline", nil, &found)
	return found.Items
}
