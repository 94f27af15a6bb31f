package sip

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/pbx"
	"frontdesk/pbx/voicemail"
	"frontdesk/testwait"
)

// A baresip subscribes to its voice messages and to the presence of a colleague, and shows what it is told.
func TestBaresipWatches(t *testing.T) {
	if testing.Short() {
		t.Skip("a real phone takes some seconds")
	}
	b, h := watchedBed(t, nil)
	one, two := b.extension("201", "secret-one"), b.extension("202", "secret-two")
	newWire(t, b.addr("udp")).register("202", "secret-two")
	h.set(func() { h.waiting = voicemail.Count{New: 3, Old: 1} })
	p := runBaresip(t, b.addr("udp"), "udp", "201", "secret-one", 440, "audio_codecs=PCMA/8000/1;mwi=yes",
		"module_app contact.so\nmodule_app mwi.so\nmodule_app presence.so\n",
		fmt.Sprintf(`"Bob" <sip:202@%s>;presence=p2p`, b.addr("udp")))
	listed := func(status string) {
		t.Helper()
		testwait.Until(t, "its list of contacts says "+status, func() bool {
			p.say("/contacts")
			return strings.Contains(p.out.String(), status)
		})
	}
	testwait.Until(t, "registered", registered(b, one))
	testwait.Until(t, "it shows the messages", func() bool { return strings.Contains(p.out.String(), "Voice-Message: 3/1") })
	listed("Online")
	h.set(func() { h.engaged[two.User] = []pbx.Engagement{{Call: "c", State: pbx.EngagedTalking}} })
	b.server.Events().Engaged(two.User)
	listed("Busy")
	if n := strings.Count(p.out.String(), "mwi: subscribing"); n > 2 {
		t.Errorf("it subscribed %d times", n)
	}
}
