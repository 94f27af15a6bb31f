package main

import (
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/store"
)

// A call runs on node a; an administrator whose browser is at b listens in, whispers and leaves: he hears it, the agent
// at a sees him and how, and the call goes on. Who may not supervise is refused, through whichever node.
func TestSupervisedFromAnotherNode(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	maria := a.open("maria")
	startPeer(t, program(t.Context(), "ring", "--to", a.Numbers[0], "--from", "+40721550001", "--server", a.SIPUDP,
		"--duration", "120s"))
	leg := maria.rung()
	if err := maria.answer(leg); err != nil {
		t.Fatal(err)
	}
	maria.hears()
	var running state
	if err := json.Unmarshal(maria.await("call.state", isState("answered")), &running); err != nil {
		t.Fatal(err)
	}
	if running.Node != "a" {
		t.Fatalf("the call is on %s", running.Node)
	}
	andrei, elena := b.open("andrei"), b.open("elena")
	for call, why := range map[string]string{running.Call: "no_right", store.NewID(): "not_found"} {
		if _, err := andrei.supervises(call, "listen"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("andrei is told: %v, not %s", err, why)
		}
	}
	if len(andrei.events("call.gone")) > 0 {
		t.Error("andrei is told of the end of a leg that he was told was never there")
	}
	own, err := elena.supervises(running.Call, "listen")
	if err != nil {
		t.Fatal(err)
	}
	elena.hears()
	maria.await("call.state", overheard("listen"))
	elena.must("call.supervise", map[string]any{"leg": own, "how": "whisper"}, nil)
	maria.await("call.state", overheard("whisper"))
	elena.must("call.hangup", map[string]any{"leg": own}, nil)
	await(t, "nobody listens any more", func() bool {
		seen := maria.events("call.state")
		return !strings.Contains(string(seen[len(seen)-1]), `"supervisors"`)
	})
	maria.hears()
	var deeds items[struct{ User, How string }]
	b.api("GET", "/calls/"+running.Call+"/supervision", nil, &deeds)
	var how []string
	for _, d := range deeds.Items {
		if how = append(how, d.How); d.User != b.user("elena") {
			t.Errorf("%s listened in", d.User)
		}
	}
	if got := strings.Join(how, " "); got != "listen whisper left" && got != "left whisper listen" {
		t.Errorf("it is written down as %q", got)
	}
	maria.must("call.hangup", map[string]any{"leg": leg}, nil)
	maria.await("call.state", isState("ended"))
	if _, err := elena.supervises(running.Call, "listen"); err == nil || !strings.Contains(err.Error(), "not_found") {
		t.Errorf("a call that has ended: %v", err)
	}
}

// overheard tells that somebody supervises in a way.
func overheard(how string) func(json.RawMessage) bool {
	return func(data json.RawMessage) bool {
		var v struct{ Supervisors []struct{ How string } }
		return json.Unmarshal(data, &v) == nil && len(v.Supervisors) == 1 && v.Supervisors[0].How == how
	}
}

// supervises comes into a call to supervise it, and returns the leg.
func (tb *tab) supervises(call, how string) (leg string, err error) {
	err = tb.speak(func(sdp string) (string, error) {
		var out struct{ Leg, SDP string }
		err := tb.do("call.supervise", map[string]any{"call": call, "how": how, "sdp": sdp}, &out)
		leg = out.Leg
		return out.SDP, err
	})
	return leg, err
}
