package storetest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
)

// Ports for servers that can't tell which port they chose: below those that the system gives out by itself (32768 and
// up), so that nobody's outgoing connection takes one before the server does or, closed, keeps it from being listened
// on for a minute.
const (
	firstPort = 10_000
	ports     = 6_000
)

// FreePort is an even port of ip such that nobody uses it or the one after it, over UDP or TCP, and no other test is
// given it or looks at it until this one ends.
func FreePort(t testing.TB, ip string) int {
	t.Helper()
	for range 100 {
		port := firstPort + 2*rand.IntN(ports/2)
		claim, err := claimPort(port)
		if err != nil {
			continue
		}
		if unused(ip, port) && unused(ip, port+1) {
			t.Cleanup(func() { claim.Close() })
			return port
		}
		claim.Close()
	}
	t.Fatalf("no free port of %s", ip)
	return 0
}

// claimPort fails while another test holds the port, whichever process it is of: the claim is a name among the sockets
// of this machine, which the kernel takes back from a process that ends.
func claimPort(port int) (io.Closer, error) {
	return net.Listen("unix", fmt.Sprintf("@frontdesk-test-port-%d", port))
}

func unused(ip string, port int) bool {
	addr := net.JoinHostPort(ip, fmt.Sprint(port))
	udp, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer tcp.Close()
	return true
}
