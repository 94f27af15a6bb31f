package call_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
)

// Prompts are said one after the other, and it is told when they have been heard; a prompt that can't be read is told,
// too, and one that was stopped tells nothing.
func TestSay(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := outsider()
		c, s := begin(h, caller)
		began := time.Now()
		var told []string
		say := func(prompts ...string) (speech *call.Speech) {
			h.On(c, func() {
				speech = c.Say(c.Caller, func(said bool) {
					told = append(told,
						strconv.FormatBool(said)+" "+time.Since(began).Round(100*time.Millisecond).String())
				}, prompts...)
			})
			h.On(c, func() { s.hears[caller.ID()] = speech.Sound(c.Caller) })
			return speech
		}
		h.On(c, func() { c.LetIn(c.Caller, []media.Codec{media.PCMA()}) })
		two := say("welcome", "menu")
		h.WantHears(caller, caller.ID()+"/prompt")
		h.On(c, func() {
			if two.Over() {
				t.Error("over before it was said")
			}
		})
		h.Sleep(3 * time.Second)
		say("broken")
		stopped := say("welcome")
		h.Sleep(time.Second)
		h.On(c, stopped.Stop)
		h.Sleep(time.Minute)
		if want := []string{"true 2.4s", "false 3s"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		h.On(c, func() {
			if !two.Over() || !stopped.Over() || stopped.Sound(c.Caller) != nil {
				t.Error("still said")
			}
		})
		var none *call.Speech
		none.Stop()
		if !none.Over() || none.Sound(c.Caller) != nil {
			t.Error("what is not there is said")
		}
	})
}

// Who left while a prompt was being read hears nothing of it, and nobody is told.
func TestSayToWhoLeft(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := outsider()
		c, _ := begin(h, caller)
		h.On(c, func() {
			c.LetIn(c.Caller, []media.Codec{media.PCMA()})
			c.Say(c.Caller, func(bool) { t.Error("told") }, "welcome")
			c.Dismiss(c.Caller, call.CauseNormal)
		})
		h.Sleep(time.Minute)
		h.WantHears(caller)
	})
}
