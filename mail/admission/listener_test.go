package admission_test

import (
	"errors"
	"net"
	"testing"

	"frontdesk/mail/admission"
)

func TestWhatIsAdmittedIsAccepted(t *testing.T) {
	l := admission.New(&net.TCPAddr{Port: 25})
	given, other := net.Pipe()
	defer other.Close()
	defer given.Close()
	took := make(chan bool)
	go func() { took <- l.Admit(given) }()
	if c, err := l.Accept(); c != given || err != nil || !<-took {
		t.Errorf("accepted %v, %v", c, err)
	}
	if l.Addr().String() != ":25" {
		t.Errorf("it says it listens at %s", l.Addr())
	}
	l.Close()
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	if l.Admit(given) {
		t.Error("a connection is taken after the end")
	}
}
