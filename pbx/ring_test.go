package pbx

import (
	"context"
	"testing"
	"time"

	"frontdesk/pbx/directory"
)

// slow is an edge that finds one device or trunk only after a time, as when the database stands still.
type slow struct {
	edge
	of    string
	takes time.Duration
}

func (s slow) Dial(ctx context.Context, t Target, r Request) (Leg, error) {
	if t.Device == s.of || t.Trunk == s.of {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.edge.Dial(ctx, t, r)
}

// A phone that is not found in time keeps no other one from ringing, and rings by and by.
func TestSlowPhoneHoldsNobodyUp(t *testing.T) {
	play(t, func(w *world) {
		w.online["desk"] = true
		if err := w.dir.SaveDevice(context.Background(), &directory.Device{User: "ana", Username: "ana-second"},
			"secret-enough"); err != nil {
			t.Fatal(err)
		}
		w.x.board.Dialers = Dialers{Browser: edge{w, Browser}, Phone: slow{edge{w, Phone}, w.desk, 3 * time.Second},
			Trunk: edge{w, Outside}}
		w.user("bob", "101")
		w.sleep(time.Second)
		if now := w.ringing(); len(now) != 2 || now[1].To.Device == w.desk {
			t.Errorf("%d ring", len(now))
		}
		w.sleep(3 * time.Second)
		if now := w.ringing(); len(now) != 3 || now[2].To.Device != w.desk {
			t.Errorf("%d ring in the end", len(now))
		}
	})
}

// A database that stands still for some seconds delays a call out, and does not refuse it.
func TestSlowLineIsWaitedFor(t *testing.T) {
	play(t, func(w *world) {
		w.x.board.Dialers = Dialers{Browser: edge{w, Browser}, Phone: edge{w, Phone},
			Trunk: slow{edge{w, Outside}, w.carrier, 5 * time.Second}}
		w.user("ana", "0722123456")
		w.sleep(6 * time.Second)
		if to := w.rung().To.Trunk; to != w.carrier {
			t.Errorf("rings through %s, not the first line", to)
		}
	})
}

// Lines that do not answer are tried after those that do.
func TestLinesThatAreDownComeLast(t *testing.T) {
	play(t, func(w *world) {
		w.x.board.Hooks.LineDown = func(trunk string) bool { return trunk == w.carrier }
		w.user("ana", "0722123456")
		second := w.rung()
		if second.To.Trunk != w.second {
			t.Errorf("rings through %s first", second.To.Trunk)
		}
		w.deaf[w.office] = true
		w.say(second, Gone{Cause: CauseFailed})
		if last := w.rung(); last.To.Trunk != w.carrier {
			t.Errorf("rings through %s last", last.To.Trunk)
		}
	})
}
