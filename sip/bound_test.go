package sip

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/sip/trunks"
	"frontdesk/testwait"
)

// registering is a line whose PBX registers here as "pbx" with the password "secret-pbx".
func registering() directory.Trunk {
	t := directory.Trunk{Name: "PBX", Kind: dialplan.PBX, Prefix: "8"}
	directory.New(directory.Config{Realm: "test"}, nil, nil).SetLogin(&t, "pbx", "secret-pbx")
	return t
}

// dials asks for a call through the only trunk, which may be refused.
func (b *bed) dials(number string) (pbx.Leg, error) {
	return b.server.Dial(context.Background(), pbx.Target{Trunk: b.trunk().ID, Number: number},
		pbx.Request{Number: "100", Codecs: []media.Codec{media.PCMA()}})
}

func (b *bed) status() trunks.Status {
	if list := b.server.TrunkStatus(); len(list) == 1 {
		return list[0]
	}
	return trunks.Status{}
}

// refuses: nobody is registered, and that is plain at once.
func (b *bed) refuses() {
	b.t.Helper()
	if _, err := b.dials("201"); !errors.Is(err, pbx.ErrNobody) {
		b.t.Fatalf("dialled: %v", err)
	}
	eventually(b.t, "the line waits", func() bool {
		return b.server.Down(b.trunk().ID) &&
			b.status().Problem == trunks.Awaited
	})
}

// natted is the contact of a PBX behind NAT; what stands behind the user is how it knows us again.
const natted = "Contact: <sip:s@10.0.0.9:5060;line=abc>\nExpires: 300\nUser-Agent: Old PBX 1.0\n"

// registersAs logs a PBX in and returns the last answer.
func (w *wire) registersAs(user, password, id, extra, answer string) string {
	w.t.Helper()
	w.send(registerAs(user, id, 1, extra))
	w.send(registerAs(user, id, 2, sign(w.t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, user, password)+extra))
	return w.get(answer)
}

// A PBX registers here: calls to it go over its flow with the contact that it gave, its calls prove themselves with the
// same password, from wherever they come, and what is wrong is told.
func TestPBXRegisters(t *testing.T) {
	b := newBed(t, nil, nil, registering())
	w := newWire(t, b.addr("udp"))
	b.refuses()
	w.registersAs("pbx", "wrong", "r1", natted, "SIP/2.0 401")
	b.refuses()
	if got := w.registersAs("pbx", "secret-pbx", "r2", natted, "SIP/2.0 200"); !strings.HasPrefix(field(got, "Contact"),
		"<sip:s@10.0.0.9:5060;line=abc>;expires=") {
		t.Errorf("contact in\n%s", got)
	}
	from := "udp:" + w.conn.LocalAddr().String()
	eventually(t, "the line is up", func() bool {
		s := b.status()
		return !b.server.Down(b.trunk().ID) && s.Registered && s.Reachable && s.From == from &&
			s.Agent == "Old PBX 1.0" && time.Since(s.Since) < testwait.Limit && s.Until.After(time.Now())
	})
	leg, err := b.dials("201")
	if err != nil {
		t.Fatal(err)
	}
	invite := w.get("INVITE sip:201@10.0.0.9:5060;line=abc SIP/2.0")
	if to := field(invite, "To"); !strings.HasPrefix(to, "<sip:201@127.0.0.1") {
		t.Errorf("to %s", to)
	}
	w.reply(invite, "486 Busy Here", "", "")
	w.get("ACK")
	expect[pbx.Gone](t, watch(leg))

	w.send(request("INVITE", "sip:100@{there}", "", "c1", 1, "", offer))
	w.get("SIP/2.0 401") // its address alone opens nothing
	w.send(request("ACK", "sip:100@{there}", "", "c1", 1, "", ""))
	elsewhere := newWireAt(t, b.addr("udp"), "127.0.0.8")
	for i, pbx := range []*wire{w, elsewhere} {
		id := []string{"c2", "c3"}[i]
		pbx.send(request("INVITE", "sip:100@{there}", "", id, 1, "", offer))
		pbx.send(request("INVITE", "sip:100@{there}", "", id, 2,
			sign(t, pbx.get("SIP/2.0 401"), "INVITE", "sip:100@"+pbx.to, "pbx", "secret-pbx"), offer))
		g := b.arrival()
		if p := g.Party(); p.Trunk != b.trunk().ID || p.Number != "ana" || g.dialled != "100" {
			t.Errorf("%+v dialled %s", p, g.dialled)
		}
		g.Hangup("busy")
		pbx.get("SIP/2.0 486")
	}
	w.registersAs("pbx", "secret-pbx", "r3", strings.Replace(natted, "300", "0", 1), "SIP/2.0 200")
	b.refuses()
}

// What one node knows of a PBX all know: also one that was started later.
func TestPBXAtOtherNode(t *testing.T) {
	b := newBed(t, nil, nil, registering())
	w := newWire(t, b.addr("udp"))
	w.registersAs("pbx", "secret-pbx", "r", natted, "SIP/2.0 200")
	other := join(t, b, nil)
	if _, err := other.dials("201"); err != nil {
		t.Fatal(err)
	}
	invite := w.get("INVITE sip:201@10.0.0.9:5060;line=abc SIP/2.0")
	w.reply(invite, "486 Busy Here", "", "")
	w.get("ACK")
	eventually(t, "the other node shows it", func() bool {
		return other.status().Registered &&
			!other.server.Down(b.trunk().ID)
	})
}

// A PBX that closes its connection is gone at once. Of two bindings the latest is called first, and the other when that
// is silent.
func TestPBXOverTCP(t *testing.T) {
	b := newBed(t, func(c *Config) { c.nextPlace = 200 * time.Millisecond }, nil, registering())
	udp, tcp := newWire(t, b.addr("udp")), overTCP(t, b)
	udp.registersAs("pbx", "secret-pbx", "r1", strings.Replace(natted, "10.0.0.9", "10.0.0.8", 1), "SIP/2.0 200")
	tcp.registersAs("pbx", "secret-pbx", "r2", strings.Replace(natted, "300", "301", 1), "SIP/2.0 200")
	leg, err := b.dials("201")
	if err != nil {
		t.Fatal(err)
	}
	tcp.get("INVITE sip:201@10.0.0.9") // and says nothing
	invite := udp.get("INVITE sip:201@10.0.0.8")
	udp.reply(invite, "486 Busy Here", "", "")
	udp.get("ACK")
	expect[pbx.Gone](t, watch(leg))
	udp.registersAs("pbx", "secret-pbx", "r3", "Contact: *\nExpires: 0\n", "SIP/2.0 200")
	tcp.registersAs("pbx", "secret-pbx", "r4", natted, "SIP/2.0 200")
	tcp.conn.Close()
	eventually(t, "the connection is gone", func() bool {
		_,
			err := b.dials("201")
		return errors.Is(err, pbx.ErrNobody)
	})
}

// Who answers no OPTIONS is registered, but comes after other lines.
func TestSilentPBX(t *testing.T) {
	b := newBed(t, func(c *Config) { c.nextPlace, c.Ping = 200*time.Millisecond, time.Hour }, nil, registering())
	w := newWire(t, b.addr("udp"))
	w.registersAs("pbx", "secret-pbx", "r", natted, "SIP/2.0 200")
	w.get("OPTIONS sip:s@10.0.0.9:5060;line=abc")
	eventually(t, "the line is down", func() bool {
		s := b.status()
		return s.Registered && !s.Reachable &&
			b.server.Down(b.trunk().ID)
	})
	w.registersAs("pbx", "secret-pbx", "r2", natted, "SIP/2.0 200") // there again
	ping := w.get("OPTIONS")
	w.reply(ping, "200 OK", "", "")
	eventually(t, "the line is up", func() bool { return !b.server.Down(b.trunk().ID) })
	steps, err := b.server.TestTrunk(context.Background(), b.trunk().ID)
	if err != nil || len(steps) != 2 || !steps[0].OK || steps[1].OK {
		t.Errorf("%+v, %v", steps, err)
	}
}

// The log-in of a PBX is for its networks alone where some are set. A changed password or a line switched off ends its
// registrations.
func TestPBXLosesItsLogin(t *testing.T) {
	line := registering()
	line.Allow = []string{"127.0.0.7", "127.0.0.1"}
	b := newBed(t, nil, nil, line)
	newWireAt(t, b.addr("udp"), "127.0.0.6").registersAs("pbx", "secret-pbx", "r1", natted, "SIP/2.0 401")
	w := newWireAt(t, b.addr("udp"), "127.0.0.7")
	for i, change := range []func(*directory.Trunk){
		func(t *directory.Trunk) { t.CallerID = "+40311000001" },
		func(t *directory.Trunk) { t.Allow = []string{"127.0.0.7"} },
		func(t *directory.Trunk) { b.dir.SetLogin(t, "pbx", "another") },
		func(t *directory.Trunk) { t.Active = false },
	} {
		line := b.trunk()
		b.dir.SetLogin(&line, "pbx", "secret-pbx")
		line.Active = true
		if err := b.dir.SaveTrunk(context.Background(), &line); err != nil {
			t.Fatal(err)
		}
		w.registersAs("pbx", "secret-pbx", string(rune('a'+i)), natted, "SIP/2.0 200")
		change(&line)
		if err := b.dir.SaveTrunk(context.Background(), &line); err != nil {
			t.Fatal(err)
		}
		if list, err := b.dir.TrunkBindings(context.Background(), line.ID, time.Now()); err != nil ||
			(len(list) > 0) != (i == 0) {
			t.Errorf("change %d: %+v, %v", i, list, err)
		}
	}
}

// A phone can't have the name of a PBX, nor two lines the same; a trunk without host and without log-in makes no sense.
func TestPBXNames(t *testing.T) {
	b := newBed(t, nil, nil, registering())
	b.device("desk1", "secret-one")
	var invalid *input.Invalid
	phone := directory.Device{User: "u", Username: "PBX"}
	if err := b.dir.SaveDevice(context.Background(), &phone, "long enough"); !errors.As(err, &invalid) ||
		invalid.Field != "username" {
		t.Error(err)
	}
	for name, field := range map[string]string{"pbx": "in_username", "Desk1": "in_username", "a b": "in_username",
		"": "in_username"} {
		line := registering()
		b.dir.SetLogin(&line, name, "secret")
		if err := b.dir.SaveTrunk(context.Background(), &line); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%q: %v", name, err)
		}
	}
	line := registering()
	line.InUsername, line.InHA1 = "other", ""
	if err := b.dir.SaveTrunk(context.Background(), &line); !errors.As(err, &invalid) ||
		invalid.Field != "in_password" {
		t.Error(err)
	}
}

// A real PBX behind TCP: it registers, calls a phone here, and is called.
func TestBaresipAsPBX(t *testing.T) {
	if testing.Short() {
		t.Skip("a real peer takes some seconds")
	}
	line := registering()
	directory.New(directory.Config{Realm: "test"}, nil, nil).SetLogin(&line, "201", "secret-pbx")
	b := newOffice(t, nil, line)
	b.extension("100", "secret-one")
	phone := newWire(t, b.addr("udp"))
	phone.register("100", "secret-one")
	peer := startBaresip(t, b.addr("tcp"), "tcp", "201", "secret-pbx", 440)
	eventually(t, "registered", func() bool {
		s := b.status()
		return s.Registered &&
			strings.HasPrefix(s.From, "tcp:")
	})
	peer.say("/dial 100")
	invite := phone.get("INVITE sip:100@")
	phone.reply(invite, "486 Busy Here", "", "")
	phone.get("ACK")
	phone.dials("100", "secret-one", "8201", "out")
	phone.get("SIP/2.0 200")
}

// A PBX that knows its password and registers ever new contacts gets as many as an account may have; those stay, and
// others get theirs.
func TestFloodOfContacts(t *testing.T) {
	b := newBed(t, nil, nil, registering())
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	at := func(i int) string { return fmt.Sprintf("Contact: <sip:pbx@192.0.2.1:%d>\nExpires: 300\n", 5000+i) }
	for i := range 10 {
		w.registersAs("pbx", "secret-pbx", fmt.Sprint("c", i), at(i), "SIP/2.0 200")
	}
	for i := range 5 {
		w.registersAs("pbx", "secret-pbx", fmt.Sprint("d", i), at(100+i), "SIP/2.0 403")
	}
	newWire(t, b.addr("udp")).register("desk1", "secret-one")
	if got := w.registersAs("pbx", "secret-pbx", "c0", "", "SIP/2.0"); strings.Count(got, "\nContact: ") != 10 {
		t.Errorf("contacts kept:\n%s", got)
	}
}
