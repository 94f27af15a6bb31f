package sip

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/store/storetest"
)

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
			b := newBed(t, nil, echo, directory.Trunk{Name: "PBX", Kind: dialplan.PBX, Host: pbxAddr,
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
			if err != nil || !res.Answered || heard.share(440) < 0.4 {
				t.Errorf("%+v, %v, tone %.2f", res, err, heard.share(440))
			}
			if g := b.arrival(); g.dialled != user || g.Party().Kind != pbx.Outside || g.Party().Number != "carol" {
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
	b := newBed(t, nil, nil, directory.Trunk{Name: "PBX", Kind: dialplan.PBX, Host: addr, Transport: "udp",
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
	template, err := os.ReadFile("testdata/kamailio_pbx.cfg")
	if err != nil {
		t.Fatal(err)
	}
	host := fmt.Sprintf("127.0.0.1:%d", port)
	cfg := strings.NewReplacer("@IP@", "127.0.0.1", "@HOST@", host, "@ROUTES@", "").Replace(string(template))
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
