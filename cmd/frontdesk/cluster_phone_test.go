package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"

	"frontdesk/store"
)

// account is a desk phone without a SIP stack of its own, so that only the server's time is measured.
type account struct {
	ID, Username, Password string

	call  string // Call-ID of all its REGISTERs
	seq   int
	asked *digest.Challenge // the last one, for as long as the server takes it
	count int               // of its uses
}

// newAccount makes a user's phone.
func (c *company) newAccount(user string) *account {
	c.t.Helper()
	a := &account{call: store.NewID()}
	if code := c.api("POST", "/devices", map[string]any{"user": user, "label": "Phone"}, a); code != 201 {
		c.t.Fatalf("a device: %d", code)
	}
	return a
}

// dialSIP is a socket of phones; port 0 takes a free one.
func dialSIP(b testing.TB, server string, port int) *net.UDPConn {
	b.Helper()
	to, err := netip.ParseAddrPort(server)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, net.UDPAddrFromAddrPort(to))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

// register refreshes the phone's registration. It answers the challenge it was given before, as phones do, until it is
// too old.
func (a *account) register(conn *net.UDPConn) error {
	for range 3 {
		answer, err := exchange(conn, a.request(conn))
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(answer, "SIP/2.0 200 "):
			return nil
		case !strings.HasPrefix(answer, "SIP/2.0 401 "):
			return fmt.Errorf("a REGISTER is answered: %s", answer)
		}
		_, header, _ := strings.Cut(answer, "\r\nWWW-Authenticate: ")
		header, _, _ = strings.Cut(header, "\r\n")
		if a.asked, err = digest.ParseChallenge(header); err != nil {
			return err
		}
		a.count = 0
	}
	return fmt.Errorf("%s can't log in", a.Username)
}

func (a *account) request(conn *net.UDPConn) string {
	a.seq++
	server, here := conn.RemoteAddr(), conn.LocalAddr()
	authorization := ""
	if a.asked != nil {
		a.count++
		cred, err := digest.Digest(a.asked, digest.Options{Method: "REGISTER", URI: "sip:" + server.String(),
			Username: a.Username, Password: a.Password, Count: a.count})
		if err == nil {
			authorization = "Authorization: " + cred.String() + "\r\n"
		}
	}
	return fmt.Sprintf("REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@%s>;tag=1\r\nTo: <sip:%s@%s>\r\n"+
		"Call-ID: %s\r\nCSeq: %d REGISTER\r\nContact: <sip:%s@%s>\r\nExpires: 600\r\n%sContent-Length: 0\r\n\r\n",
		server, here, store.NewID(), a.Username, server, a.Username, server, a.call, a.seq, a.Username, here,
		authorization)
}

// exchange sends a request until it is answered, 10 s at most (RFC 3261 section 17.1.2).
func exchange(conn *net.UDPConn, request string) (string, error) {
	buf := make([]byte, 65536)
	for range 20 {
		if _, err := conn.Write([]byte(request)); err != nil {
			return "", err
		}
		conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		for {
			n, err := conn.Read(buf)
			if err != nil {
				break
			}
			if answer := string(buf[:n]); cseq(answer) == cseq(request) {
				return answer, nil
			}
		}
	}
	return "", fmt.Errorf("no answer to %.60q", request)
}

func cseq(message string) string {
	_, rest, _ := strings.Cut(message, "\r\nCall-ID: ")
	id, _, _ := strings.Cut(rest, "\r\n")
	_, rest, _ = strings.Cut(message, "\r\nCSeq: ")
	seq, _, _ := strings.Cut(rest, "\r\n")
	return id + " " + seq
}
