package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/store/storetest"
)

// slow leaves a test out of short runs: it needs real peers and some seconds.
func slow(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
}

// tool finds an installed program.
func tool(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: apt install %s (make tools does it)", name, pkg)
	}
	return path
}

// output collects what a program prints while the test reads it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func write(t testing.TB, text string, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// peer is a running program of somebody else.
type peer struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *output
	dir string // of a phone: what it hears is written there
}

// startPeer runs a program until the test ends; what it printed is shown when the test fails.
func startPeer(t testing.TB, cmd *exec.Cmd) *peer {
	t.Helper()
	p := &peer{t: t, cmd: cmd, out: &output{}}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(2*time.Second, func() { cmd.Process.Kill() }) // baresip waits for a server that is gone
		cmd.Wait()
		kill.Stop()
		if t.Failed() {
			t.Logf("%s:\n%.8000s", filepath.Base(cmd.Path), p.out)
		}
	})
	return p
}

func (p *peer) say(command string) { fmt.Fprintln(p.in, command) }

func (p *peer) printed(text string) func() bool {
	return func() bool { return strings.Contains(p.out.String(), text) }
}

// toneWAV writes a minute of a tone: 16 bit, 8 kHz, mono.
func toneWAV(t testing.TB, hertz float64, path ...string) {
	t.Helper()
	pcm := make([]int16, 60*8000)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/8000))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, uint32(36+2*len(pcm)))
	b.WriteString("WAVEfmt \x10\x00\x00\x00")
	for _, v := range []any{uint16(1), uint16(1), uint32(8000), uint32(16000), uint16(2), uint16(16)} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, uint32(2*len(pcm)))
	binary.Write(&b, binary.LittleEndian, pcm)
	write(t, b.String(), path...)
}

// What a desk phone does when it is called.
const (
	takesCalls = "auto"
	justRings  = "manual"
)

// startBaresip starts a desk phone that registers at a server and, once in a call, says a tone.
func startBaresip(t testing.TB, server, user, password, called string, hertz float64) *peer {
	t.Helper()
	dir := t.TempDir()
	toneWAV(t, hertz, dir, "tone.wav")
	write(t, fmt.Sprintf(
		"<sip:%s@%s;transport=udp>;auth_user=%s;auth_pass=%s;answermode=%s;"+
			"audio_codecs=PCMA/8000/1,PCMU/8000/1;regint=120\n",
		user, server, user, password, called), dir, "accounts")
	write(t, "", dir, "contacts")
	write(t, strings.NewReplacer("@PORT@", fmt.Sprint(storetest.FreePort(t, "127.0.0.1")), "@DIR@",
		dir).Replace(baresipConfig), dir, "config")
	p := startPeer(t, exec.Command(tool(t, "baresip", "baresip-core"), "-f", dir))
	p.dir = dir
	return p
}

// hears tells which share of the last second that a phone heard is a tone; 0 before it heard three.
func (p *peer) hears(hertz float64) float64 {
	const head, second = 44, 2 * 8000 // bytes
	var file []byte
	if written, _ := filepath.Glob(filepath.Join(p.dir, "*-dec.wav")); len(written) > 0 {
		file, _ = os.ReadFile(written[0])
	}
	if len(file) < head+3*second {
		return 0
	}
	pcm := make([]int16, second/2)
	last := file[len(file)-len(file)%2-second:]
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(last[2*i:]))
	}
	return toneShare(pcm, 8000, hertz)
}

const baresipConfig = `poll_method epoll
sip_listen 127.0.0.1:@PORT@
call_local_timeout 120
call_max_calls 4
audio_player aufile,@DIR@/play.wav
audio_source aufile,@DIR@/tone.wav
audio_alert aufile,/dev/null
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_level no
ausrc_format s16
auplay_format s16
rtcp_mux no
jitter_buffer_delay 5-10
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module aufile.so
module sndfile.so
module uuid.so
module_tmp account.so
module_app menu.so
snd_path @DIR@
net_interface 127.0.0.1
`

// user is the id behind a log-in.
func (c *company) user(login string) string {
	c.t.Helper()
	var all items[struct{ ID, Login string }]
	c.api("GET", "/users", nil, &all)
	for _, u := range all.Items {
		if u.Login == login {
			return u.ID
		}
	}
	c.t.Fatalf("no user %s", login)
	return ""
}

// phone makes an account of a user's desk phone over the API and registers a baresip with it.
func (c *company) phone(login, called string) *peer { return c.phoneSaying(login, called, phonesTone) }

func (c *company) phoneSaying(login, called string, hertz float64) *peer {
	c.t.Helper()
	var made struct{ ID, Username, Password string }
	if code := c.api("POST", "/devices", map[string]any{"user": c.user(login), "label": "Desk of " + login},
		&made); code != 201 {
		c.t.Fatalf("a device: %d", code)
	}
	phone := startBaresip(c.t, c.SIPUDP, made.Username, made.Password, called, hertz)
	await(c.t, "the registration of the phone of "+login, func() bool {
		var devices items[struct {
			ID       string
			Bindings []struct{ Contact string }
		}]
		c.api("GET", "/devices", nil, &devices)
		for _, d := range devices.Items {
			if d.ID == made.ID {
				return len(d.Bindings) == 1
			}
		}
		return false
	})
	return phone
}

// entry of a timeline, with what calls and mails have.
type entry struct {
	timelineItem
	Seconds int64
	Address string
	Line    string
}

// entries of one kind on the timeline of a contact.
func (c *company) entries(contact, kind string) (list []entry) {
	c.t.Helper()
	var found items[entry]
	c.api("GET", "/contacts/"+contact+"/timeline?limit=200", nil, &found)
	for _, e := range found.Items {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// calls on a contact's timeline, once there are some and all are over.
func (c *company) calls(contact string) (list []entry) {
	c.t.Helper()
	await(c.t, "a finished call on the timeline", func() bool {
		list = c.entries(contact, "call")
		return len(list) > 0 && !slices.ContainsFunc(list, func(e entry) bool { return e.Outcome == "" })
	})
	return list
}
