package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/testwait"
)

// served is a `frontdesk serve` of a test.
type served struct {
	cmd  *exec.Cmd
	addr map[string]string // of the listeners, by name
	done chan error
}

// startServe runs the server with a configuration and reads its addresses from its log, as an admin would.
func startServe(t *testing.T, config string) *served {
	t.Helper()
	s := &served{cmd: program(t.Context(), "serve", "--config", config), addr: map[string]string{},
		done: make(chan error, 1)}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			var line struct {
				Msg       string
				Listeners []struct{ Name, Address string }
			}
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "frontdesk runs" {
				for _, l := range line.Listeners {
					s.addr[l.Name] = l.Address
				}
				close(started)
			}
		}
		s.done <- s.cmd.Wait()
	}()
	select {
	case <-started:
	case err := <-s.done:
		t.Fatalf("the server ended: %v", err)
	case <-time.After(testwait.Limit):
		t.Fatal("the server does not start")
	}
	return s
}

func (s *served) stop(t *testing.T) {
	t.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.done:
		if err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	case <-time.After(testwait.Limit):
		t.Error("the server does not stop on SIGTERM")
		s.cmd.Process.Kill()
	}
}

func (s *served) login(t *testing.T, login, password string) int {
	t.Helper()
	body := fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)
	resp, err := http.Post("http://"+s.addr["http"]+"/api/v1/login", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestServeFromAnEmptyFolder(t *testing.T) {
	t.Parallel() // much of it is waiting
	dir := t.TempDir()
	config := filepath.Join(dir, "frontdesk.yaml")
	text := fmt.Sprintf(`
data: %s/data
http: {listen: "127.0.0.1:0"}
admin: {listen: "127.0.0.1:0"}
sip: {udp: "127.0.0.1:0"}
webrtc: {udp: ["127.0.0.1:0"], loopback: true}
mail: {hostname: mail.test, smtp: "127.0.0.1:0", deliver: none}
`, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, config)
	file := filepath.Join(dir, "data", "first-login.txt")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	first, _ := os.ReadFile(file)
	login, secret, _ := strings.Cut(strings.TrimSpace(string(first)), "\n")
	if code := s.login(t, login, secret); code != 200 {
		t.Errorf("the first log-in: %d", code)
	}
	if _, on := s.addr["imap"]; on {
		t.Error("IMAP listens without an address in the configuration")
	}
	s.stop(t)

	made, err := program(t.Context(), "password", "--config", config, "--login", "admin").Output()
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(file)
	s = startServe(t, config)
	defer s.stop(t)
	if _, err := os.Stat(file); err == nil {
		t.Error("a second start makes a first user again")
	}
	if code := s.login(t, "admin", secret); code != 401 {
		t.Errorf("the old password: %d", code)
	}
	if code := s.login(t, "admin", strings.TrimSpace(string(made))); code != 200 {
		t.Errorf("the new password: %d", code)
	}
}

func TestServeRefusesABadConfiguration(t *testing.T) {
	t.Parallel() // much of it is waiting
	config := filepath.Join(t.TempDir(), "frontdesk.yaml")
	if err := os.WriteFile(config, []byte("sip:\n  upd: 127.0.0.1:5060\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve", "--config", config}, {"serve"}, {"serve", "--config", config + ".not"},
		{"sreve"}, {"demo", "--ports", "some"}, {"ring"}, {"post", "--to", "x"}} {
		out, err := program(t.Context(), args...).CombinedOutput()
		if err == nil || !strings.HasPrefix(string(out), "frontdesk: ") {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
	out, _ := program(t.Context(), "serve", "--config", config).CombinedOutput()
	if !strings.Contains(string(out), `unknown field "upd"`) {
		t.Errorf("the unknown key: %s", out)
	}
}
