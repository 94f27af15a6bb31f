// Package dnstest gives tests a whole Internet of their own: a real DNS server (dnsmasq) that knows just the records it was
// told and answers NXDOMAIN to all else.
package dnstest

import (
	"bytes"
	"context"
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
	reverse := strconv.Itoa(int(v4[3])) + "." + strconv.Itoa(int(v4[2])) + "." + strconv.Itoa(int(v4[1])) + "." + strconv.Itoa(int(v4[0]))
	return "ptr-record=" + reverse + ".in-addr.arpa," + name
}

// Start runs a server with the records until the test ends, and returns its address.
func Start(t testing.TB, records ...string) string {
	t.Helper()
	program, err := exec.LookPath("dnsmasq")
	if err != nil {
		t.Fatal("dnsmasq is missing: apt-get install dnsmasq-base")
	}
	port := freePort(t)
	config := append([]string{"port=" + port, "listen-address=127.0.0.1", "bind-interfaces", "no-resolv", "no-hosts", "local=/#/", TXT("ready.test", "yes")}, records...)
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
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	address := net.JoinHostPort("127.0.0.1", port)
	await(t, address, &output)
	return address
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func await(t testing.TB, address string, output *bytes.Buffer) {
	t.Helper()
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		once, done := context.WithTimeout(ctx, 300*time.Millisecond)
		_, err := resolver.LookupTXT(once, "ready.test.")
		done()
		if err == nil {
			return
		}
	}
	t.Fatalf("dnsmasq doesn't answer on %s: %s", address, output)
}
