package sip

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/store/storetest"
)

// tool fails the test when a peer it needs isn't installed.
func tool(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: apt install %s (make tools does it)", name, pkg)
	}
	return path
}

// inUse tells whether somebody listens on the port. It only looks: to try the port would take it from who is about to.
func inUse(transport string, port int) bool {
	sockets, err := os.ReadFile("/proc/net/" + transport)
	return err == nil && bytes.Contains(sockets, fmt.Appendf(nil, ":%04X 00000000:0000", port))
}

// sipp is one run of SIPp with a scenario of testdata.
type sipp struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  safeBuffer
	dir  string
	port int
}

func startSipp(t *testing.T, scenario, transport string, args ...string) *sipp {
	t.Helper()
	file := scenario
	if !filepath.IsAbs(file) {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		file = filepath.Join(dir, "testdata", scenario)
	}
	s := &sipp{t: t, dir: t.TempDir(), port: storetest.FreePort(t, "127.0.0.1")}
	mode := map[string]string{"udp": "u1", "tcp": "t1"}[transport]
	// retransmissions are told, not absorbed
	args = append([]string{"-sf", file, "-m", "1", "-i", "127.0.0.1", "-p", fmt.Sprint(s.port), "-mp",
		fmt.Sprint(storetest.FreePorts(t, "127.0.0.1", 2)), // sound, and pictures two above
		"-t", mode, "-nostdin", "-nr",
		"-timeout", "25s", "-timeout_error", "-trace_err", "-error_file", filepath.Join(s.dir, "err"), "-trace_msg",
		"-message_file", filepath.Join(s.dir, "msg")}, args...)
	s.cmd = exec.Command(tool(t, "sipp", "sip-tester"), args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, &s.out, &s.out
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { showFailed(t, "SIPp", &s.out) })
	return s
}

// wait is for the end of the scenario, which must be a success.
func (s *sipp) wait() {
	s.t.Helper()
	if err := s.cmd.Wait(); err != nil {
		trace, _ := os.ReadFile(filepath.Join(s.dir, "err"))
		messages, _ := os.ReadFile(filepath.Join(s.dir, "msg"))
		s.t.Fatalf("sipp: %v\n%s\n%s", err, trace, messages)
	}
}

// dialSipp lets the server call a scenario that answers calls.
func dialSipp(t *testing.T, scenario, transport string, edit func(*directory.Trunk),
	args ...string) (*bed, *sipp, *guest) {
	t.Helper()
	s := startSipp(t, scenario, transport, args...)
	trunk := directory.Trunk{Name: "sipp", Kind: dialplan.Carrier, Host: fmt.Sprintf("127.0.0.1:%d", s.port),
		Transport: transport, Codecs: []string{"PCMA"}}
	if edit != nil {
		edit(&trunk)
	}
	b := newBed(t, func(c *Config) { c.MediaTimeout = time.Minute }, nil, trunk)
	eventually(t, "sipp listens", func() bool { return inUse(transport, s.port) })
	list, err := b.dir.Trunks(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: list[0].ID, Number: "+40312345678"},
		pbx.Request{Number: "+40722000111", Name: "Ana", Codecs: []media.Codec{media.PCMA(), media.PCMU()}})
	if err != nil {
		t.Fatal(err)
	}
	return b, s, watch(leg)
}

func TestCallsToSipp(t *testing.T) {
	answerThenHangup := func(t *testing.T, g *guest) {
		expect[pbx.Ringing](t, g)
		expect[pbx.Answered](t, g)
		g.Hangup(pbx.CauseNormal)
		expect[pbx.Gone](t, g)
	}
	tests := []struct {
		scenario string
		edit     func(*directory.Trunk)
		act      func(t *testing.T, g *guest)
	}{
		{"uas_many_ringing.xml", nil, answerThenHangup},
		{"uas_cancel_cross.xml", nil, func(t *testing.T, g *guest) {
			expect[pbx.Ringing](t, g)
			g.Hangup(pbx.CauseCancelled)
			if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseCancelled {
				t.Errorf("gone: %s", e.Cause)
			}
		}},
		{"uas_early_media.xml", nil, func(t *testing.T, g *guest) {
			if e := expect[pbx.TrackAdded](t, g); !e.Track.Codec.Is(media.PCMA()) {
				t.Errorf("early track in %s", e.Track.Codec.Name)
			}
			answerThenHangup(t, g)
		}},
		{"uas_fork.xml", nil, func(t *testing.T, g *guest) {
			expect[pbx.Answered](t, g)
			// the second branch answers meanwhile
			time.AfterFunc(500*time.Millisecond, func() { g.Hangup(pbx.CauseNormal) })
			expect[pbx.Gone](t, g)
		}},
		{"uas_lost_ack.xml", nil, func(t *testing.T, g *guest) {
			expect[pbx.Answered](t, g)
			time.AfterFunc(500*time.Millisecond, func() { g.Hangup(pbx.CauseNormal) })
			expect[pbx.Gone](t, g)
		}},
		{"uas_challenge.xml", func(x *directory.Trunk) { x.Username, x.Password = "us", "secret" },
			func(t *testing.T, g *guest) {
				expect[pbx.Answered](t, g)
				g.Hangup(pbx.CauseNormal)
			}},
	}
	for _, transport := range []string{"udp", "tcp"} {
		for _, test := range tests {
			t.Run(transport+" "+test.scenario, func(t *testing.T) {
				t.Parallel()
				b, s, g := dialSipp(t, test.scenario, transport, test.edit)
				test.act(t, g)
				s.wait()
				eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
			})
		}
	}
}

func TestRefusalsBecomeCauses(t *testing.T) {
	for code, cause := range map[string]pbx.Cause{"486": pbx.CauseBusy, "603": pbx.CauseDeclined,
		"404": pbx.CauseNotFound, "480": pbx.CauseUnavailable,
		"408": pbx.CauseNoAnswer, "488": pbx.CauseNoCodec, "503": pbx.CauseOverload, "302": pbx.CauseUnavailable,
		"403": pbx.CauseForbidden} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			scenario := filepath.Join(t.TempDir(), "refuse.xml")
			text, err := os.ReadFile("testdata/uas_refuse.xml")
			if err == nil {
				err = os.WriteFile(scenario, bytes.Replace(text, []byte("486"), []byte(code), 1), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, s, g := dialSipp(t, scenario, "udp", nil)
			if e := expect[pbx.Gone](t, g); e.Cause != cause {
				t.Errorf("gone: %s, not %s", e.Cause, cause)
			}
			s.wait()
		})
	}
}

func TestCallsFromSipp(t *testing.T) {
	answer := func(g *guest) {
		g.Ring(false)
		g.Answer(media.PCMA())
	}
	ended := func(cause pbx.Cause) func(*testing.T, *guest) {
		return func(t *testing.T, g *guest) {
			if e := expect[pbx.Gone](t, g); e.Cause != cause {
				t.Errorf("gone: %s, not %s", e.Cause, cause)
			}
		}
	}
	tests := []struct {
		scenario string
		act      func(*guest)
		then     func(*testing.T, *guest)
	}{
		{"uac_basic.xml", answer, ended(pbx.CauseNormal)},
		// before the ACK
		{"uac_callee_ends.xml", func(g *guest) { answer(g); g.Hangup(pbx.CauseNormal) }, ended(pbx.CauseNormal)},
		{"uac_lost_ack.xml", answer, ended(pbx.CauseFailed)},
		{"uac_cancel.xml", func(g *guest) { g.Ring(false) }, ended(pbx.CauseCancelled)},
		{"uac_bye_before_ack.xml", answer, ended(pbx.CauseNormal)},
		{"uac_hold.xml", answer, holds},
		{"uac_late_offer.xml", answer, func(t *testing.T, g *guest) {
			expect[pbx.TrackAdded](t, g)
			ended(pbx.CauseNormal)(t, g)
		}},
		{"uac_refer.xml", answer, func(t *testing.T, g *guest) {
			e := expect[pbx.TransferAsked](t, g)
			if e.To != "202" {
				t.Errorf("transfer to %q", e.To)
			}
			e.Done(pbx.CauseNone)
			ended(pbx.CauseNormal)(t, g)
		}},
		{"uac_keys.xml", answer, func(t *testing.T, g *guest) {
			if a, b := expect[pbx.Digit](t, g), expect[pbx.Digit](t, g); a.Key != '5' || b.Key != '#' {
				t.Errorf("keys %c %c", a.Key, b.Key)
			}
		}},
		{"uac_timer.xml", answer, ended(pbx.CauseNormal)},
	}
	for _, transport := range []string{"udp", "tcp"} {
		for _, test := range tests {
			t.Run(transport+" "+test.scenario, func(t *testing.T) {
				t.Parallel()
				b := newBed(t, func(c *Config) {
					// SIPp would take a repeated 200 for the answer to its next request, however late it sends its ACK
					c.T1 = 10 * time.Second
					if test.scenario == "uac_lost_ack.xml" {
						c.T1 = 40 * time.Millisecond
					}
				}, test.act, loopback())
				s := startSipp(t, test.scenario, transport, "-s", "+40312345678", b.addr(transport))
				g := b.arrival()
				test.then(t, g)
				s.wait()
				eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
			})
		}
	}
}

// holds follows uac_hold.xml: three ways to hold, of which the peer comes back once.
func holds(t *testing.T, g *guest) {
	for _, on := range []bool{true, false} {
		if e := expect[pbx.Held](t, g); e.On != on {
			t.Errorf("held %v, not %v", e.On, on)
		}
	}
	expect[pbx.Gone](t, g)
}
