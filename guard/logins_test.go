package guard

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// wrongly gives wrong passwords until one is not looked at, and returns how many were.
func wrongly(g *Logins, most int, who func(i int) (netip.Addr, string)) int {
	for i := range most {
		from, name := who(i)
		a, err := g.Try(context.Background(), from, name)
		if err != nil {
			return i
		}
		a.Wrong()
	}
	return most
}

func one(addr, name string) func(int) (netip.Addr, string) {
	return func(int) (netip.Addr, string) { return ip(addr), name }
}

func TestNetworkIsOneCustomer(t *testing.T) {
	for _, c := range [][2]string{
		{"192.0.2.1", "192.0.2.1/32"}, {"::ffff:192.0.2.1", "192.0.2.1/32"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"}, {"fe80::1%eth0", "fe80::/64"},
	} {
		if got := NetworkOf(c[0]).String(); got != c[1] {
			t.Errorf("%s counts as %s, want %s", c[0], got, c[1])
		}
	}
	if NetworkOf("nonsense") != NetworkOf("") {
		t.Error("what is no address is more than one source")
	}
}

func TestWrongPasswordsAreBounded(t *testing.T) {
	for _, c := range []struct {
		name string
		who  func(i int) (netip.Addr, string)
		want int
	}{
		{"from one network for one account", one("192.0.2.1", "ana"), 8},
		{"case and spaces make no other account", func(i int) (netip.Addr, string) {
			return ip("192.0.2.1"), []string{"ana", "ANA", " Ana "}[i%3]
		}, 8},
		{"from one address for many accounts", func(i int) (netip.Addr, string) { return ip("192.0.2.1"), fmt.Sprint(i) }, 60},
		{"from all of a /64 for many accounts", func(i int) (netip.Addr, string) {
			return ip(fmt.Sprintf("2001:db8::%x", i+1)), fmt.Sprint(i)
		}, 60},
		{"from everywhere for one account", func(i int) (netip.Addr, string) {
			return ip(fmt.Sprintf("10.0.%d.%d", i/256, i%256)), "ana"
		}, 60},
	} {
		synctest.Test(t, func(t *testing.T) {
			if got := wrongly(NewLogins(LoginLimits{}, nil), 500, c.who); got != c.want {
				t.Errorf("%s: %d were looked at, want %d", c.name, got, c.want)
			}
		})
	}
}

func TestLockedOutForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewLogins(LoginLimits{}, nil)
		wrongly(g, 100, one("192.0.2.1", "ana"))
		var many *TooMany
		if err := g.Allows(ip("192.0.2.1"), "ana"); !errors.As(err, &many) || many.Wait > 20*time.Second ||
			many.Wait < 19*time.Second {
			t.Fatalf("after 8 wrong ones: %v, want a wait of 20 s", err)
		}
		time.Sleep(many.Wait + time.Millisecond)
		if got := wrongly(g, 100, one("192.0.2.1", "ana")); got != 1 {
			t.Errorf("after the wait %d were looked at, want 1", got)
		}
	})
}

// A flood of other names and addresses lifts no lock: the table forgets what was used longest ago, not everything.
func TestFloodLiftsNoLock(t *testing.T) {
	g := NewLogins(LoginLimits{Kept: 100, Network: Rate{Burst: -1}, Account: Rate{Burst: -1}}, nil)
	wrongly(g, 100, one("192.0.2.1", "ana"))
	for i := range 1000 {
		g.Wrong(ip("198.51.100.7"), fmt.Sprint(i))
		if i%50 == 0 && g.Allows(ip("192.0.2.1"), "ana") == nil {
			t.Fatalf("the lock is lifted after %d other names", i)
		}
	}
	if n := g.pairs.lru.Len(); n != 100 {
		t.Errorf("%d pairs are kept, want 100", n)
	}
}

// An office behind one address comes in the morning, all within one moment.
func TestOfficeComesInTheMorning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewLogins(LoginLimits{}, nil)
		var wg sync.WaitGroup
		for i := range 400 {
			wg.Go(func() {
				a, err := g.Try(context.Background(), ip("192.0.2.1"), fmt.Sprint("user", i))
				if err != nil {
					t.Errorf("user %d: %v", i, err)
					return
				}
				time.Sleep(time.Second) // the password is checked
				a.Right()
			})
		}
		wg.Wait()
	})
}

// As many wrong passwords at the same time get no further than one after the other.
func TestAllAtOnceIsNoWayRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewLogins(LoginLimits{}, nil)
		var mu sync.Mutex
		looked := 0
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				a, err := g.Try(context.Background(), ip("192.0.2.1"), "ana")
				if err != nil {
					return
				}
				mu.Lock()
				looked++
				mu.Unlock()
				time.Sleep(time.Second)
				a.Wrong()
			})
		}
		wg.Wait()
		if looked != 8 {
			t.Errorf("%d of 200 at once were looked at, want 8", looked)
		}
	})
}

// Who is known from a network is locked out neither by guessers elsewhere nor by a neighbour, and locks out nobody.
func TestKnownNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewLogins(LoginLimits{}, nil)
		a, _ := g.Try(context.Background(), ip("192.0.2.1"), "ana")
		a.Right()
		wrongly(g, 500, func(i int) (netip.Addr, string) { return ip(fmt.Sprintf("10.0.%d.%d", i/256, i%256)), "ana" })
		wrongly(g, 500, func(i int) (netip.Addr, string) { return ip("192.0.2.1"), fmt.Sprint(i) })
		if err := g.Allows(ip("192.0.2.1"), "ana"); err != nil {
			t.Errorf("ana at her desk: %v", err)
		}
		if g.Allows(ip("203.0.113.9"), "ana") == nil {
			t.Error("guessers elsewhere go on")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g := NewLogins(LoginLimits{}, nil)
		g.Right(ip("192.0.2.1"), "ana")
		for range 100 { // her old phone keeps the password of last year, and asks for days
			wrongly(g, 100, one("192.0.2.1", "ana"))
			time.Sleep(time.Minute)
		}
		if err := g.Allows(ip("203.0.113.9"), "ana"); err != nil {
			t.Errorf("ana on a journey: %v", err)
		}
		if err := g.Allows(ip("192.0.2.1"), "ion"); err != nil {
			t.Errorf("her neighbour: %v", err)
		}
	})
}

func TestNeitherRightNorWrong(t *testing.T) {
	g := NewLogins(LoginLimits{}, nil)
	for range 100 {
		a, err := g.Try(context.Background(), ip("192.0.2.1"), "ana")
		if err != nil {
			t.Fatal(err)
		}
		a.End()
		a.Wrong() // too late: it has ended
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	g := NewLogins(LoginLimits{Pair: Rate{1, time.Minute}}, nil)
	a, _ := g.Try(context.Background(), ip("192.0.2.1"), "ana")
	defer a.End()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.Try(ctx, ip("192.0.2.1"), "ana"); !errors.Is(err, context.Canceled) {
		t.Errorf("the second attempt at the same time: %v", err)
	}
}

func TestNodesCountTogether(t *testing.T) {
	var there *Logins
	here := NewLogins(LoginLimits{}, func(o Outcome) { there.Elsewhere(o) })
	there = NewLogins(LoginLimits{}, nil)
	wrongly(here, 5, one("2001:db8::1", "ana"))
	if got := wrongly(there, 100, one("2001:db8::2", "ana")); got != 3 {
		t.Errorf("the other node looks at %d more, want 3", got)
	}
	here.Right(ip("2001:db8::1"), "ana")
	if err := there.Allows(ip("2001:db8::3"), "ana"); err != nil {
		t.Errorf("after the right one: %v", err)
	}
}

func TestRightIsToldOnce(t *testing.T) {
	told := 0
	g := NewLogins(LoginLimits{}, func(Outcome) { told++ })
	for range 50 {
		g.Right(ip("192.0.2.1"), "ana")
	}
	if told != 1 {
		t.Errorf("a known log-in is told %d times", told)
	}
}
