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
	p := watchingBaresip(t, b, func() bool { return registered(b, one)() })
	listed := func(status string) {
		t.Helper()
		testwait.Until(t, "its list of contacts says "+status, func() bool {
			p.say("/contacts")
			return strings.Contains(p.out.String(), status)
		})
	}
	listed("Online")
	h.set(func() { h.engaged[two.User] = []pbx.Engagement{{Call: "c", State: pbx.EngagedTalking}} })
	b.server.Events().Engaged(two.User)
	listed("Busy")
	if n := strings.Count(p.out.String(), "mwi: subscribing"); n > 2 {
		t.Errorf("it subscribed %d times", n)
	}
}

// watchingBaresip starts a baresip that watches 202, and shows its messages. One that registers again and again, and
// each time subscribes anew, which some do that start on a busy machine, is started again.
func watchingBaresip(t *testing.T, b *bed, registered func() bool) *baresip {
	t.Helper()
	for {
		p := runBaresip(t, b.addr("udp"), "udp", "201", "secret-one", 440, "audio_codecs=PCMA/8000/1;mwi=yes",
			"module_app contact.so\nmodule_app mwi.so\nmodule_app presence.so\n",
			fmt.Sprintf(`"Bob" <sip:202@%s>;presence=p2p`, b.addr("udp")))
		shows := func() bool { return strings.Contains(p.out.String(), "Voice-Message: 3/1") }
		loops := func() bool { return strings.Count(p.out.String(), "mwi: subscribing") > 5 }
		testwait.Until(t, "registered", registered)
		testwait.Until(t, "it shows the messages", func() bool { return shows() || loops() })
		if shows() {
			return p
		}
		p.stop()
	}
}
