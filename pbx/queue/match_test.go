package queue

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
)

func TestPair(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	support := dialplan.Queue{ID: "support", Strategy: dialplan.InOrder, Agents: []string{"ana", "bob"}}
	sales := dialplan.Queue{ID: "sales", Strategy: dialplan.LongestIdle, Agents: []string{"bob", "ana", "cal"},
		Priority: 5}
	all := dialplan.Queue{ID: "all", Strategy: dialplan.Together, Agents: []string{"ana", "bob", "cal"}}
	round := dialplan.Queue{ID: "round", Strategy: dialplan.RoundRobin, Agents: []string{"ana", "bob"}}
	callers := map[string]Caller{"s1": {Queue: "support", Since: at(1)}, "s2": {Queue: "support", Since: at(2)},
		"v3": {Queue: "sales", Since: at(3)}, "a0": {Queue: "all", Since: at(0)}, "r4": {Queue: "round", Since: at(4)}}
	agents := map[string]free{"ana": {"ana", 30, 10}, "bob": {"bob", 20, 15}, "cal": {"cal", 10, 5}}
	for _, c := range []struct {
		callers, agents []string
		want            string
	}{
		{[]string{"s1", "s2"}, []string{"bob"}, "s1>[bob]"},
		{[]string{"s2", "s1"}, []string{"bob", "ana"}, "s1>[ana] s2>[bob]"},
		{[]string{"s1"}, []string{"cal"}, ""},
		{[]string{"s1", "v3"}, []string{"bob"}, "v3>[bob]"},                        // the priority goes before the time
		{[]string{"s1", "v3"}, []string{"ana", "bob", "cal"}, "v3>[cal] s1>[ana]"}, // idle for longest
		{[]string{"s1", "a0"}, []string{"ana", "bob", "cal"}, "a0>[ana bob cal]"},
		{[]string{"r4"}, []string{"ana", "bob"}, "r4>[ana]"}, // no call was offered to her for longer
	} {
		var waiting []Caller
		for _, id := range c.callers {
			caller := callers[id]
			caller.Call = id
			waiting = append(waiting, caller)
		}
		var idle []free
		for _, id := range c.agents {
			idle = append(idle, agents[id])
		}
		got := ""
		for _, o := range pair([]dialplan.Queue{support, sales, all, round}, waiting, idle, 1) {
			got += fmt.Sprintf("%s>%v ", o.Call, o.Agents)
		}
		if want := c.want; got != want && got != want+" " {
			t.Errorf("%v for %v: %q, want %q", c.agents, c.callers, got, want)
		}
	}
}
