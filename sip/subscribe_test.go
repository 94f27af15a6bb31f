package sip

import (
	"context"
	"encoding/xml"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/voicemail"
	"frontdesk/sip/events"
)

// told is a house of which a test says how it stands.
type told struct {
	mu      sync.Mutex
	engaged map[string][]pbx.Engagement
	parked  []ledger.ParkedCall
	waiting voicemail.Count
}

func (h *told) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// watchedBed is a server whose phones are told what the test says.
func watchedBed(t *testing.T, edit func(*Config)) (*bed, *told) {
	b, h := newBed(t, edit, nil), &told{engaged: map[string][]pbx.Engagement{}}
	b.server.Events().Follow(events.House{
		Engaged: func(user string) []pbx.Engagement {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.engaged[user]
		},
		Parked: func(context.Context) ([]ledger.ParkedCall, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.parked, nil
		},
		Waiting: func(context.Context, string) (voicemail.Count, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.waiting, nil
		},
		There: func(ctx context.Context, user string) (bool, error) { return b.dir.Rings(ctx, user, time.Now()) },
	})
	return b, h
}

// subscribes asks as a phone does, with the password, and returns the final answer.
func (w *wire) subscribes(user, password, resource, to, id string, cseq int, extra string) string {
	w.t.Helper()
	uri := "sip:" + resource + "@" + w.to
	w.send(request("SUBSCRIBE", uri, to, id, cseq, extra, ""))
	challenge := w.get("SIP/2.0 401")
	w.send(request("SUBSCRIBE", uri, to, id, cseq+1, sign(w.t, challenge, "SUBSCRIBE", uri, user, password)+extra, ""))
	for {
		if m := w.any(); strings.HasPrefix(m, "SIP/2.0") {
			return m
		}
	}
}

// notified takes the next NOTIFY and answers it.
func (w *wire) notified() (notify, body string) {
	w.t.Helper()
	notify = w.get("NOTIFY")
	w.reply(notify, "200 OK", "", "")
	_, body, _ = strings.Cut(notify, "\r\n\r\n")
	return notify, body
}

// lamp is a dialog information document as a phone reads it.
type lamp struct {
	XMLName xml.Name `xml:"urn:ietf:params:xml:ns:dialog-info dialog-info"`
	Version int      `xml:"version,attr"`
	Entity  string   `xml:"entity,attr"`
	Dialogs []struct {
		ID        string `xml:"id,attr"`
		Direction string `xml:"direction,attr"`
		State     string `xml:"state"`
		Remote    string `xml:"remote>identity"`
	} `xml:"dialog"`
}

// lit is the first dialog that a lamp is told of: state, direction and who calls.
func (w *wire) lit() (l lamp, first string) {
	w.t.Helper()
	_, body := w.notified()
	if err := xml.Unmarshal([]byte(body), &l); err != nil || len(l.Dialogs) == 0 {
		w.t.Fatalf("%v in\n%s", err, body)
	}
	d := l.Dialogs[0]
	return l, strings.TrimSpace(d.State + " " + d.Direction + " " + d.Remote)
}

const dialogEvent = "Event: dialog\nAccept: application/dialog-info+xml\nExpires: 300\n"

func toTag(answer string) string { return ";tag=" + strings.SplitN(field(answer, "To"), ";tag=", 2)[1] }

// A lamp of a colleague's: he is free, rung, talks, and is free again. Who calls is told to who may take the call.
func TestLamp(t *testing.T) {
	b, h := watchedBed(t, nil)
	b.extension("201", "secret-one")
	other := b.extension("202", "secret-two")
	w := newWire(t, b.addr("udp"))
	w.register("201", "secret-one")
	ok := w.subscribes("201", "secret-one", "202", "", "lamp", 1, dialogEvent)
	if !strings.HasPrefix(ok, "SIP/2.0 200") || field(ok, "Expires") != "300" || field(ok, "Contact") == "" {
		t.Fatalf("answered\n%s", ok)
	}
	first, state := w.lit()
	if state != "terminated" || first.Version != 0 || first.Entity != "sip:202@test" {
		t.Errorf("free: %q, %+v", state, first)
	}
	rung := pbx.Engagement{Call: "c1", State: pbx.EngagedRinging, Number: "+40311000001", Name: `"A" & <B>`}
	for i, c := range []struct {
		now  []pbx.Engagement
		want string
	}{
		{[]pbx.Engagement{rung}, "early recipient"},
		{[]pbx.Engagement{{Call: "c1", State: pbx.EngagedTalking}}, "confirmed"},
		{[]pbx.Engagement{rung, {Call: "c2", State: pbx.EngagedTalking}}, "confirmed"},
		{[]pbx.Engagement{{Call: "c3", State: pbx.EngagedCalling}}, "early initiator"},
		{nil, "terminated"},
	} {
		h.set(func() { h.engaged[other.User] = c.now })
		b.server.Events().Engaged(other.User)
		if now, state := w.lit(); state != c.want || now.Version != i+1 || len(now.Dialogs) != max(1, len(c.now)) {
			t.Errorf("%q, want %q: %+v", state, c.want, now)
		}
	}
	group := dialplan.HuntGroup{Name: "Sales", Members: []string{"u-201", "u-202"}, Strategy: dialplan.Together,
		Seconds: 20}
	if err := b.dir.SaveHuntGroup(context.Background(), &group); err != nil {
		t.Fatal(err)
	}
	h.set(func() { h.engaged[other.User] = []pbx.Engagement{rung} })
	b.server.Events().Engaged(other.User)
	if _, state := w.lit(); state != "early recipient sip:+40311000001@test" {
		t.Errorf("a mate is told %q", state)
	}
}

// A subscription is refreshed, by one who knows the password, in order; and ended. One with Expires 0 is told once.
func TestSubscriptionLives(t *testing.T) {
	b, h := watchedBed(t, nil)
	d := b.extension("201", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.register("201", "secret-one")
	tag := toTag(w.subscribes("201", "secret-one", "201", "", "life", 1, dialogEvent))
	w.notified()
	refreshed := w.subscribes("201", "secret-one", "201", tag, "life", 10,
		strings.Replace(dialogEvent, "300", "9999", 1))
	if !strings.HasPrefix(refreshed, "SIP/2.0 200") || field(refreshed, "Expires") != "600" {
		t.Errorf("refresh answered\n%s", refreshed)
	}
	if notify, _ := w.notified(); !strings.HasPrefix(field(notify, "Subscription-State"), "active;expires=") {
		t.Errorf("after the refresh\n%s", notify)
	}
	for want, c := range map[string]struct {
		id    string
		cseq  int
		extra string
	}{
		"500": {"life", 2, dialogEvent},
		"481": {"other", 20, dialogEvent},
		"423": {"life", 30, "Event: dialog\nExpires: 5\n"},
		"489": {"life", 40, "Event: conference\n"},
		"406": {"life", 50, "Event: dialog\nAccept: text/plain\n"},
	} {
		if got := w.subscribes("201", "secret-one", "201", tag, c.id, c.cseq, c.extra); !strings.HasPrefix(got,
			"SIP/2.0 "+want) {
			t.Errorf("%+v answered\n%s", c, got)
		}
	}
	w.subscribes("201", "secret-one", "201", tag, "life", 60, "Event: dialog\nExpires: 0\n")
	if notify, _ := w.notified(); field(notify, "Subscription-State") != "terminated;reason=timeout" {
		t.Errorf("at the end\n%s", notify)
	}
	h.set(func() { h.engaged[d.User] = []pbx.Engagement{{Call: "c", State: pbx.EngagedTalking}} })
	b.server.Events().Engaged(d.User)
	w.silent()
	w.subscribes("201", "secret-one", "201", "", "once", 1, "o: dialog\nExpires: 0\n")
	if notify, body := w.notified(); field(notify, "Subscription-State") != "terminated;reason=timeout" ||
		!strings.Contains(body, "confirmed") {
		t.Errorf("told once\n%s", notify)
	}
}

// Only registered phones watch; nobody learns which extensions there are without a password.
func TestWhoMayWatch(t *testing.T) {
	b, _ := watchedBed(t, nil)
	b.extension("201", "secret-one")
	w := newWire(t, b.addr("udp"))
	if got := w.subscribes("201", "secret-one", "201", "", "early", 1, dialogEvent); !strings.HasPrefix(got,
		"SIP/2.0 480") {
		t.Errorf("before it registered\n%s", got)
	}
	w.register("201", "secret-one")
	w.send(request("SUBSCRIBE", "sip:999@{there}", "", "guess", 1, dialogEvent, ""))
	w.get("SIP/2.0 401")
	if got := w.subscribes("201", "secret-one", "999", "", "none", 1, dialogEvent); !strings.HasPrefix(got,
		"SIP/2.0 404") {
		t.Errorf("nobody's extension\n%s", got)
	}
}

// The light of voice messages: by subscription, and for phones that are set so without one.
func TestMessageLight(t *testing.T) {
	b, h := watchedBed(t, nil)
	d := b.extension("201", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.register("201", "secret-one")
	w.subscribes("201", "secret-one", "201", "", "mwi", 1, "Event: message-summary\nExpires: 300\n")
	if _, body := w.notified(); body != "Messages-Waiting: no\r\nMessage-Account: sip:201@test\r\n"+
		"Voice-Message: 0/0 (0/0)\r\n" {
		t.Errorf("at first\n%s", body)
	}
	h.set(func() { h.waiting = voicemail.Count{New: 2, Old: 5} })
	b.server.Events().Messages(d.User)
	if _, body := w.notified(); !strings.HasPrefix(body, "Messages-Waiting: yes\r\n") ||
		!strings.Contains(body, "Voice-Message: 2/5 (0/0)") {
		t.Errorf("then\n%s", body)
	}
	other := b.extension("202", "secret-two")
	other.MWI = directory.MWIUnsolicited
	if err := b.dir.SaveDevice(context.Background(), &other, ""); err != nil {
		t.Fatal(err)
	}
	v := newWire(t, b.addr("udp"))
	v.register("202", "secret-two")
	if notify, body := v.notified(); !strings.Contains(body, "2/5") || field(notify, "Event") != "message-summary" {
		t.Errorf("as it registers\n%s", notify)
	}
	b.server.Events().Messages(other.User)
	v.notified()
	if err := b.server.Events().Resync(context.Background(), other.ID); err != nil {
		t.Fatal(err)
	}
	if notify, _ := v.notified(); field(notify, "Event") != "check-sync;reboot=false" {
		t.Errorf("not asked to fetch its settings\n%s", notify)
	}
}

// A slot of parked calls is watched by what one dials to take the call.
func TestSlotLamp(t *testing.T) {
	b, h := watchedBed(t, nil)
	b.extension("201", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.register("201", "secret-one")
	w.subscribes("201", "secret-one", "*682", "", "slot", 1, dialogEvent)
	if _, state := w.lit(); state != "terminated" {
		t.Errorf("empty: %q", state)
	}
	h.set(func() {
		h.parked = []ledger.ParkedCall{{Slot: 1, Call: "a"}, {Slot: 2, Call: "b", From: "+40311000001"}}
	})
	b.server.Events().Parked()
	if _, state := w.lit(); state != "confirmed recipient sip:+40311000001@test" {
		t.Errorf("taken: %q", state)
	}
}

// What a phone watches ends with its account, with its connection, and with the node, which has it go to another.
func TestSubscriptionsEnd(t *testing.T) {
	b, _ := watchedBed(t, nil)
	d := b.extension("201", "secret-one")
	w := newWire(t, b.addr("udp"))
	begin := func(id string) {
		t.Helper()
		w.register("201", "secret-one")
		w.subscribes("201", "secret-one", "201", "", id, 1, dialogEvent)
		w.notified()
	}
	begin("gone")
	w.reply(func() string { b.server.Events().Missed(); return w.get("NOTIFY") }(), "481 No Subscription", "", "")
	b.server.Events().Engaged(d.User)
	w.silent()
	begin("account")
	if _, err := b.dir.NewPassword(context.Background(), d.ID, "secret-new"); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Events().PlanChanged(context.Background()); err != nil {
		t.Fatal(err)
	}
	if notify, _ := w.notified(); field(notify, "Subscription-State") != "terminated;reason=rejected" {
		t.Errorf("another password\n%s", notify)
	}
	if _, err := b.dir.NewPassword(context.Background(), d.ID, "secret-one"); err != nil {
		t.Fatal(err)
	}
	begin("drain")
	b.server.Drain()
	if notify, _ := w.notified(); field(notify, "Subscription-State") != "terminated;reason=deactivated" {
		t.Errorf("the node ends\n%s", notify)
	}
}

// A phone takes the call of a lamp by INVITE with Replaces of the dialog that it was told of (RFC 3891), where it may
// take
// it; a dialog that no lamp shows can't be replaced.
func TestReplacesTakesALampsCall(t *testing.T) {
	b, h := watchedBed(t, nil)
	b.extension("201", "secret-one")
	other := b.extension("202", "secret-two")
	w := newWire(t, b.addr("udp"))
	w.register("201", "secret-one")
	h.set(func() {
		h.engaged[other.User] = []pbx.Engagement{{Call: "c1", State: pbx.EngagedRinging, Number: "+40311000001"}}
	})
	w.subscribes("201", "secret-one", "202", "", "lamp", 1, dialogEvent)
	type dialogs struct {
		Dialogs []struct {
			CallID string `xml:"call-id,attr"`
			Local  string `xml:"local-tag,attr"`
			Remote string `xml:"remote-tag,attr"`
		} `xml:"dialog"`
	}
	told := func() (d dialogs) {
		t.Helper()
		_, body := w.notified()
		if err := xml.Unmarshal([]byte(body), &d); err != nil || len(d.Dialogs) != 1 {
			t.Fatalf("%v in\n%s", err, body)
		}
		return d
	}
	if d := told().Dialogs[0]; d.CallID != "" {
		t.Errorf("who may not take it is told %+v", d)
	}
	group := dialplan.HuntGroup{Name: "Sales", Members: []string{"u-201", "u-202"}, Strategy: dialplan.Together,
		Seconds: 20}
	if err := b.dir.SaveHuntGroup(context.Background(), &group); err != nil {
		t.Fatal(err)
	}
	b.server.Events().Engaged(other.User)
	d := told().Dialogs[0]
	calls := func(id, replaces string) {
		t.Helper()
		uri := "sip:202@" + w.to
		extra := "Require: replaces\nReplaces: " + replaces + "\n"
		w.send(request("INVITE", uri, "", id, 1, extra, offer))
		challenge := w.get("SIP/2.0 401")
		_, tag, _ := strings.Cut(field(challenge, "To"), ">")
		w.send(request("ACK", uri, tag, id, 1, "", ""))
		w.send(request("INVITE", uri, "", id, 2, sign(t, challenge, "INVITE", uri, "201", "secret-one")+extra, offer))
	}
	calls("takes", d.CallID+";to-tag="+d.Local+";from-tag="+d.Remote+";early-only")
	g := b.arrival()
	if g.dialled != pbx.Take("c1") || g.Party().User != "u-201" {
		t.Errorf("dialled %q by %+v", g.dialled, g.Party())
	}
	g.Hangup(pbx.CauseBusy)
	w.get("SIP/2.0 486")
	calls("guesses", d.CallID+";to-tag=other;from-tag="+d.Remote)
	w.get("SIP/2.0 481")
	calls("another", "some@where;to-tag=a;from-tag=b")
	w.get("SIP/2.0 481")
	calls("broken", d.CallID)
	w.get("SIP/2.0 400")
}
