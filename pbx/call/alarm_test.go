package call_test

import (
	"slices"
	"testing"
	"time"

	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
)

// An alarm rings once, when it was set to last, and not after it was put off or the call has ended; one that an alarm
// sets rings, too.
func TestAlarms(t *testing.T) {
	play(t, func(h *calltest.House) {
		c, _ := begin(h, outsider())
		began := time.Now()
		var rang []string
		rings := func(name string) func() {
			return func() { rang = append(rang, name+" "+time.Since(began).String()) }
		}
		var again, off, long, chain, next, never call.Alarm
		h.On(c, func() {
			c.Alarms.Set(&long, 61*time.Minute, rings("long")) // longer than a call looks ahead at once
			c.Alarms.Set(&again, time.Second, rings("wrong"))
			c.Alarms.Set(&again, 3*time.Second, rings("again"))
			c.Alarms.Set(&off, time.Second, rings("off"))
			c.Alarms.Off(&off)
			c.Alarms.Off(&off)
			c.Alarms.Set(&chain, time.Second, func() {
				rings("chain")()
				c.Alarms.Set(&next, 0, rings("next"))
			})
		})
		h.Sleep(62 * time.Minute)
		if want := []string{"chain 1s", "next 1s", "again 3s", "long 1h1m0s"}; !slices.Equal(rang, want) {
			t.Errorf("rang %q, want %q", rang, want)
		}
		h.On(c, func() { c.Alarms.Set(&never, time.Second, rings("never")) })
		c.HangUp()
		h.Sleep(time.Minute)
		if len(rang) != 4 {
			t.Errorf("rang after the end: %q", rang)
		}
	})
}
