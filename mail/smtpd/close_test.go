package smtpd

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// idleAndSending are a client that says nothing, and one who is about to send his message; r reads his answers.
func idleAndSending(t *testing.T, o *office) (idle, sending net.Conn, r *bufio.Reader) {
	t.Helper()
	idle, sending = connect(t, o.mx), connect(t, o.mx)
	t.Cleanup(func() { idle.Close(); sending.Close() })
	r = bufio.NewReader(sending)
	io.WriteString(sending, "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna@acme.test>\r\nDATA\r\n")
	for _, want := range []string{"250", "250", "250", "354"} {
		if line, err := lastLine(r); err != nil || !strings.HasPrefix(line, want) {
			t.Fatalf("%q %v", line, err)
		}
	}
	return idle, sending, r
}

// Close tells idle clients to come back, and lets the one who is sending finish.
func TestClose(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	idle, sending, r := idleAndSending(t, o)
	closed := make(chan error, 1)
	go func() { closed <- o.server.Close(t.Context()) }()
	if line, err := lastLine(bufio.NewReader(idle)); err != nil || !strings.HasPrefix(line, "421 4.3.2") {
		t.Errorf("idle: %q %v", line, err)
	}
	io.WriteString(sending, "Subject: last\r\n\r\n.\r\n")
	if line, err := lastLine(r); err != nil || !strings.HasPrefix(line, "250") {
		t.Errorf("sending: %q %v", line, err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// Drain sends idle and new clients elsewhere, and lets the one who is sending finish before he goes too.
func TestDrain(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	idle, sending, r := idleAndSending(t, o)
	o.server.Drain()
	if line, err := lastLine(bufio.NewReader(idle)); err != nil || !strings.HasPrefix(line, "421 4.3.2") {
		t.Errorf("idle: %q %v", line, err)
	}
	for _, door := range []string{o.mx, o.submit} {
		dialogue(t, door, "S: 421 4.3.2\nEND")
	}
	io.WriteString(sending, "Subject: last\r\n\r\n.\r\n")
	for _, want := range []string{"250", "421 4.3.2"} {
		if line, err := lastLine(r); err != nil || !strings.HasPrefix(line, want) {
			t.Errorf("sending: %q %v, want %s", line, err, want)
		}
	}
}

func TestIdleAndSlow(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{Timeout: 100 * time.Millisecond})
	dialogue(t, o.mx, "S: 220\nS: 421 4.4.2\nEND")
	slow := newOffice(t, sqlite(t), Config{Transfer: 100 * time.Millisecond})
	dialogue(t, slow.mx, envelope+"C: DATA\nS: 354\nC: Subject: x\nS: 451\nEND")
}

// Who makes mistakes or guesses addresses hears of each one more late.
func TestTarpit(t *testing.T) {
	const late = 300 * time.Millisecond
	o := newOffice(t, sqlite(t), Config{Tarpit: late})
	for name, wrong := range map[string]string{"mistakes": "C: NONSENSE\nS: 50\n",
		"guesses": "C: RCPT TO:<guess@acme.test>\nS: 550\n"} {
		began := time.Now()
		dialogue(t, o.mx, begin+"C: MAIL FROM:<a@b.test>\nS: 250\n"+strings.Repeat(wrong, patience+1))
		if took := time.Since(began); took < late {
			t.Errorf("%s: %d took %v", name, patience+1, took)
		}
	}
}
