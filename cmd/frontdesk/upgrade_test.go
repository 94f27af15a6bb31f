package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"frontdesk/store/storetest"
)

// A company is upgraded node by node: the first new node migrates while one of the version before works, both do
// everything, and what the old one held goes on at the new one. The old version is the last one with another schema; it
// starts on the new schema as well, as after a second thought.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	database, blobs, bus := storetest.PostgresURL(t), t.TempDir(), startNATS(t)
	old := olderProgram(t)
	oldFlags := known(t, old, append(patient(), "--database", database, "--bus", bus.url(), "--blobs", blobs, "--node",
		"old")...)
	first := startDemo(t, exec.Command(old), t.TempDir(), oldFlags...)
	home := newRegistrar(t)
	first.trunkAt(home)
	await(t, "the registration of the old node", func() bool { return home.last() == first.SIPUDP })
	first.works(t, "before the upgrade")

	flags := []string{"--database", database, "--blobs", blobs, "--node", "new"}
	hasBus := slices.Contains(oldFlags, "--bus")
	if hasBus { // without it the old one does not know of other nodes
		flags = append(flags, "--bus", bus.url())
	}
	second := startCompany(t, t.TempDir(), flags...)
	first.works(t, "on the old node beside a new one")
	second.works(t, "on the new node beside an old one")
	if hasBus {
		rungAcross(t, second, first)
		rungAcross(t, first, second)
	}
	sameStory(t, first, second)

	first.signal(syscall.SIGTERM)
	<-first.over
	if state := first.cmd.ProcessState; !state.Success() {
		t.Errorf("the old node ended with %v", state)
	}
	await(t, "the registration of the new node", func() bool { return home.last() == second.SIPUDP })
	second.works(t, "after the upgrade")

	back := startDemo(t, exec.Command(old), t.TempDir(), oldFlags...)
	back.works(t, "on the old version, started on the new schema")
	sameStory(t, back, second)
}

// works goes through a day's work at one node: a log-in, a call with its card, a mail that is read over IMAP; all on
// the client's timeline.
func (c *company) works(t *testing.T, when string) {
	t.Helper()
	maria, radu := c.as("maria"), c.contact("Radu Georgescu")
	calls, mails := len(c.entries(radu, "call")), len(c.entries(radu, "mail"))
	calls += opensFirst(t, c, c, "maria", "+40721550001")
	subject := "Order " + when
	if out, err := c.run("post", "--to", "maria@"+c.Domain, "--from", "radu@clients.example", "--server", c.SMTP,
		"--subject", subject); err != nil {
		t.Fatalf("a mail %s: %v\n%s", when, err, out)
	}
	contains(t, "the mail "+when, c.message("maria", "INBOX", subject), "radu@clients.example")
	await(t, "the call and the mail on the timeline "+when, func() bool {
		return len(maria.entries(radu, "call")) == calls && len(maria.entries(radu, "mail")) == mails+1 &&
			len(c.calls(radu)) == calls
	})
}

// rungAcross has a call arrive at one node and ring in a browser at the other, of another version.
func rungAcross(t *testing.T, at, browser *company) {
	t.Helper()
	opensFirst(t, at, browser, "andrei", "+37369550003")
}

// opensFirst has a client call at one node, and his card opens at somebody's browser before it rings there. A program
// from before --lookup rings without the card where its database is slow, and its log says so: then the client calls
// again. Returned is how often he did.
func opensFirst(t *testing.T, at, browser *company, login, from string) (calls int) {
	t.Helper()
	for calls = 1; calls <= 20; calls++ {
		late, tab := at.late(), browser.browser(login)
		ring := startPeer(t, program(t.Context(), "ring", "--to", at.Numbers[0], "--from", from, "--server", at.SIPUDP))
		seen := order(t, tab, "call.leg", "card.open")
		again := at.late() > late
		if again && len(seen) == 1 {
			order(t, tab, "card.open") // not to be taken for the next call's
		}
		ring.cmd.Process.Signal(syscall.SIGINT)
		await(t, "the end of the call", ring.printed("487"))
		if again {
			continue
		}
		if fmt.Sprint(seen) != "[card.open call.leg]" {
			t.Errorf("a call at %s for a browser at %s: %v", at.SIPUDP, browser.SIPUDP, seen)
		}
		return calls
	}
	t.Fatalf("no card in time at %s", at.SIPUDP)
	return 0
}

// late is how many calls of a node did not wait for their cards any longer.
func (c *company) late() int {
	c.t.Helper()
	return strings.Count(read(c.t, c.data, "frontdesk.log"), "did not answer in time")
}

// sameStory holds when all nodes tell the same of a client.
func sameStory(t *testing.T, nodes ...*company) {
	t.Helper()
	radu := nodes[0].contact("Radu Georgescu")
	want := fmt.Sprint(nodes[0].timeline("contacts", radu))
	for _, c := range nodes[1:] {
		if got := fmt.Sprint(c.timeline("contacts", radu)); got != want {
			t.Errorf("one node tells\n%s\nanother\n%s", want, got)
		}
	}
}

// trunkAt makes a line that registers at a carrier.
func (c *company) trunkAt(r *registrar) {
	c.t.Helper()
	code := c.api("POST", "/trunks", map[string]any{"name": "Home", "host": r.addr(), "register": true,
		"username": "acme", "password": "secret"}, nil)
	if code != 201 {
		c.t.Fatalf("a trunk: %d", code)
	}
}

// registrar is a carrier that lets everybody register, and knows who did last.
type registrar struct {
	conn net.PacketConn
	mu   sync.Mutex
	at   string
}

func newRegistrar(t testing.TB) *registrar {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	r := &registrar{conn: conn}
	go r.serve()
	return r
}

func (r *registrar) addr() string { return r.conn.LocalAddr().String() }

// last is the address of who is registered; "" for nobody.
func (r *registrar) last() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *registrar) serve() {
	buf := make([]byte, 65536)
	for {
		n, from, err := r.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		request := string(buf[:n])
		if strings.HasPrefix(request, "REGISTER ") {
			r.heard(request, from.String())
		}
		if !strings.HasPrefix(request, "SIP/2.0 ") {
			r.conn.WriteTo([]byte(agree(request)), from)
		}
	}
}

func (r *registrar) heard(request, from string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	off := strings.Contains(request, "\r\nExpires: 0\r\n")
	switch {
	case !off:
		r.at = from
	case r.at == from:
		r.at = ""
	}
}

// agree is the 200 to a request.
func agree(request string) string {
	head, _, _ := strings.Cut(request, "\r\n\r\n")
	b := "SIP/2.0 200 OK\r\n"
	for line := range strings.SplitSeq(head, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		if slices.Contains([]string{"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Expires"}, name) {
			if name == "To" {
				line += ";tag=home"
			}
			b += line + "\r\n"
		}
	}
	return b + "Content-Length: 0\r\n\r\n"
}

// olderProgram is the program as it was before the latest migration came, built once and kept in the user's cache: one
// that only got another number is no new one. A commit that does not build never ran anywhere: then the one before the
// migration before.
func olderProgram(t *testing.T) (binary string) {
	t.Helper()
	var err error
	for _, migration := range strings.Fields(git(t, "log", "-5", "--diff-filter=A", "-M", "--format=%H", "--",
		"store/migrations")) {
		if binary, err = programAt(t, git(t, "rev-parse", "--verify", "--quiet", migration+"^")); err == nil {
			return binary
		}
	}
	t.Fatal(err)
	return ""
}

func programAt(t *testing.T, commit string) (string, error) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(cache, "frontdesk", "older-"+commit, "frontdesk")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	source := t.TempDir()
	git(t, "worktree", "add", "--quiet", "--detach", source, commit)
	defer git(t, "worktree", "remove", "--force", source)
	fresh := fmt.Sprintf("%s.%d", binary, os.Getpid()) // renamed when whole: another test may build it, too
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", fresh, "./cmd/frontdesk")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return binary, os.Rename(fresh, binary)
}

// git asks the project's history; without one, as in an export or a shallow clone, there is no older version to test
// with.
func git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil || args[0] == "log" && len(out) == 0 {
		t.Skipf("no older version to test with: git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// known are those of some flags, given with their values, that a program's demo knows.
func known(t *testing.T, binary string, flags ...string) (args []string) {
	t.Helper()
	usage, _ := exec.Command(binary, "demo", "-h").CombinedOutput()
	for pair := range slices.Chunk(flags, 2) {
		if strings.Contains(string(usage), "\n  -"+strings.TrimLeft(pair[0], "-")+" ") {
			args = append(args, pair...)
		}
	}
	return args
}
