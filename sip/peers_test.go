package sip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
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
	p := &baresip{t: t, dir: t.TempDir(), out: &safeBuffer{}, user: user}
	writeWAV(t, filepath.Join(p.dir, "tone.wav"), minute(hertz))
	p.file("accounts", fmt.Sprintf("<sip:%s@%s;transport=%s>;auth_user=%s;auth_pass=%s;answermode=auto;audio_codecs=%s;regint=120\n", user, server, transport, user, password,
		strings.Join(codecs, ",")))
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
`, storetest.FreePort(t, "127.0.0.1")), "@", p.dir))
	p.file("contacts", "")
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
			<-time.After(4 * time.Second) // of talk
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

// Kamailio stands for a company's existing PBX: we register there, it calls us, and we call its phones through it, with
// digest.
func TestKamailioAsTrunk(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	port := startKamailio(t)
	pbxAddr := fmt.Sprintf("127.0.0.1:%d", port)
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			user := "desk" + transport
			b := newBed(t, nil, echo, directory.Trunk{Name: "PBX", Kind: directory.PBX, Host: pbxAddr,
				Transport: transport, Register: true, Username: user, Password: "pw-" + user})
			eventually(t, "registered", func() bool {
				l := b.server.TrunkStatus()
				return len(l) == 1 &&
					l[0].Registered
			})
			heard := &pitch{}
			res, err := PlaceCall(context.Background(),
				CallOptions{Server: pbxAddr, From: "carol", To: user, User: "carol", Password: "pw-carol",
					Transport: transport, Duration: 2 * time.Second, Hear: heard.hear, Log: testLog(t)},
				func(s string) { t.Log(s) })
			if err != nil || !res.Answered || heard.share(440) < 0.9 {
				t.Errorf("%+v, %v, tone %.2f", res, err, heard.share(440))
			}
			if g := b.arrival(); g.dialled != user || g.Party().Kind != pbx.Line || g.Party().Number != "carol" {
				t.Errorf("arrived %q %+v", g.dialled, g.Party())
			}
			extension := "ext" + transport
			bob := startBaresip(t, pbxAddr, transport, extension, "pw-"+extension, 660)
			eventually(t, "bob registered at the PBX",
				func() bool { return strings.Contains(bob.out.String(), "200 OK") })
			list, _ := b.dir.Trunks(context.Background())
			leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: list[0].ID, Number: extension},
				pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
			if err != nil {
				t.Fatal(err)
			}
			ears := pitchOf(media.PCMA())
			g := watch(leg)
			expect[pbx.TrackAdded](t, g).Track.Attach(ears)
			eventually(t, "bob's tone heard", func() bool { return ears.share(660) > 0.9 })
			g.Hangup(pbx.CauseNormal)
			expect[pbx.Gone](t, g)
			steps, err := b.server.TestTrunk(context.Background(), list[0].ID)
			if err != nil || len(steps) != 3 || !steps[2].OK {
				t.Errorf("test of the trunk: %+v, %v", steps, err)
			}
		})
	}
}

// A wrong password at the trunk is told in words.
func TestTrunkTellsWhatIsWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	addr := fmt.Sprintf("127.0.0.1:%d", startKamailio(t))
	b := newBed(t, nil, nil, directory.Trunk{Name: "PBX", Kind: directory.PBX, Host: addr, Transport: "udp",
		Register: true, Username: "desk", Password: "wrong"})
	eventually(t, "the problem is told", func() bool {
		l := b.server.TrunkStatus()
		return len(l) == 1 && !l[0].Registered && l[0].Reachable &&
			strings.Contains(l[0].Problem, "check user name and password")
	})
}

func startKamailio(t *testing.T) int {
	t.Helper()
	dir, port := t.TempDir(), storetest.FreePort(t, "127.0.0.1")
	cfg := strings.NewReplacer("@PORT@", fmt.Sprint(port)).Replace(kamailioConfig)
	file := filepath.Join(dir, "kamailio.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	out := &safeBuffer{}
	cmd := exec.Command(tool(t, "kamailio", "kamailio"), "-f", file, "-DD", "-E", "-m", "32", "-M", "4", "-P",
		filepath.Join(dir, "pid"), "-Y", dir)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	eventually(t, "kamailio listens\n", func() bool { return inUse("udp", port) && inUse("tcp", port) })
	return port
}

// kamailioConfig is a registrar and proxy whose users have the password "pw-" and their name.
const kamailioConfig = `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=2
tcp_children=2
auto_aliases=no
alias="127.0.0.1"
listen=udp:127.0.0.1:@PORT@
listen=tcp:127.0.0.1:@PORT@
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
modparam("usrloc","db_mode",0)
modparam("registrar","default_expires",300)
request_route {
  if (!mf_process_maxfwd_header("20")) { sl_send_reply("483","Too Many Hops"); exit; }
  if (is_method("OPTIONS") && !($rU =~ ".")) { sl_send_reply("200","OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404","Not here"); exit;
  }
  t_check_trans();
  $var(pw) = "pw-" + $au;
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("$td","$var(pw)","0")) { www_challenge("$td","1"); exit; }
    consume_credentials();
    if (!save("location")) sl_reply_error();
    exit;
  }
  if (!pv_proxy_authenticate("$fd","$var(pw)","0")) { proxy_challenge("$fd","1"); exit; }
  consume_credentials();
  record_route();
  if (!lookup("location")) { sl_send_reply("404","Not Found"); exit; }
  t_relay();
}
`

// startLinphone starts linphonec, which registers as user at b and plays a tone, and returns where its commands go and
// what it says.
func startLinphone(t *testing.T, b *bed, user, password string) (io.Writer, *safeBuffer) {
	t.Helper()
	dir := t.TempDir()
	writeWAV(t, filepath.Join(dir, "tone.wav"), minute(440))
	rc := filepath.Join(dir, "linphonerc")
	text := fmt.Sprintf("[sip]\nsip_port=%d\nsip_tcp_port=0\nuse_ipv6=0\n[rtp]\naudio_rtp_port=%d\n",
		storetest.FreePort(t, "127.0.0.1"), storetest.FreePort(t, "127.0.0.1"))
	if err := errors.Join(os.WriteFile(rc, []byte(text), 0o600),
		os.MkdirAll(filepath.Join(dir, ".local/share/linphone"), 0o700)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool(t, "linphonec", "linphone-cli"), "-c", rc)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	out := &safeBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fmt.Fprintln(in, "quit")
		timer := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		timer.Stop()
		showFailed(t, "linphone of "+user, out)
	})
	fmt.Fprintln(in, "soundcard use files")
	fmt.Fprintln(in, "play "+filepath.Join(dir, "tone.wav"))
	fmt.Fprintf(in, "register sip:%s@%s sip:%s %s\n", user, b.addr("udp"), b.addr("udp"), password)
	return in, out
}

// linphonec registers and calls; it plays a tone, which comes back from the echo.
func TestLinphoneRegistersAndCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("a real phone takes some seconds")
	}
	b := newBed(t, nil, echo)
	device := b.device("301", "secret-lin")
	in, out := startLinphone(t, b, "301", "secret-lin")
	eventually(t, "registered", registered(b, device))
	fmt.Fprintf(in, "call sip:700@%s\n", b.addr("udp"))
	g := b.arrival()
	if g.Party().Device != device.ID || g.dialled != "700" {
		t.Errorf("arrived %q %+v\n%s", g.dialled, g.Party(), out.String())
	}
	eventually(t, "the call is up", func() bool {
		return strings.Contains(out.String(), "connected") || strings.Contains(out.String(), "running")
	})
	fmt.Fprintln(in, "terminate")
	eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
}

// A client calls a linphone, which puts him on hold, asks a colleague at a baresip, and transfers by REFER with
// Replaces: client and colleague hear each other, and the linphone is free.
func TestLinphoneTransfersAttended(t *testing.T) {
	if testing.Short() {
		t.Skip("real phones take some seconds")
	}
	b := newOffice(t, nil, loopback())
	trunks, err := b.dir.Trunks(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ana, bob := b.extension("201", "secret-one"), b.extension("202", "secret-two")
	number := directory.Number{E164: "+40312345678", Trunk: trunks[0].ID,
		Destination: directory.Destination{Kind: "user", User: ana.User}}
	if err := b.dir.SaveNumber(context.Background(), &number); err != nil {
		t.Fatal(err)
	}
	in, out := startLinphone(t, b, "201", "secret-one")
	colleague := startBaresip(t, b.addr("udp"), "udp", "202", "secret-two", 880)
	eventually(t, "both registered", func() bool { return registered(b, ana)() && registered(b, bob)() })
	ctx, hangUp := context.WithCancel(context.Background())
	defer hangUp()
	heard, ended := &pitch{}, make(chan Result, 1)
	go func() {
		result, _ := PlaceCall(ctx, CallOptions{Server: b.addr("udp"), From: "+40722000111", To: "+40312345678",
			Duration: time.Hour,
			Codecs:   []media.Codec{media.PCMA()}, Sound: tone(660), Hear: heard.hear, Log: testLog(t)}, nil)
		ended <- result
	}()
	answered := func(n int) func() bool {
		return func() bool {
			calls := b.exchange.Calls()
			return len(calls) == n && !slices.ContainsFunc(calls,
				func(v pbx.View) bool { return v.State != "answered" })
		}
	}
	eventually(t, "the linphone rings", func() bool {
		return strings.Contains(out.String(), "contacting you") || strings.Contains(out.String(), "Receiving")
	})
	fmt.Fprintln(in, "answer")
	eventually(t, "the client is answered", answered(1))
	fmt.Fprintln(in, "pause 1")
	eventually(t, "the client is held", func() bool {
		return slices.ContainsFunc(b.exchange.Calls()[0].Legs, func(l pbx.LegView) bool { return l.Held })
	})
	fmt.Fprintf(in, "call sip:202@%s\n", b.addr("udp"))
	eventually(t, "the colleague is asked", answered(2))
	fmt.Fprintln(in, "transfer 1 --to-call 2")
	eventually(t, "client and colleague are joined", func() bool {
		calls := b.exchange.Calls()
		return len(calls) == 1 && calls[0].Direction == "in" &&
			slices.ContainsFunc(calls[0].Legs,
				func(l pbx.LegView) bool { return l.User == bob.User && l.State == "active" })
	})
	heard.forget()
	eventually(t, "the client hears the colleague's tone", func() bool { return heard.share(880) > 0.9 })
	eventually(t, "the linphone is told that it went well, and is free", func() bool { return b.server.Legs() == 2 })
	<-time.After(3 * time.Second) // of talk
	hangUp()
	if r := <-ended; !r.Answered {
		t.Errorf("%+v", r)
	}
	eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
	colleague.stop() // writes what it recorded
	if s := toneShare(colleague.heard(), 660); s < 0.9 {
		t.Errorf("the colleague heard the client's tone with a share of %.2f", s)
	}
}
