package registrar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/directory"
)

// register is a REGISTER with some headers.
func register(t *testing.T, headers string) *proto.Request {
	t.Helper()
	m, err := proto.ParseMessage(
		[]byte("REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n" +
			"From: <sip:201@example.com>;tag=a\r\nTo: <sip:201@example.com>\r\nCall-ID: c\r\nCSeq: 7 REGISTER\r\n" +
			headers +
			"Content-Length: 0\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*proto.Request)
}

func TestWhatSignsOff(t *testing.T) {
	for headers, want := range map[string]bool{
		"Contact: <sip:201@192.0.2.1>\r\nExpires: 0\r\n":               true,
		"Contact: *\r\nExpires: 0\r\n":                                 true,
		"Contact: <sip:201@192.0.2.1>;expires=0\r\n":                   true,
		"Contact: <sip:201@192.0.2.1>;expires=60\r\nExpires: 3600\r\n": false,
		"Contact: <sip:201@192.0.2.1>\r\n":                             false,
		"":                                                             false,
	} {
		if got := SignsOff(register(t, headers)); got != want {
			t.Errorf("%q: %v", headers, got)
		}
	}
}

// A phone reads its own Contact, and how long it is registered, out of all that there are (RFC 3261 §10.3 step 8).
func TestTheAnswerListsAllContacts(t *testing.T) {
	now := time.Now()
	hs := bindingHeaders([]directory.Binding{{Contact: "sip:a@192.0.2.1", Expires: now.Add(time.Hour)},
		{Contact: "sip:b@192.0.2.2", Expires: now.Add(59*time.Second + 600*time.Millisecond)}}, now)
	if got := fmt.Sprint(hs[0].Value(),
		hs[1].Value()); got != "<sip:a@192.0.2.1>;expires=3600<sip:b@192.0.2.2>;expires=60" {
		t.Error(got)
	}
	if last := hs[len(hs)-1]; last.Name() != "Date" || !strings.HasSuffix(last.Value(), " GMT") {
		t.Errorf("%s: %s", last.Name(), last.Value())
	}
}

// The way to a phone leads through so many proxies and no more (RFC 3327).
func TestPathsThatAreRefused(t *testing.T) {
	long := register(t, strings.Repeat("Path: <sip:p.example.com;lr>\r\n", maxPath+1))
	for _, c := range []struct {
		path []string
		bad  bool
	}{
		{nil, false}, {[]string{"<sip:p.example.com;lr>"}, false}, {pathOf(long)[:maxPath], false},
		{pathOf(long), true},
		{[]string{"nonsense"}, true},
	} {
		if r, bad := checkPath(c.path); bad != c.bad || bad && r.Code != 400 {
			t.Errorf("%v: %v %+v", c.path, bad, r)
		}
	}
}
