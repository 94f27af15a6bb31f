package virus_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"

	"frontdesk/mail/virus"
	"frontdesk/mail/virus/clamdtest"
)

// A real clamd finds a virus in a mail, also in an attachment, finds none where there is none, and says what it does
// not take.
func TestScan(t *testing.T) {
	s := virus.New(clamdtest.Start(t))
	attached := "MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=a.bin\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte("x"+clamdtest.Virus)) + "\r\n"
	head := "From: a@b.test\r\nSubject: x\r\n"
	for text, want := range map[string]string{
		head + "\r\nHello": "", head + "\r\n" + clamdtest.Virus: clamdtest.Name, head + attached: clamdtest.Name,
		"": "",
		head + "\r\n" + strings.Repeat("x", 200_000) + clamdtest.Virus: clamdtest.Name,
	} {
		if got, err := s.Scan(t.Context(), strings.NewReader(text)); got != want || err != nil {
			t.Errorf("%d bytes: %q %v, want %q", len(text), got, err, want)
		}
	}
	if _, err := s.Scan(t.Context(), bytes.NewReader(make([]byte, 3*clamdtest.MaxSize))); !errors.Is(err,
		virus.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// Where no scanner answers, or something else does, nothing counts as clean.
func TestScannerIsAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("220 hello\r\n"))
			conn.Close()
		}
	}()
	for _, address := range []string{"127.0.0.1:1", "/nowhere/clamd.ctl", l.Addr().String()} {
		s := virus.New(address)
		if found, err := s.Scan(t.Context(), strings.NewReader("x")); err == nil || found != "" {
			t.Errorf("%s: %q %v", address, found, err)
		}
		if s.Ping(t.Context()) == nil {
			t.Errorf("%s answers", address)
		}
	}
}
