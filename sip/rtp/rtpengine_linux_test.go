package rtp

import (
	"bytes"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// rtpengine starts one in userspace, whose process it tells, and a function that bridges phones through it.
func rtpengine(b *testing.B) (pid int, bridge func(testing.TB, []netip.AddrPort) []netip.AddrPort) {
	path, err := exec.LookPath("rtpengine")
	if err != nil {
		b.Skip("no rtpengine here")
	}
	control := newSocket(b)
	at := control.addr()
	control.conn.Close() // rtpengine takes its port
	cmd := exec.Command(path, "--foreground", "--table=-1", "--interface=127.0.0.1", "--listen-ng="+at.String(),
		"--log-stderr", "--log-level=4", "--port-min=20000", "--port-max=29999",
		"--pidfile="+filepath.Join(b.TempDir(), "pid"))
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	ng := &ngClient{t: b, socket: newSocket(b), at: at}
	until(b, "rtpengine answers", func() bool {
		return bytes.Contains(ng.ask(dict{"command": "ping"}),
			[]byte("4:pong"))
	})
	return cmd.Process.Pid, ng.bridge
}

// ngClient speaks rtpengine's control protocol "ng": a cookie, and a bencoded dictionary.
type ngClient struct {
	t      testing.TB
	socket *socket
	at     netip.AddrPort
	cookie int
}

type dict map[string]string

func (c *ngClient) ask(d dict) []byte {
	c.cookie++
	var m bytes.Buffer
	fmt.Fprintf(&m, "%d d", c.cookie)
	for k, v := range d {
		fmt.Fprintf(&m, "%d:%s%d:%s", len(k), k, len(v), v)
	}
	m.WriteByte('e')
	c.socket.conn.WriteToUDPAddrPort(m.Bytes(), c.at)
	buf := make([]byte, 1<<16)
	c.socket.conn.SetReadDeadline(time.Now().Add(time.Second))
	n, _ := c.socket.conn.Read(buf)
	return buf[:n]
}

// bridge makes a call of each two phones.
func (c *ngClient) bridge(t testing.TB, phones []netip.AddrPort) (to []netip.AddrPort) {
	for i := 0; i < len(phones); i += 2 {
		id := strconv.Itoa(i)
		second := c.port(c.ask(dict{"command": "offer", "call-id": id, "from-tag": "a", "sdp": describe(phones[i])}))
		first := c.port(c.ask(dict{"command": "answer", "call-id": id, "from-tag": "a", "to-tag": "b",
			"sdp": describe(phones[i+1])}))
		to = append(to, first, second)
	}
	return to
}

func describe(a netip.AddrPort) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]v\r\ns=-\r\nc=IN IP4 %[1]v\r\nt=0 0\r\nm=audio %d RTP/AVP 8\r\n",
		a.Addr(), a.Port())
}

// port is where rtpengine's description says that it listens.
func (c *ngClient) port(answer []byte) netip.AddrPort {
	c.t.Helper()
	_, rest, _ := bytes.Cut(answer, []byte("m=audio "))
	digits, _, _ := bytes.Cut(rest, []byte(" "))
	port, err := strconv.ParseUint(string(digits), 10, 16)
	if err != nil {
		c.t.Fatalf("rtpengine answers %q", answer)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
}
