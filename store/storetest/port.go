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
	return FreePorts(t, ip, 1)
}

// FreePorts is the first of so many pairs of ports, one after the other, each as FreePort gives it.
func FreePorts(t testing.TB, ip string, pairs int) int {
	t.Helper()
	for range 100 {
		port := firstPort + 2*rand.IntN(ports/2-pairs+1)
		if claims := claimPairs(ip, port, pairs); claims != nil {
			t.Cleanup(claims.Close)
			return port
		}
	}
	t.Fatalf("no free port of %s", ip)
	return 0
}

type claims []io.Closer

func (c claims) Close() {
	for _, claim := range c {
		claim.Close()
	}
}

// claimPairs is nil when one of the ports is taken.
func claimPairs(ip string, first, pairs int) (held claims) {
	for port := first; port < first+2*pairs; port += 2 {
		claim, err := claimPort(port)
		if err == nil {
			held = append(held, claim)
		}
		if err != nil || !unused(ip, port) || !unused(ip, port+1) {
			held.Close()
			return nil
		}
	}
	return held
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
