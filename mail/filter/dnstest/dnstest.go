// Package dnstest gives tests a whole Internet of their own: a real DNS server (dnsmasq) that knows just the records it
// was told and answers NXDOMAIN to all else.
package dnstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"frontdesk/store/storetest"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A is an address record, for Start.
func A(name, ip string) string { return "host-record=" + name + "," + ip }

// MX is a mail exchanger.
func MX(domain, host string) string { return "mx-host=" + domain + "," + host + ",10" }

// TXT is a text record of any length.
func TXT(name, text string) string {
	var parts []string
	for len(text) > 250 {
		parts, text = append(parts, `"`+text[:250]+`"`), text[250:]
	}
	return "txt-record=" + name + "," + strings.Join(append(parts, `"`+text+`"`), ",")
}

// PTR is a reverse name of an IPv4 address.
func PTR(ip, name string) string {
	v4 := net.ParseIP(ip).To4()
	reverse := strconv.Itoa(int(v4[3])) + "." + strconv.Itoa(int(v4[2])) + "." + strconv.Itoa(int(v4[1])) + "." +
		strconv.Itoa(int(v4[0]))
	return "ptr-record=" + reverse + ".in-addr.arpa," + name
}

// Start runs a server with the records until the test ends, and returns its address.
func Start(t testing.TB, records ...string) string {
	t.Helper()
	program, err := exec.LookPath("dnsmasq")
	if err != nil {
		t.Fatal("dnsmasq is missing: apt-get install dnsmasq-base")
	}
	var problem string
	for range 5 { // another process may take the free port first
		var address string
		if address, problem = try(t, program, records); problem == "" {
			return address
		}
	}
	t.Fatal("dnsmasq doesn't start: " + problem)
	return ""
}

// try starts a server on a free port; problem is what it said when it did not come up.
func try(t testing.TB, program string, records []string) (address, problem string) {
	t.Helper()
	// no other server knows that name
	port, ready := strconv.Itoa(storetest.FreePort(t, "127.0.0.1")), strings.ToLower(rand.Text())+".test"
	config := append([]string{"port=" + port, "listen-address=127.0.0.1", "bind-interfaces", "no-resolv", "no-hosts",
		"local=/#/", TXT(ready, "yes")}, records...)
	file := filepath.Join(t.TempDir(), "dnsmasq.conf")
	if err := os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--keep-in-foreground", "--conf-file="+file, "--pid-file=", "--user=")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	t.Cleanup(func() { cmd.Process.Kill(); <-exited })
	address = net.JoinHostPort("127.0.0.1", port)
	if !answers(address, ready, exited) {
		cmd.Process.Kill()
		<-exited
		return "", output.String()
	}
	return address, ""
}

// answers waits for the server's first answer; false when it exits or stays silent.
func answers(address, ready string, exited <-chan struct{}) bool {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		once, done := context.WithTimeout(ctx, 300*time.Millisecond)
		_, err := resolver.LookupTXT(once, ready+".")
		done()
		select {
		case <-exited:
			return false
		default:
		}
		if err == nil {
			return true
		}
	}
	return false
}
