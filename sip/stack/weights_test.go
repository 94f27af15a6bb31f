package stack

import (
	"net/netip"
	"testing"

	"frontdesk/sip/edge"
)

// Within a priority chance decides, by the weights.
func TestWeights(t *testing.T) {
	at := func(s string) []edge.Place { return []edge.Place{{Transport: "UDP", At: netip.MustParseAddrPort(s)}} }
	targets := []Target{{priority: 20, weight: 0, places: at("127.0.0.3:1")},
		{priority: 10, weight: 10, places: at("127.0.0.1:1")}, {priority: 10, weight: 90, places: at("127.0.0.2:1")}}
	first := map[string]int{}
	for range 1000 {
		list := InOrder(targets)
		if len(list) != 3 || list[2].At.String() != "127.0.0.3:1" {
			t.Fatal(list)
		}
		first[list[0].At.String()]++
	}
	if n := first["127.0.0.2:1"]; n < 800 || n > 970 {
		t.Errorf("first %d times of 1000", n)
	}
}
