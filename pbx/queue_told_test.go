package pbx

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/queue"
)

// spoken notes which prompts are read, each half a second long.
func (w *world) spoken() func() []string {
	var mu sync.Mutex
	said := []string{}
	w.x.board.Config.Prompt = func(_ context.Context, id string) ([]int16, error) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, strings.TrimPrefix(id, "system/"))
		return make([]int16, media.Rate/2), nil
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		now := said
		said = []string{}
		return now
	}
}

// Who waits is told his place and how long the last ones waited, between the music, until an agent takes the call.
func TestQueueTellsHowFarOneIs(t *testing.T) {
	playEach(t, func(w *world) {
		w.queues(func(q *dialplan.Queue) {
			q.Agents, q.Seconds, q.MaxWait, q.Announce, q.Language = []string{"ana"}, 60, 600, 15, "ro"
		})
		said := w.spoken()
		expect := func(want ...string) {
			t.Helper()
			if now := said(); !slices.Equal(now, want) {
				t.Errorf("said %q, want %q", now, want)
			}
		}
		w.agent("ana", true)
		first := w.calls("0722000001")
		w.sleep(40 * time.Second)
		expect("ro/position", "ro/1", "ro/position", "ro/1") // nobody has waited yet: how long is not known
		ana := w.rung()
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
		second := w.calls("0722000002")
		w.sleep(2 * time.Second)
		third := w.calls("0722000003")
		w.sleep(13 * time.Second)
		w.expectHears(second, second.ID()+"/prompt")
		expect("ro/position", "ro/1", "ro/wait-minutes", "ro/1")
		w.sleep(2 * time.Second)
		expect("ro/position", "ro/2", "ro/wait-minutes", "ro/1")
		w.sleep(5 * time.Second)
		w.expectHears(second, "music/PCMA")
		w.say(second, Gone{Cause: CauseNormal})
		w.sleep(15 * time.Second)
		expect("ro/position", "ro/1", "ro/wait-minutes", "ro/1")
		w.say(first, Gone{Cause: CauseNormal})
		w.sleep(5 * time.Second)
		ana = w.rung()
		w.sleep(10 * time.Second)
		said()
		w.say(ana, Answered{Codec: media.PCMA()})
		ana.Speak()
		w.settle()
		w.expectHears(third, ana.ID()+"/audio")
		w.sleep(time.Minute)
		expect()
	})
}

func TestAnnouncements(t *testing.T) {
	for want, s := range map[string]queue.Standing{
		"":                            {Left: time.Hour},
		"position 1":                  {Place: 1},
		"position 10 wait-minutes 10": {Place: 10, Left: 9*time.Minute + time.Second},
		"hold-on wait-minutes 1":      {Place: 11, Left: time.Second},
		"position 2":                  {Place: 2, Left: time.Hour},
	} {
		got := strings.ReplaceAll(strings.Join(announcement(s, "ru"), " "), "system/ru/", "")
		if got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}

// An agent at a desk phone logs in, pauses, is ready again before his time after a call is over, and logs out, by
// codes; who is an agent of no queue hears that it can't be.
func TestAgentsByFeatureCodes(t *testing.T) {
	playEach(t, func(w *world) {
		w.queues(func(q *dialplan.Queue) { q.WrapUp = 300 })
		dial := func(user, code, want string) {
			t.Helper()
			phone := w.user(user, code)
			w.expectHears(phone, want+"/PCMA")
			w.sleep(2 * time.Second)
			w.expectCause(phone, CauseNormal)
		}
		expect := func(loggedIn, paused bool) {
			t.Helper()
			all, err := w.x.Agents(context.Background(), []string{"ana"})
			if err != nil || len(all) != 1 || all[0].LoggedIn != loggedIn || all[0].Paused != paused {
				t.Errorf("%+v, %v; want logged in %v, paused %v", all, err, loggedIn, paused)
			}
		}
		dial("ana", "*45", "done")
		expect(true, false)
		caller := w.calls("0722000001")
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		next := w.calls("0722000002")
		w.sleep(10 * time.Second)
		if now := w.ringing(); len(now) != 0 {
			t.Errorf("%d ring in the time after a call", len(now))
		}
		dial("ana", "*48", "done")
		w.rung()
		w.say(next, Gone{Cause: CauseNormal})
		dial("ana", "*47", "done")
		expect(true, true)
		dial("ana", "*46", "done")
		expect(false, false)
		dial("cal", "*45", "refusal")
	})
}
