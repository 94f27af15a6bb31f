package meeting

import (
	"slices"
	"time"

	"frontdesk/pbx/call"
)

// A colleague who is not invited to a meeting knocks: those inside see who asks, and let him in or not. He is to ask
// again while he waits, so that who went away is not shown for long.

const (
	KnockLasts = 25 * time.Second
	TurnedAway = time.Minute // as long somebody who was turned away is not shown again
	MaxKnocks  = 20          // shown at once
)

// door of a meeting.
type door struct {
	*call.Call
	knocks []knock
	next   call.Alarm // when somebody no longer asks
}

// knock is a user before the door.
type knock struct {
	user   string
	until  time.Time
	turned bool // away: not shown, and refused until then
}

// knocks is a user who asks to be let in, or no longer does.
type knocks struct {
	door *door
	user string
	over bool
	told chan<- call.Cause
}

func (k knocks) Late() { k.told <- call.CauseNotFound }

func (k knocks) Happen(*call.Call) { k.told <- k.door.knocked(k.user, k.over) }

// knocked is what becomes of a knock.
func (d *door) knocked(user string, over bool) call.Cause {
	was := slices.IndexFunc(d.knocks, func(other knock) bool { return other.user == user })
	switch {
	case was >= 0 && d.knocks[was].turned:
		return call.CauseDeclined
	case over:
		d.forget(user)
	case !slices.ContainsFunc(d.Active(), func(m *call.Member) bool { return m.Party.Kind == call.Browser }):
		return call.CauseNotFound
	case was >= 0:
		d.knocks[was].until = time.Now().Add(KnockLasts)
	case len(d.waiting()) >= MaxKnocks:
		return call.CauseOverload
	default:
		d.knocks = append(d.knocks, knock{user: user, until: time.Now().Add(KnockLasts)})
	}
	d.tend()
	return call.CauseNone
}

// forget a user who is in, or no longer asks.
func (d *door) forget(user string) {
	d.knocks = slices.DeleteFunc(d.knocks, func(k knock) bool { return k.user == user })
}

// opens, or not, as somebody inside says.
func (d *door) opens(e call.KnockAnswered) {
	d.forget(e.User)
	if !e.Admit {
		d.knocks = append(d.knocks, knock{user: e.User, until: time.Now().Add(TurnedAway), turned: true})
	}
	d.tend()
}

// tend forgets who no longer asks, now and when it is time.
func (d *door) tend() {
	now := time.Now()
	d.knocks = slices.DeleteFunc(d.knocks, func(k knock) bool { return !k.until.After(now) })
	d.Alarms.Off(&d.next)
	if len(d.knocks) > 0 {
		first := slices.MinFunc(d.knocks, func(a, b knock) int { return a.until.Compare(b.until) })
		d.Alarms.Set(&d.next, first.until.Sub(now), d.tend)
	}
}

// waiting are the users who knock, in the order in which they came.
func (d *door) waiting() (users []string) {
	for _, k := range d.knocks {
		if !k.turned {
			users = append(users, k.user)
		}
	}
	return users
}
