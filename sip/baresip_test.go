package sip

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/store/storetest"
)

// writeWAV writes 16-bit PCM, mono, at media.Rate.
func writeWAV(t *testing.T, path string, pcm []int16) {
	t.Helper()
	var b bytes.Buffer
	size := uint32(2 * len(pcm))
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, 36+size)
	b.WriteString("WAVEfmt \x10\x00\x00\x00")
	for _, v := range []any{uint16(1), uint16(1), uint32(media.Rate), uint32(2 * media.Rate), uint16(2), uint16(16)} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, size)
	binary.Write(&b, binary.LittleEndian, pcm)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// minute of a tone.
func minute(hertz float64) []int16 {
	second := tone(hertz)
	var all []int16
	for range 60 {
		all = append(all, second...)
	}
	return all
}

// baresip is a running phone.
type baresip struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *safeBuffer
	user string
}

// startBaresip starts a phone that registers as user at server and plays a tone in calls; it speaks G.711, or the
// codecs named.
func startBaresip(t *testing.T, server, transport, user, password string, hertz float64, codecs ...string) *baresip {
	t.Helper()
	if codecs == nil {
		codecs = []string{"PCMA/8000/1", "PCMU/8000/1"}
	}
	return runBaresip(t, server, transport, user, password, hertz,
		fmt.Sprintf("audio_codecs=%s", strings.Join(codecs, ",")), "")
}

// runBaresip starts one with more parameters of its account, more lines in its configuration, and contacts.
func runBaresip(t *testing.T, server, transport, user, password string, hertz float64, account, config string,
	contacts ...string) *baresip {
	t.Helper()
	p := &baresip{t: t, dir: t.TempDir(), out: &safeBuffer{}, user: user}
	writeWAV(t, filepath.Join(p.dir, "tone.wav"), minute(hertz))
	p.file("accounts",
		fmt.Sprintf("<sip:%s@%s;transport=%s>;auth_user=%s;auth_pass=%s;answermode=auto;%s;regint=120\n", user, server,
			transport, user, password, account))
	p.file("config", strings.ReplaceAll(fmt.Sprintf(`poll_method epoll
sip_listen 127.0.0.1:%d
call_local_timeout 120
call_max_calls 4
audio_player aufile,@/play.wav
audio_source aufile,@/tone.wav
audio_alert aufile,/dev/null
ausrc_srate 16000
auplay_srate 16000
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
module g722.so
module aufile.so
module sndfile.so
module uuid.so
module_tmp account.so
module_app menu.so
snd_path @
net_interface 127.0.0.1
%s`, storetest.FreePort(t, "127.0.0.1"), config), "@", p.dir))
	p.file("contacts", strings.Join(contacts, "\n"))
	p.cmd = exec.Command(tool(t, "baresip", "baresip-core"), "-f", p.dir)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.stop(); showFailed(t, "the phone of "+user, p.out) })
	return p
}

func (p *baresip) file(name, text string) {
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *baresip) say(command string) { fmt.Fprintln(p.in, command) }

func (p *baresip) stop() {
	p.say("/quit")
	ended := make(chan struct{})
	go func() { p.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		p.cmd.Process.Signal(syscall.SIGKILL)
		<-ended
	}
}

// heard is the sound the phone decoded in its calls.
func (p *baresip) heard() (all []int16) {
	files, _ := filepath.Glob(filepath.Join(p.dir, "*-dec.wav"))
	for _, f := range files {
		out, err := exec.Command(tool(p.t, "sox", "sox"), "-t", "wav", "--ignore-length", f, "-t", "raw", "-r",
			fmt.Sprint(media.Rate), "-e", "signed", "-b", "16", "-c", "1", "-").Output()
		if err != nil {
			continue
		}
		for i := 0; i+1 < len(out); i += 2 {
			all = append(all, int16(binary.LittleEndian.Uint16(out[i:])))
		}
	}
	return all
}

func registered(b *bed, d directory.Device) func() bool {
	return func() bool {
		list, err := b.dir.Bindings(context.Background(), d.ID, time.Now())
		return err == nil && len(list) == 1
	}
}

// Two baresips register with digest; one calls the other through the exchange, and each hears the other's tone.
func TestBaresipCallsBaresip(t *testing.T) {
	if testing.Short() {
		t.Skip("real phones take some seconds")
	}
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			b := newOffice(t, nil)
			one, two := b.extension("201", "secret-one"), b.extension("202", "secret-two")
			a := startBaresip(t, b.addr(transport), transport, "201", "secret-one", 440)
			z := startBaresip(t, b.addr(transport), transport, "202", "secret-two", 880)
			eventually(t, "both registered", func() bool {
				return registered(b, one)() && registered(b, two)()
			})
			a.say("/dial 202")
			eventually(t, "the call is up\n"+a.out.String(), func() bool {
				calls := b.exchange.Calls()
				return len(calls) == 1 && calls[0].State == "answered"
			})
			eventually(t, "both have heard three seconds", func() bool {
				return min(len(a.heard()), len(z.heard())) >= 3*media.Rate
			})
			a.say("/hangup")
			eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
			a.stop()
			z.stop()
			if s := toneShare(a.heard(), 880); s < 0.9 {
				t.Errorf("201 heard the tone of 202 with a share of %.2f\n%s", s, a.out.String())
			}
			if s := toneShare(z.heard(), 440); s < 0.9 {
				t.Errorf("202 heard the tone of 201 with a share of %.2f\n%s", s, z.out.String())
			}
		})
	}
}
