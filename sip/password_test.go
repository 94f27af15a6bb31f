package sip

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
)

// A new password ends what the old one registered, and lets it register no more; the phone's call goes on, and ends
// with its own BYE.
func TestNewPassword(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) })
	device := b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.register("desk1", "secret-one")
	tag := w.callsAs("desk1", "secret-one", "running")
	g := b.arrival()
	ctx := context.Background()
	if _, err := b.dir.NewPassword(ctx, device.ID, "secret-two"); err != nil {
		t.Fatal(err)
	}
	if list, err := b.dir.Bindings(ctx, device.ID, time.Now()); err != nil || len(list) != 0 {
		t.Errorf("still registered: %+v, %v", list, err)
	}
	if _, err := b.server.Dial(ctx, pbx.Target{Device: device.ID},
		pbx.Request{Number: "1", Codecs: []media.Codec{media.PCMA()}}); !errors.Is(err, pbx.ErrNobody) {
		t.Errorf("dialled: %v", err)
	}
	w.tries("desk1", "secret-one", "SIP/2.0 401")
	w.send(request("INFO", "sip:100@{there}", tag, "running", 3, "", ""))
	w.get("SIP/2.0 200")
	w.register("desk1", "secret-two")
	w.bye("running", tag)
	if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseNormal {
		t.Errorf("the call ended for %s", e.Cause)
	}
}
