package load

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Engine is an rtpengine in userspace, and speaks its control protocol "ng": a cookie, and a bencoded dictionary.
type Engine struct {
	PID    int
	t      testing.TB
	conn   *net.UDPConn
	at     netip.AddrPort
	cookie int
}

// Dict is a dictionary of that protocol.
type Dict map[string]string

// RTPEngine starts one; the benchmark is skipped where none is installed.
func RTPEngine(b *testing.B) *Engine {
	path, err := exec.LookPath("rtpengine")
	if err != nil {
		b.Skip("no rtpengine here")
	}
	control := socket(b)
	at := control.LocalAddr().(*net.UDPAddr).AddrPort()
	control.Close() // rtpengine takes its port
	cmd := exec.Command(path, "--foreground", "--table=-1", "--interface=127.0.0.1", "--listen-ng="+at.String(),
		"--log-stderr", "--log-level=4", "--port-min=20000", "--port-max=29999",
		"--pidfile="+filepath.Join(b.TempDir(), "pid"))
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	e := &Engine{PID: cmd.Process.Pid, t: b, conn: socket(b), at: at}
	for deadline := time.Now().Add(20 * time.Second); ; <-time.After(50 * time.Millisecond) {
		if bytes.Contains(e.Ask(Dict{"command": "ping"}), []byte("4:pong")) {
			return e
		}
		if time.Now().After(deadline) {
			b.Fatal("rtpengine does not answer")
		}
	}
}

func socket(t testing.TB) *net.UDPConn {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// Ask has rtpengine do something.
func (e *Engine) Ask(d Dict) []byte {
	e.cookie++
	var m bytes.Buffer
	fmt.Fprintf(&m, "%d d", e.cookie)
	for k, v := range d {
		fmt.Fprintf(&m, "%d:%s%d:%s", len(k), k, len(v), v)
	}
	m.WriteByte('e')
	e.conn.WriteToUDPAddrPort(m.Bytes(), e.at)
	buf := make([]byte, 1<<16)
	e.conn.SetReadDeadline(time.Now().Add(time.Second))
	n, _ := e.conn.Read(buf)
	return buf[:n]
}

// Bridge makes a call of two parties, the second of which speaks the given transport; accept is what it says to its
// offer, in further lines. It tells where the first and the second are to send.
func (e *Engine) Bridge(first, second netip.AddrPort, transport string,
	accept func(offer string) string) (one, other netip.AddrPort) {
	id := strconv.Itoa(e.cookie)
	offer := e.Ask(Dict{"command": "offer", "call-id": id, "from-tag": "a", "transport-protocol": transport,
		"sdp": describe(first, "RTP/AVP", "")})
	answer := e.Ask(Dict{"command": "answer", "call-id": id, "from-tag": "a", "to-tag": "b",
		"sdp": describe(second, transport, accept(string(offer)))})
	return e.port(answer), e.port(offer)
}

func describe(a netip.AddrPort, transport, more string) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]v\r\ns=-\r\nc=IN IP4 %[1]v\r\nt=0 0\r\n"+
		"m=audio %[2]d %[3]s 8\r\n%[4]s",
		a.Addr(), a.Port(), transport, more)
}

// port is where rtpengine's description says that it listens.
func (e *Engine) port(answer []byte) netip.AddrPort {
	e.t.Helper()
	_, rest, _ := bytes.Cut(answer, []byte("m=audio "))
	digits, _, _ := bytes.Cut(rest, []byte(" "))
	port, err := strconv.ParseUint(string(digits), 10, 16)
	if err != nil {
		e.t.Fatalf("rtpengine answers %q", answer)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
}
