package rtp

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"testing"

	"frontdesk/media/net/load"
)

// TestGenerator is no test: it is the phones of BenchmarkRelay, in a process of its own, until its standard input ends.
// It prints their addresses and reads those to send to.
func TestGenerator(t *testing.T) {
	var phones, flood int
	if fmt.Sscan(load.Scenario(), &phones, &flood); phones == 0 {
		t.Skip("only as the other process of BenchmarkRelay")
	}
	g := &load.Generator{Flood: flood}
	var addrs, to []netip.AddrPort
	for range phones {
		p, err := load.NewParty()
		if err != nil {
			t.Fatal(err)
		}
		p.Talk(load.Sound())
		g.Parties, addrs = append(g.Parties, p), append(addrs, p.Addr)
	}
	in := load.Input()
	json.NewEncoder(os.Stdout).Encode(addrs)
	if !in.Scan() || json.Unmarshal(in.Bytes(), &to) != nil || len(to) != phones {
		t.Fatal("no addresses to send to")
	}
	for i, p := range g.Parties {
		p.Send(to[i])
	}
	g.Run(in, os.Stdout)
}
