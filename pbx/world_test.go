package pbx

import (
	"context"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/toll"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is an exchange with people to call: ana (101, a browser and a desk phone), bob (102), cal (103) and a carrier.
type world struct {
	t    *testing.T
	db   *store.DB
	dir  *directory.Directory
	x    *Exchange
	hook Hooks

	tolls *toll.Tolls

	carrier, second, office string // trunks
	desk                    string // ana's device
	room                    string // meeting

	mu     sync.Mutex
	online map[string]bool
	deaf   map[string]bool   // trunks that can't be dialled
	rings  []*calltest.Actor // all that were dialled, in order
	views  []View
}

// play runs a script in a world with its own clock, on SQLite.
func play(t *testing.T, script func(w *world)) {
	t.Helper()
	playOn(t, storetest.SQLite, script)
}

// playEach runs a script on both databases: what it writes or asks for is the point.
func playEach(t *testing.T, script func(w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { playOn(t, storetest.SQLite, script) })
	t.Run("postgres", func(t *testing.T) { playOn(t, storetest.Postgres, script) })
}

func playOn(t *testing.T, open func(testing.TB) *store.DB, script func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, db: open(t), online: map[string]bool{"ana": true, "bob": true, "cal": true},
			deaf: map[string]bool{}}
		w.build(Config{Node: "n1"})
		defer w.x.Close()
		script(w)
	})
}

func (w *world) build(c Config) {
	w.dir = directory.New(directory.Config{Node: c.Node, Region: "RO"}, w.db, nil)
	w.furnish()
	w.hook.Changed = func(v View) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.views = append(w.views, v)
	}
	h := w.hook
	if lookup := h.Lookup; lookup == nil {
		h.Lookup = func(ctx context.Context, in dialplan.Inbound) (dialplan.Hint, error) {
			if w.hook.Lookup != nil {
				return w.hook.Lookup(ctx, in)
			}
			return dialplan.Hint{}, nil
		}
	}
	h.Ringing = func(ctx context.Context, call string, users []string) {
		if w.hook.Ringing != nil {
			w.hook.Ringing(ctx, call, users)
		}
	}
	c.Tolls = toll.New(toll.Config{Region: "RO", Zone: time.UTC, Log: slog.New(slog.DiscardHandler)}, w.db)
	w.tolls = c.Tolls
	w.x = New(c, w.db, w.dir, Dialers{Browser: edge{w, Browser}, Phone: edge{w, Phone}, Trunk: edge{w, Outside}}, h,
		slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
}

func (w *world) furnish() {
	ctx := context.Background()
	do := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	carrier := &directory.Trunk{Name: "Carrier", Host: "192.0.2.1", CallerID: "+40311000001", MaxCalls: 3, Active: true}
	second := &directory.Trunk{Name: "Second", Host: "192.0.2.3", CallerID: "+40311000009", Format: "national",
		Active: true}
	office := &directory.Trunk{Name: "Office PBX", Kind: dialplan.PBX, Host: "192.0.2.2", Prefix: "7", Active: true}
	do(w.dir.SaveTrunk(ctx, carrier))
	do(w.dir.SaveTrunk(ctx, second))
	do(w.dir.SaveTrunk(ctx, office))
	w.carrier, w.second, w.office = carrier.ID, second.ID, office.ID
	room := &directory.Meeting{Title: "Standup", Owner: "ana", People: []string{"bob", "cal"}}
	do(w.dir.CreateMeeting(ctx, room))
	w.room = room.ID
	team := []string{"bob", "cal"}
	for e164, to := range map[string]dialplan.Destination{
		"+40311000001": {Kind: "user", User: "ana"},
		"+40311000002": {Kind: "group", Users: team},
		"+40311000003": {Kind: "group", Users: team, Responsible: true, Seconds: 10},
		"+40311000004": {Kind: "meeting", Meeting: w.room},
	} {
		do(w.dir.SaveNumber(ctx, &dialplan.Number{E164: e164, Trunk: w.carrier, Destination: to}))
	}
	for number, to := range map[string]dialplan.Destination{
		"101": {Kind: "user", User: "ana"}, "102": {Kind: "user", User: "bob"}, "103": {Kind: "user", User: "cal"},
		"200": {Kind: "group", Users: team}, "300": {Kind: "meeting", Meeting: w.room},
	} {
		do(w.dir.SaveExtension(ctx, &dialplan.Extension{Number: number, Destination: to}))
	}
	desk := &directory.Device{User: "ana", Username: "ana-desk"}
	do(w.dir.SaveDevice(ctx, desk, "secret-enough"))
	w.desk = desk.ID
	do(w.dir.SavePolicy(ctx, dialplan.OutboundPolicy{Countries: []string{"RO", "DE"}, Short: []string{"112"}}))
}

// edge dials actors.
type edge struct {
	w    *world
	kind PartyKind
}

func (e edge) Dial(_ context.Context, t Target, r Request) (Leg, error) {
	w := e.w
	w.mu.Lock()
	defer w.mu.Unlock()
	p := Party{Kind: e.kind, User: t.User, Device: t.Device, Trunk: t.Trunk, Number: t.Number}
	switch {
	case e.kind == Browser && !w.online[t.User], e.kind == Phone && !w.online["desk"], e.kind == Outside &&
		w.deaf[t.Trunk]:
		return nil, ErrNobody
	case e.kind == Phone:
		p.User = "ana"
	}
	a := calltest.New(p, r.Codecs...)
	a.Asked, a.To = r, t
	w.rings = append(w.rings, a)
	return a, nil
}

func (w *world) settle() { synctest.Wait() }

// written lets the time pass in which what nobody waits for waits to be written.
func (w *world) written() { w.sleep(20 * time.Millisecond) }

// sleep lets time pass for everybody.
func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	w.settle()
}

// outsider calls one of our numbers through the carrier.
func (w *world) outsider(number string) *calltest.Actor {
	a := calltest.New(Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456"})
	w.arrive(a, number)
	return a
}

// user calls from a browser.
func (w *world) user(name, number string) *calltest.Actor {
	a := calltest.New(Party{Kind: Browser, User: name})
	w.arrive(a, number)
	return a
}

func (w *world) arrive(a *calltest.Actor, number string) {
	w.x.Arrive(a, number)
	w.settle()
}

// ringing are the dialled actors that were not hung up.
func (w *world) ringing() (now []*calltest.Actor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.rings {
		if !a.Over() {
			now = append(now, a)
		}
	}
	return now
}

// dialled counts the phones that were rung so far.
func (w *world) dialled() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.rings)
}

// rung returns the only actor that rings.
func (w *world) rung() *calltest.Actor {
	w.t.Helper()
	now := w.ringing()
	if len(now) != 1 {
		w.t.Fatalf("%d phones ring, want 1", len(now))
	}
	return now[0]
}

func (w *world) say(a *calltest.Actor, events ...call.Event) {
	for _, e := range events {
		a.Say(e)
	}
	w.settle()
}

// talk brings a call from outside to ana.
func (w *world) talk() (caller, ana *calltest.Actor) {
	w.t.Helper()
	caller = w.outsider("+40311000001")
	ana = w.rung()
	w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
	caller.Speak()
	ana.Speak()
	w.settle()
	return caller, ana
}

// last is the newest view.
func (w *world) last() View {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.views) == 0 {
		w.t.Fatal("no view")
	}
	return w.views[len(w.views)-1]
}

// ended checks how the only call ended: the view, the record, and the job that follows it exactly once.
func (w *world) ended(outcome string, cause Cause) ledger.Record {
	w.t.Helper()
	w.settle()
	if v := w.last(); v.State != call.StateEnded || v.Outcome != outcome || v.Cause != cause {
		w.t.Errorf("view %s %s %s, want ended %s %s", v.State, v.Outcome, v.Cause, outcome, cause)
	}
	if left := w.x.Calls(); len(left) != 0 {
		w.t.Errorf("%d calls left", len(left))
	}
	records, _, err := w.x.Records(context.Background(), ledger.Filter{})
	// see visits
	records = slices.DeleteFunc(records, func(r ledger.Record) bool {
		return r.Meeting != "" &&
			r.Direction != "meeting"
	})
	if err != nil || len(records) != 1 {
		w.t.Fatalf("%d records, %v", len(records), err)
	}
	r := records[0]
	if r.Outcome != outcome || r.Cause != cause || r.Ended.IsZero() {
		w.t.Errorf("record %+v, want %s %s", r, outcome, cause)
	}
	var jobs int
	if err := w.db.QueryRow(context.Background(), `SELECT count(*) FROM job WHERE kind = 'intake.call' AND dedupe = $1`,
		r.ID).Scan(&jobs); err != nil || jobs != 1 {
		w.t.Errorf("%d jobs, %v", jobs, err)
	}
	return r
}

func (w *world) expectCause(a *calltest.Actor, want Cause) {
	w.t.Helper()
	if got := a.HungUp(); got != want {
		w.t.Errorf("hung up with %q, want %q", got, want)
	}
}

func (w *world) expectHears(a *calltest.Actor, want ...string) {
	w.t.Helper()
	if got := a.Hears(); !slices.Equal(got, want) {
		w.t.Errorf("hears %q, want %q", got, want)
	}
}

// expectTransfer checks the transfer that people are shown, nil for none.
func (w *world) expectTransfer(want *Transfer) {
	w.t.Helper()
	if got := w.last().Transfer; !reflect.DeepEqual(got, want) {
		w.t.Errorf("shows transfer %+v, want %+v", got, want)
	}
}
