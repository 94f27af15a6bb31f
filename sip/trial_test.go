package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/testwait"
)

// A test call tells how far it came, and what the peer answered there.
func TestTestCall(t *testing.T) {
	b := newBed(t, nil, nil)
	for _, test := range []struct {
		name   string
		answer func(w *wire, invite string)
		want   string
	}{
		{"refused at once", func(w *wire, invite string) { w.reply(invite, "403 Forbidden", "", "") }, "taken -: 403 Forbidden"},
		{"busy", func(w *wire, invite string) {
			w.reply(invite, "100 Trying", "", "")
			w.reply(invite, "180 Ringing", "", "")
			w.reply(invite, "486 Busy Here", "", "")
		}, "taken +: 100 Trying, rings +: 180 Ringing, answered -: 486 Busy Here"},
		{"answered, with sound", func(w *wire, invite string) {
			media, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				w.t.Fatal(err)
			}
			w.t.Cleanup(func() { media.Close() })
			_, port, _ := net.SplitHostPort(media.LocalAddr().String())
			w.reply(invite, "200 OK", "", strings.Replace(offer, "audio 9", "audio "+port, 1))
			w.get("ACK")
			packet := make([]byte, 2000)
			_, from, err := media.ReadFrom(packet)
			if err != nil {
				w.t.Fatal(err)
			}
			media.WriteTo(append([]byte{0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7}, make([]byte, 160)...), from)
			w.get("BYE")
		}, "taken +: 200 OK, answered +: 200 OK, sound +: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWire(t, b.addr("udp"))
			trunk := directory.Trunk{Name: test.name, Kind: dialplan.Carrier, Host: w.conn.LocalAddr().String(),
				Active: true}
			if err := b.dir.SaveTrunk(context.Background(), &trunk); err != nil {
				t.Fatal(err)
			}
			told := make(chan string, 1)
			go func() {
				steps, err := b.server.TestCall(context.Background(),
					dialplan.Dial{Trunk: trunk.ID, Number: "+40722000111"})
				told <- stepsText(steps, err)
			}()
			invite := w.get("INVITE sip:+40722000111@")
			if _, err := b.server.TestCall(context.Background(), dialplan.Dial{}); !errors.Is(err, ErrTrialRuns) {
				t.Errorf("a second one at a time: %v", err)
			}
			test.answer(w, invite)
			select {
			case got := <-told:
				if got != test.want {
					t.Errorf("told %s", got)
				}
			case <-time.After(testwait.Limit):
				t.Error("nothing was told")
			}
		})
	}
}

func stepsText(steps []Step, err error) string {
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, s := range steps {
		all = append(all, fmt.Sprintf("%s %s: %s", s.Kind, map[bool]string{true: "+", false: "-"}[s.OK], s.Told))
	}
	return strings.Join(all, ", ")
}
