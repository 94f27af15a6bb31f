package sip

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// RFC 4475: whatever of its collection comes, the server lives on.
func TestTorture(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Burst = 10_000 }, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.dat"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d torture messages, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			newWire(t, b.addr("udp")).conn.Write(data)
		})
	}
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:{there}", "", "alive", 1, "", ""))
	w.get("SIP/2.0 200")
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
			callerOf("t", req)
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
