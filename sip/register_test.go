package sip

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// openCarrier is one that takes every REGISTER, and answers OPTIONS.
type openCarrier struct {
	conn *net.UDPConn

	mu       sync.Mutex
	contacts map[string]bool
}

func startRegistrar(t *testing.T) *openCarrier {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := &openCarrier{conn: conn, contacts: map[string]bool{}}
	done := make(chan struct{})
	go func() { defer close(done); r.serve() }()
	t.Cleanup(func() { conn.Close(); <-done })
	return r
}

func (r *openCarrier) serve() {
	buf := make([]byte, 65536)
	for {
		n, from, err := r.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		request := string(buf[:n])
		if contact := field(request, "Contact"); contact != "" {
			r.mu.Lock()
			r.contacts[contact] = field(request, "Expires") != "0"
			r.mu.Unlock()
		}
		var answer strings.Builder
		answer.WriteString("SIP/2.0 200 OK\r\n")
		for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Expires"} {
			if v := field(request, name); v != "" {
				answer.WriteString(name + ": " + v + "\r\n")
			}
		}
		r.conn.WriteToUDP([]byte(answer.String()+"Content-Length: 0\r\n\r\n"), from)
	}
}

// registered tells whether the one contact there is that of b, and no other.
func (r *openCarrier) registered(b *bed) func() bool {
	return func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		n := 0
		for _, on := range r.contacts {
			if on {
				n++
			}
		}
		return n == 1 && r.contacts["<sip:us@"+b.addr("udp")+">"]
	}
}

// Of two nodes only the one that owns the trunk registers; when that changes, the old one signs off and the new one
// registers. Both tell that the line is registered.
func TestOneNodeRegisters(t *testing.T) {
	t.Parallel() // it waits
	carrier := startRegistrar(t)
	var owner atomic.Value
	owner.Store("n1")
	ask := func(node string) func(*Config) {
		return func(c *Config) {
			c.Owns = func(context.Context, string) (bool, error) { return owner.Load() == node, nil }
		}
	}
	one := newBed(t, ask("n1"), nil, directory.Trunk{Name: "line", Kind: dialplan.Carrier,
		Host: carrier.conn.LocalAddr().String(), Transport: "udp", Register: true, Username: "us", Password: "secret"})
	two := join(t, one, nil, ask("n2"))
	told := func(by string) func() bool {
		return func() bool {
			a, b := one.server.TrunkStatus()[0], two.server.TrunkStatus()[0]
			return a.Registered && b.Registered && a.Node == by && b.Node == by && a.Owner == (by == "n1") &&
				b.Owner == (by == "n2")
		}
	}
	eventually(t, "the first node registers", carrier.registered(one))
	eventually(t, "both nodes say so", told("n1"))
	owner.Store("n2")
	eventually(t, "the second node registers, and the first signs off", carrier.registered(two))
	eventually(t, "both nodes say so", told("n2"))
	steps, err := one.server.TestTrunk(context.Background(), one.trunk().ID)
	if err != nil || len(steps) != 3 || !steps[2].OK || !carrier.registered(two)() {
		t.Errorf("the test of a node that doesn't register leaves a contact behind, or fails: %+v, %v", steps, err)
	}
}
