package main

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/testwait"
)

// BenchmarkRingAcrossNodes is the time from a carrier's INVITE to the ring in the browser: with its socket on the node
// that has the call, on another one, and the difference for each call. A user has a tab on both, so the machine is as
// busy for the one as for the other.
func BenchmarkRingAcrossNodes(b *testing.B) {
	c := startCluster(b, "a", "b")
	a := c.nodes["a"]
	line := newCarrier(b, a.SIPUDP)
	here, there := rings(openTab(b, a.HTTP, "maria")), rings(openTab(b, c.nodes["b"].HTTP, "maria"))
	var same, other, added []time.Duration
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		for range 400 {
			sent := line.invite("+40721550001", a.Numbers[0])
			x, y := ringAt(b, here).Sub(sent), ringAt(b, there).Sub(sent)
			same, other, added = append(same, x), append(other, y), append(added, y-x)
			line.cancel()
			<-tick.C
		}
	}
	b.ReportMetric(0, "ns/op")
	reportLoad(b)
	for name, took := range map[string][]time.Duration{"same": same, "other": other, "added": added} {
		slices.Sort(took)
		for _, p := range []int{50, 99} {
			b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("%s-p%d-ms", name, p))
		}
	}
}

// rings tells when a tab was told of each call that rings.
func rings(tab <-chan liveMessage) <-chan time.Time {
	at := make(chan time.Time, 1000)
	go func() {
		defer close(at)
		for m := range tab {
			if m.Ev == "call.leg" {
				at <- time.Now()
			}
		}
	}()
	return at
}

func ringAt(b *testing.B, at <-chan time.Time) time.Time {
	b.Helper()
	select {
	case t, open := <-at:
		if open {
			return t
		}
	case <-time.After(20 * time.Second):
	}
	b.Fatal("it does not ring")
	return time.Time{}
}

// BenchmarkFailover is how long after a node's sudden end the others have taken over what it did: its call is written
// down as cut off, its tabs know, its job is done, and another registers at the carrier.
func BenchmarkFailover(b *testing.B) {
	for b.Loop() {
		c := startCluster(b, "a", "b", "c")
		home := newRegistrar(b)
		c.nodes["a"].trunkAt(home)
		await(b, "a registration", func() bool { return home.last() != "" })
		victim, witness := c.split(home.last())
		c.holdJob(b, victim)
		_, maria, _ := c.talk(b, victim, witness)
		c.nodes[victim].kill()
		died := time.Now()
		for what, took := range firsts(b, died, map[string]func() bool{
			"node.gone": func() bool { return len(maria.events("node.gone")) > 0 },
			"call":      func() bool { return c.nodes[witness].lastCall().Cause == "cut_off" },
			"trunk":     func() bool { return home.last() != c.nodes[victim].SIPUDP },
			"job":       func() bool { return value[int](b, c, `SELECT count(*) FROM job WHERE id = 'held'`) == 0 },
		}) {
			b.ReportMetric(took.Seconds(), what+"-s")
		}
	}
	b.ReportMetric(0, "ns/op")
	reportLoad(b)
}

// split names the node at a SIP address, and another.
func (c *cluster) split(sip string) (at, other string) {
	for name, n := range c.nodes {
		if n.SIPUDP == sip {
			at = name
		} else {
			other = name
		}
	}
	return at, other
}

// holdJob leaves a job in the hands of a node: that of a call which has ended.
func (c *cluster) holdJob(b *testing.B, node string) {
	b.Helper()
	n := c.nodes[node]
	if out, err := n.run("ring", "--to", n.Numbers[1], "--from", "+40724550005", "--server", n.SIPUDP); err == nil {
		b.Fatalf("answered:\n%s", out)
	}
	await(b, "the end of a call", func() bool {
		return value[int](b, c,
			`SELECT count(*) FROM call_record WHERE ended_at > 0`) > 0
	})
	_, err := c.sql(b).Exec(`INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
		SELECT 'held', 'intake.call', '{"call":"' || (SELECT max(id) FROM call_record WHERE ended_at > 0) || '"}', 'leased', 0, 1, 20, id || '/' || epoch || '/x',
		$1, '', 0 FROM node WHERE id = $2`, time.Now().Add(time.Hour).UnixMicro(), node)
	if err != nil {
		b.Fatal(err)
	}
}

// firsts is how long after the start each of the conditions held first.
func firsts(b *testing.B, start time.Time, conditions map[string]func() bool) map[string]time.Duration {
	b.Helper()
	took := map[string]time.Duration{}
	await(b, "all of it", func() bool {
		for what, holds := range conditions {
			if _, known := took[what]; !known && holds() {
				took[what] = time.Since(start)
			}
		}
		return len(took) == len(conditions)
	})
	return took
}

// BenchmarkClusterCalls is a whole call, again and again, a dozen at a time: INVITE of a carrier to a rented number,
// the client's card, a desk phone that answers at once, BYE, and the call on the client's timeline. Nodes, phones,
// carrier, database and bus share this machine's cores.
func BenchmarkClusterCalls(b *testing.B) {
	for _, names := range [][]string{{"a"}, {"a", "b", "c"}} {
		b.Run(fmt.Sprintf("nodes=%d", len(names)), func(b *testing.B) { clusterCalls(b, names) })
	}
}

func clusterCalls(b *testing.B, names []string) {
	const calls, atOnce = 600, 12
	c := startCluster(b, names...)
	var offices []*office
	for i, name := range names {
		offices = append(offices, newOffice(b, c.nodes[name], i+2, 90/len(names)))
	}
	m := newMeter(b, c)
	m.start()
	var took, behind time.Duration
	done := 0
	for b.Loop() {
		began := time.Now()
		var callers sync.WaitGroup
		for _, o := range offices {
			callers.Go(func() { o.called(calls/len(names), atOnce/len(names), 2000) })
		}
		callers.Wait()
		called := time.Now()
		took += called.Sub(began)
		testwait.Until(b, "the last call to be on its timeline", func() bool {
			return value[int](b, c, `SELECT count(*) FROM job WHERE kind = 'intake.call'`) == 0
		})
		behind = max(behind, time.Since(called))
		for _, o := range offices {
			done += o.answered()
		}
	}
	m.report(done, "call")
	b.ReportMetric(float64(done)/took.Seconds(), "calls/s")
	b.ReportMetric(behind.Seconds(), "behind-s")
}

// BenchmarkRegister is a desk phone's refresh of its registration, by phones of one node that log in with the challenge
// they have.
func BenchmarkRegister(b *testing.B) {
	const phones, rounds, sockets = 200, 10, 8
	c := startCluster(b, "a")
	a := c.nodes["a"]
	maria := a.user("maria")
	accounts := make([]*account, phones)
	for i := range accounts {
		accounts[i] = a.newAccount(maria)
	}
	refresh := func(rounds int) {
		var all sync.WaitGroup
		for share := range slices.Chunk(accounts, phones/sockets) {
			conn := dialSIP(b, a.SIPUDP, 0)
			all.Go(func() {
				for range rounds {
					for _, phone := range share {
						if err := phone.register(conn); err != nil {
							b.Error(err)
							return
						}
					}
				}
			})
		}
		all.Wait()
	}
	refresh(1)
	m := newMeter(b, c)
	m.start()
	done := 0
	began := time.Now()
	for b.Loop() {
		refresh(rounds)
		done += phones * rounds
	}
	took := time.Since(began)
	m.report(done, "refresh")
	b.ReportMetric(float64(done)/took.Seconds(), "refreshes/s")
}
