package pbx

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/toll"
	"frontdesk/store"
)

const romanian, german = "+40722123456", "+4930123456"

// limit sets the limits of calls outside.
func (w *world) limit(change func(*toll.Rules)) {
	w.t.Helper()
	r := toll.Usual()
	change(&r)
	must(w.t, w.tolls.SaveRules(context.Background(), r))
}

// outside has a user call a number outside, where the far end answers, for so long.
func (w *world) outside(user, number string, d time.Duration) *calltest.Actor {
	w.t.Helper()
	caller := w.user(user, number)
	far := w.rung()
	w.say(far, Answered{Codec: media.PCMA()})
	w.sleep(d)
	w.say(caller, Gone{Cause: CauseNormal})
	w.written()
	return far
}

// yesterday has all calls so far been a day earlier: hours of a play cost seconds, each of its clocks ticks.
func (w *world) yesterday() {
	w.t.Helper()
	_, err := w.db.Exec(context.Background(), `UPDATE toll_call SET begun_at = begun_at - $1, answered_at = answered_at - $1,
		ended_at = ended_at - $1`, (24 * time.Hour).Microseconds())
	must(w.t, err)
}

// refused has a user call a number that the limits refuse.
func (w *world) refused(user, number string) {
	w.t.Helper()
	w.expectCause(w.user(user, number), CauseLimits)
	w.written()
}

func TestCallsOutsideAtOnce(t *testing.T) {
	playEach(t, func(w *world) {
		w.limit(func(r *toll.Rules) { r.Each.Together = 1 })
		first := w.user("ana", romanian)
		line := w.rung()
		w.refused("ana", romanian)
		w.say(w.user("ana", "112"), Gone{Cause: CauseNormal}) // gets through
		w.say(line, Gone{Cause: CauseBusy})                   // over, though nobody answered
		w.written()
		w.outside("ana", romanian, time.Minute)
		w.expectCause(first, CauseBusy)
	})
}

func TestMinutesOfADay(t *testing.T) {
	playEach(t, func(w *world) {
		w.limit(func(r *toll.Rules) {
			r.Each.Minutes = 10
			r.Users = []toll.Exception{{ID: "bob", Limits: toll.Limits{Minutes: 30}}}
		})
		w.outside("ana", romanian, 11*time.Minute)
		w.outside("bob", romanian, 11*time.Minute)
		w.refused("ana", romanian)
		w.outside("bob", romanian, time.Minute)
		w.yesterday()
		w.outside("ana", romanian, time.Minute)
	})
}

// A trunk's price counts, whoever calls; what a call costs that runs does, too.
func TestSpendOverATrunk(t *testing.T) {
	playEach(t, func(w *world) {
		w.limit(func(r *toll.Rules) {
			r.Rates = []toll.Rate{{Prefix: "+4", Price: 9}, {Prefix: "+49", Price: 0.5}}
			r.Trunks = []toll.Exception{{ID: w.carrier, Limits: toll.Limits{Spend: 10}}}
		})
		caller := w.user("ana", german)
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.sleep(21 * time.Minute)
		other := w.user("bob", german) // over the other trunk
		if line := w.ringing()[len(w.ringing())-1]; line.To.Trunk != w.second {
			t.Errorf("rings over %s", line.To.Trunk)
		}
		w.say(other, Gone{Cause: CauseNormal})
		w.say(caller, Gone{Cause: CauseNormal})
	})
}

// Who forwards his calls outside pays for them.
func TestForwardingIsLimited(t *testing.T) {
	playEach(t, func(w *world) {
		w.limit(func(r *toll.Rules) { r.Each.Together = 1 })
		w.handles("ana", dialplan.Handling{Always: mobile(false)})
		w.outsider("+40311000001")
		line := w.rung()
		w.expectCause(w.outsider("+40311000001"), CauseLimits)
		w.refused("ana", romanian)
		w.say(line, Gone{Cause: CauseDeclined})
	})
}

func TestNightAbroad(t *testing.T) {
	playEach(t, func(w *world) {
		now := time.Now().UTC()
		w.limit(func(r *toll.Rules) {
			r.Night = &toll.Night{Span: dialplan.Span{From: now.Add(time.Hour).Format("15:04"),
				To: now.Add(75 * time.Minute).Format("15:04")}}
		})
		w.outside("ana", german, time.Minute)
		w.sleep(62 * time.Minute)
		w.refused("ana", german)
		w.outside("ana", romanian, time.Minute)
		w.sleep(15 * time.Minute)
		w.outside("ana", german, time.Minute)
	})
}

// A user whose calls abroad are unusually many is stopped until an administrator allows him again; who has always
// called so much is not. All are told.
func TestUnusualCallsAbroad(t *testing.T) {
	playEach(t, func(w *world) {
		w.limit(func(r *toll.Rules) { r.Alarm.Abroad = 4 })
		for range 4 {
			w.outside("ana", german, time.Minute)
		}
		w.refused("ana", german)
		w.refused("ana", romanian)
		w.outside("bob", german, time.Minute)
		stops, err := w.tolls.Stops(context.Background())
		if err != nil || len(stops) != 1 || stops[0].Payer != "ana" || stops[0].Why != toll.Abroad {
			t.Errorf("stopped: %+v, %v", stops, err)
		}
		var told int
		must(t, w.db.QueryRow(context.Background(), `SELECT COUNT(*) FROM outbox WHERE type = $1 AND key = 'ana'`,
			toll.StoppedEvent).Scan(&told))
		if told != 1 {
			t.Errorf("told %d times", told)
		}
		w.sleep(2 * time.Hour)
		w.refused("ana", romanian)
		must(t, w.tolls.Allow(context.Background(), "ana"))
		for range 11 { // three times what was her busiest hour, nearly
			w.outside("ana", german, time.Minute)
		}
		if err := w.tolls.Allow(context.Background(), "ana"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("stopped again: %v", err)
		}
	})
}

// Who runs into his limits again and again is stopped altogether.
func TestRefusedAgainAndAgain(t *testing.T) {
	playEach(t, func(w *world) {
		w.limit(func(r *toll.Rules) { r.Each.PerMinute, r.Alarm.Refused = 1, 3 })
		w.outside("ana", romanian, time.Second)
		for range 3 {
			w.refused("ana", romanian)
		}
		w.sleep(time.Hour)
		w.refused("ana", romanian)
		must(t, w.tolls.Allow(context.Background(), "ana"))
		w.outside("ana", romanian, time.Second)
	})
}
