package dnstest

import (
	"net"
	"testing"
)

// TLSA is the record of a server's key (RFC 6698), its data in hexadecimal.
func TLSA(name, data string) string { return "dns-rr=" + name + ",52," + data }

// Authentic runs a validating server in front of the one at address, which finds all its answers signed: it sets AD for
// those who ask for it (RFC 6840 section 5.7).
func Authentic(t testing.TB, address string) string {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		question := make([]byte, 4096)
		for {
			n, from, err := socket.ReadFrom(question)
			if err != nil {
				return
			}
			if answer := ask(address, question[:n]); len(answer) > 3 {
				answer[3] = answer[3]&^ad | question[3]&ad
				socket.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { socket.Close(); <-done })
	return socket.LocalAddr().String()
}

const ad = 0x20

func ask(address string, question []byte) []byte {
	c, err := net.Dial("udp", address)
	if err != nil {
		return nil
	}
	defer c.Close()
	if _, err := c.Write(question); err != nil {
		return nil
	}
	answer := make([]byte, 4096)
	n, err := c.Read(answer)
	if err != nil {
		return nil
	}
	return answer[:n]
}
