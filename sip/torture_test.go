package sip

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// tortures are the answers to the messages of RFC 4475, each with the section that says so. The server is a UA behind a
// carrier's address, whose calls are all answered 486; phones have to log in, so a REGISTER that is understood is
// challenged. Nothing: the message is dropped.
func tortures() map[string]string {
	return map[string]string{
		"wsinv":      "481", // 3.1.1.1: understood, in a dialog that is not there
		"intmeth":    "501", // 3.1.1.2
		"esc01":      "486", // 3.1.1.3
		"escnull":    "401", // 3.1.1.4
		"esc02":      "501", // 3.1.1.5: an escaped method is another method
		"lwsdisp":    "200", // 3.1.1.6
		"longreq":    "486", // 3.1.1.7
		"dblreq":     "401", // 3.1.1.8: the first of two in a datagram
		"semiuri":    "200", // 3.1.1.9
		"transports": "200", // 3.1.1.10
		"mpart01":    "405", // 3.1.1.11: MESSAGE is not served
		"unreason":   "",    // 3.1.1.12: a response to nothing
		"noreason":   "",    // 3.1.1.13
		"badinv01":   "400", // 3.1.2.1
		"clerr":      "400", // 3.1.2.2
		"ncl":        "400", // 3.1.2.3
		"scalar02":   "400", // 3.1.2.4
		"scalarlg":   "",    // 3.1.2.5
		"quotbal":    "400", // 3.1.2.6
		"ltgtruri":   "400", // 3.1.2.7
		"lwsruri":    "400", // 3.1.2.8
		"lwsstart":   "400", // 3.1.2.9
		"trws":       "400", // 3.1.2.10
		"escruri":    "400", // 3.1.2.11
		"baddate":    "486", // 3.1.2.12: may be ignored
		"regbadct":   "401", // 3.1.2.13: who doesn't log in is not told more
		"badaspec":   "400", // 3.1.2.14
		"baddn":      "400", // 3.1.2.15
		"badvers":    "505", // 3.1.2.16
		"mismatch01": "400", // 3.1.2.17
		"mismatch02": "400", // 3.1.2.18: or 501
		"bigcode":    "",    // 3.1.2.19
		"badbranch":  "200", // 3.2.1: as of RFC 2543
		"insuf":      "400", // 3.3.1
		"unkscm":     "416", // 3.3.2
		"novelsc":    "416", // 3.3.3
		"unksm2":     "401", // 3.3.4
		"bext01":     "420", // 3.3.5
		"invut":      "415", // 3.3.6
		"regaut01":   "401", // 3.3.7
		"multi01":    "400", // 3.3.8
		"mcl01":      "400", // 3.3.9
		"bcast":      "",    // 3.3.10
		"zeromf":     "200", // 3.3.11: it has arrived
		"cparam01":   "401", // 3.3.12
		"cparam02":   "401", // 3.3.13
		"regescrt":   "401", // 3.3.14
		"sdp01":      "486", // 3.3.15: 406 would do; peers exist that leave application/sdp out of Accept
		"inv2543":    "400", // 3.4.1: peers from before 2002, without tags, are not served
		"test":       "",    // no message at all
	}
}

// Each message of RFC 4475 gets the right answer.
func TestTorture(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Burst = 10_000 }, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.dat"))
	if err != nil || len(files) < len(tortures()) {
		t.Fatalf("%d torture messages, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, known := tortures()[name]
			if !known {
				t.Fatal("nobody has said what the answer is")
			}
			w := newWire(t, b.addr("udp"))
			w.conn.Write(answerable(data, name))
			if want == "" {
				w.silent()
				return
			}
			w.get("SIP/2.0 " + want)
		})
	}
}

// answerable has the answer to a message come back to its sender: its first Via asks for the port, and its branch is
// none that another message has.
func answerable(data []byte, name string) []byte {
	text := regexp.MustCompile(`z9hG4bK(\w)`).ReplaceAllString(string(data), "z9hG4bK"+name+"$1")
	via := regexp.MustCompile(`(?is)\r\n(via|v)\s*:.*?(,|\r\n[^ \t])`).FindStringIndex(text)
	if via == nil {
		return data
	}
	end := strings.LastIndexAny(text[:via[1]], ",\n")
	if text[end] == '\n' {
		end--
	}
	return []byte(text[:end] + ";rport" + text[end:])
}

// Garbage from many addresses must not stay in memory: sipgo keeps every source address of a listener.
func TestGarbageLeavesNothing(t *testing.T) {
	b := newBed(t, nil, nil)
	for i := range 3000 {
		conn, err := net.Dial("udp", b.addr("udp"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "garbage %d\r\n\r\n", i)
		conn.Close()
	}
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:{there}", "", "g1", 1, "", ""))
	w.get("SIP/2.0 200")
	if n := b.server.Net.Pool("udp").Size(); n > 3 {
		t.Errorf("%d addresses kept", n)
	}
}

// Many real sources: the listener is renewed on the same socket, and nobody notices.
func TestListenerRenewed(t *testing.T) {
	b := newBed(t, nil, nil)
	const sources = stack.Generation + 500
	for i := range sources {
		w := &wire{t: t, to: b.addr("udp")}
		at, _ := net.ResolveUDPAddr("udp", b.addr("udp"))
		conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 9, byte(i>>8), byte(i))}, at)
		if err != nil {
			t.Fatal(err)
		}
		w.conn = conn
		w.send(request("OPTIONS", "sip:{there}", "", fmt.Sprint("r", i), 1, "", ""))
		w.get("SIP/2.0 200")
		conn.Close()
	}
	eventually(t, "old addresses forgotten", func() bool { return b.server.Net.Pool("udp").Size() < 1000 })
}

func TestScannersGetSilence(t *testing.T) {
	b := newBed(t, nil, nil)
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:100@{there}", "", "x1", 1, "User-Agent: friendly-scanner\n", ""))
	w.silent()
}

// Idle TCP connections don't keep others out: a call comes through beside them, and beyond the limit new ones are
// closed.
func TestIdleConnections(t *testing.T) {
	b := newBed(t, func(c *Config) { c.MaxConns = 5 }, echo, loopback())
	for range 4 {
		conn, err := net.Dial("tcp", b.addr("tcp"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	res, err := PlaceCall(context.Background(),
		CallOptions{Server: b.addr("tcp"), From: "1", To: "2", Transport: "tcp", Duration: 100 * time.Millisecond}, nil)
	if err != nil || !res.Answered {
		t.Fatalf("%+v, %v", res, err)
	}
	eventually(t, "one too many is closed", func() bool {
		conn, err := net.Dial("tcp", b.addr("tcp"))
		if err != nil {
			return false
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = conn.Read(make([]byte, 1))
		return err != nil && !os.IsTimeout(err)
	})
}

// Nothing that comes by datagram may crash who reads a message.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(strings.ReplaceAll(request("INVITE", "sip:100@x", "", "c", 1, "Require: a\n", offer), "\n", "\r\n")))
	f.Add([]byte("OPTIONS sip:x SIP/2.0\r\nVia: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := proto.ParseMessage(data)
		if err != nil {
			return
		}
		if req, ok := m.(*proto.Request); ok {
			if _, bad := stack.Validate(req); bad {
				return
			}
			(&trunks.Trunk{}).Caller(req)
			edge.ReferTo(req)
			dialog.TooBrief(req)
			dialog.FromRequest(req, "t")
		}
		if res, ok := m.(*proto.Response); ok && dialog.Complete(res) {
			dialog.FromResponse(res)
			causeOf(res)
			stack.Choose(res)
		}
	})
}
