package sip

import (
	"strings"
	"testing"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// A caller on a line presses 1 in a queue and is hung up; the agent's phone rings, shows him, and by answering calls
// him over the line: both are connected, and nobody waits any more.
func TestQueueCallsBackOverTheLine(t *testing.T) {
	b := newOffice(t, nil)
	line, phone := newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	agent := b.extension("201", "secret-one")
	phone.register("201", "secret-one")
	support := b.callingBack(line, agent.User)
	waiting := func(want int) func() bool {
		return func() bool {
			_, all, err := b.exchange.Waiting(t.Context(), support, 10)
			return err == nil && all == want
		}
	}
	m := request("INVITE", "sip:+40312345678@{there}", "", "asks", 1, "", offer)
	line.send(strings.Replace(m, "From: <sip:ana@", "From: <sip:+40722000001@", 1))
	tag := field(line.get("SIP/2.0 200"), "To")
	tag = tag[strings.Index(tag, ";tag="):]
	line.send(request("ACK", "sip:+40312345678@{there}", tag, "asks", 1, "", ""))
	eventually(t, "he waits", waiting(1))
	line.send(typed(request("INFO", "sip:+40312345678@{there}", tag, "asks", 2, "", "Signal=1\r\nDuration=160\r\n"),
		"application/dtmf-relay"))
	line.get("SIP/2.0 200")
	line.reply(line.get("BYE"), "200 OK", "", "")
	if _, err := b.db.Exec(t.Context(), `UPDATE queue_caller SET callback_at = 1`); err != nil { // he has heard that he will be
		t.Fatal(err)
	}
	yes := true
	if err := b.exchange.SetAgent(t.Context(), agent.User, &yes, nil); err != nil {
		t.Fatal(err)
	}
	rung := phone.get("INVITE")
	if from := field(rung, "From"); !strings.Contains(from, "Call back") || !strings.Contains(from, "+40722000001") {
		t.Errorf("the phone shows %s", from)
	}
	phone.reply(rung, "200 OK", "", offer)
	phone.get("ACK")
	out := line.get("INVITE sip:+40722000001@")
	eventually(t, "he keeps his place until he answers", waiting(1))
	line.reply(out, "200 OK", "", offer)
	line.get("ACK")
	eventually(t, "nobody waits", waiting(0))
	eventually(t, "both are connected", func() bool {
		all := b.exchange.Calls()
		return len(all) == 1 && all[0].State == "answered" && all[0].Direction == "out" && all[0].From == "201"
	})
	if err := b.exchange.Hangup(b.exchange.Calls()[0].Call); err != nil {
		t.Error(err)
	}
	line.reply(line.get("BYE"), "200 OK", "", "")
	phone.reply(phone.get("BYE"), "200 OK", "", "")
}

// callingBack leads a number of a line to a queue that calls back.
func (b *bed) callingBack(line *wire, agent string) string {
	b.t.Helper()
	trunk := directory.Trunk{Name: "line", Kind: dialplan.Carrier, Host: line.conn.LocalAddr().String(),
		Transport: "udp",
		Allow:     []string{"127.0.0.0/8"}, CallerID: "+40312345678", Active: true}
	q := dialplan.Queue{Name: "Support", Strategy: dialplan.LongestIdle, Agents: []string{agent, "other"}, Seconds: 20,
		MaxWait: 600, Callback: dialplan.QueueCallback{Offered: true}}
	yes := true
	for _, err := range []error{b.dir.SaveTrunk(b.t.Context(), &trunk), b.dir.SaveQueue(b.t.Context(), &q),
		b.dir.SaveNumber(b.t.Context(), &dialplan.Number{E164: "+40312345678", Trunk: trunk.ID,
			Destination: dialplan.Destination{Kind: dialplan.ToQueue, Queue: q.ID}}),
		b.dir.SavePolicy(b.t.Context(), dialplan.OutboundPolicy{Countries: []string{"RO"}}),
		b.exchange.SetAgent(b.t.Context(), "other", &yes, nil)} { // who has no phone
		if err != nil {
			b.t.Fatal(err)
		}
	}
	b.server.Reload()
	eventually(b.t, "the line is known", func() bool { return len(b.server.TrunkStatus()) == 1 })
	return q.ID
}
