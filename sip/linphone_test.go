package sip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/store/storetest"
)

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
	number := dialplan.Number{E164: "+40312345678", Trunk: trunks[0].ID,
		Destination: dialplan.Destination{Kind: "user", User: ana.User}}
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
	eventually(t, "the client is answered, and the linphone knows", func() bool {
		return answered(1)() && strings.Contains(out.String(), "for call 1 (audio)")
	})
	fmt.Fprintln(in, "pause 1")
	eventually(t, "the client is held", func() bool {
		return slices.ContainsFunc(b.exchange.Calls()[0].Legs, func(l pbx.LegView) bool { return l.Held })
	})
	fmt.Fprintf(in, "call sip:202@%s\n", b.addr("udp"))
	eventually(t, "the colleague is asked, and the linphone knows", func() bool {
		return answered(2)() && strings.Contains(out.String(), "for call 2 (audio)")
	})
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
	before := len(colleague.heard())
	eventually(t, "the colleague hears three seconds more", func() bool {
		return len(colleague.heard()) >= before+3*media.Rate
	})
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
