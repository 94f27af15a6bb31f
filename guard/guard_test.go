package guard

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRates[string](Rate{Burst: 2, Every: time.Second}, 2)
		for i, want := range []bool{true, true, false} {
			if got := r.Allow("a"); got != want {
				t.Errorf("deed %d: %v", i, got)
			}
		}
		time.Sleep(time.Second)
		if !r.Allow("a") || r.Allow("a") {
			t.Error("one more after a second, and only one")
		}
		r.Allow("b")
		if r.Allow("a") {
			t.Error("another key is counted together with the first")
		}
		r.Allow("c") // pushes out b, not a
		if r.Allow("a") {
			t.Error("the key used last was forgotten")
		}
	})
}

func TestNoLimit(t *testing.T) {
	r := NewRates[int](Rate{Burst: -1}, 1)
	g := NewLogins(LoginLimits{Pair: Rate{Burst: -1}, Network: Rate{Burst: -1}, Account: Rate{Burst: -1}}, nil)
	for range 1000 {
		if !r.Allow(1) {
			t.Fatal("no limit limits")
		}
	}
	if got := wrongly(g, 1000, one("192.0.2.1", "ana")); got != 1000 {
		t.Errorf("without limits %d were looked at", got)
	}
}

func TestCounter(t *testing.T) {
	c := NewCounter[string](3, 2)
	for i, step := range []struct {
		key  string
		want bool
	}{{"a", true}, {"a", true}, {"a", false}, {"b", true}, {"b", false}, {"c", false}} {
		if got := c.Enter(step.key); got != step.want {
			t.Errorf("step %d, %s: %v", i, step.key, got)
		}
	}
	c.Leave("a")
	if !c.Enter("c") {
		t.Error("the place given back is not free")
	}
	for _, key := range []string{"a", "b", "c"} {
		c.Leave(key)
	}
	if len(c.of) != 0 || c.open != 0 {
		t.Errorf("all have left: %v", c.of)
	}
}
