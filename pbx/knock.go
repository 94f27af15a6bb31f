package pbx

import (
	"slices"
	"time"
)

// A colleague who is not invited to a meeting knocks: those inside see who asks, and let him in or not. He is to ask again while he waits, so that who went
// away is not shown for long.

const (
	knockLasts = 25 * time.Second
	turnedAway = time.Minute // as long somebody who was turned away is not shown again
	maxKnocks  = 20          // shown at once
)

// knock is a user before the door.
type knock struct {
	user   string
	until  time.Time
	turned bool // away: not shown, and refused until then
}

// Knock asks for a user to be let into a meeting that runs on this node; over: he no longer waits. CauseNone: those inside are asked; CauseNotFound: nobody
// is inside; CauseDeclined: they have just turned him away; CauseOverload: too many ask.
func (x *Exchange) Knock(meeting, user string, over bool) Cause {
	x.mu.Lock()
	c := x.meetings[meeting]
	x.mu.Unlock()
	told := make(chan Cause, 1)
	if c == nil || !c.box.put(knocks{user, over, told}, true) {
		return CauseNotFound
	}
	select {
	case cause := <-told:
		return cause
	case <-x.ctx.Done():
		return CauseDraining
	}
}

// knocks is a user who asks to be let in, or no longer does.
type knocks struct {
	user string
	over bool
	told chan Cause
}

func (k knocks) late() { k.told <- CauseNotFound }

func (k knocks) happen(c *Call) {
	was := slices.IndexFunc(c.knocks, func(other knock) bool { return other.user == k.user })
	switch {
	case was >= 0 && c.knocks[was].turned:
		k.told <- CauseDeclined
		return
	case k.over:
		c.stopsWaiting(k.user)
	case !slices.ContainsFunc(c.active(), func(m *member) bool { return m.party.Kind == Browser }):
		k.told <- CauseNotFound
		return
	case was >= 0:
		c.knocks[was].until = time.Now().Add(knockLasts)
	case c.asking() >= maxKnocks:
		k.told <- CauseOverload
		return
	default:
		c.knocks = append(c.knocks, knock{user: k.user, until: time.Now().Add(knockLasts)})
	}
	c.tendDoor()
	k.told <- CauseNone
}

// asking counts those who wait.
func (c *Call) asking() (n int) {
	for _, k := range c.knocks {
		if !k.turned {
			n++
		}
	}
	return n
}

// stopsWaiting: a user is in, or no longer asks.
func (c *Call) stopsWaiting(user string) {
	c.knocks = slices.DeleteFunc(c.knocks, func(k knock) bool { return k.user == user })
}

// opens answers a knock for those inside.
func (c *Call) opens(m *member, e KnockAnswered) {
	if c.meeting == "" || m.state != legActive {
		return
	}
	c.stopsWaiting(e.User)
	if !e.Admit {
		c.knocks = append(c.knocks, knock{user: e.User, until: time.Now().Add(turnedAway), turned: true})
	}
	c.tendDoor()
}

// tendDoor forgets who no longer asks, now and when it is time.
func (c *Call) tendDoor() {
	now := time.Now()
	c.knocks = slices.DeleteFunc(c.knocks, func(k knock) bool { return !k.until.After(now) })
	c.door.off()
	if len(c.knocks) > 0 {
		first := slices.MinFunc(c.knocks, func(a, b knock) int { return a.until.Compare(b.until) })
		c.door.set(first.until.Sub(now), c.tendDoor)
	}
}

// waiting are the users who knock, in the order in which they came.
func (c *Call) waiting() (users []string) {
	for _, k := range c.knocks {
		if !k.turned {
			users = append(users, k.user)
		}
	}
	return users
}

// PutOut ends the part of a user in a meeting, if it runs on this node: he is no longer invited.
func (x *Exchange) PutOut(meeting, user string) {
	x.mu.Lock()
	c := x.meetings[meeting]
	x.mu.Unlock()
	if c != nil {
		c.box.put(putOut{user}, true)
	}
}

type putOut struct{ user string }

func (putOut) late() {}

func (p putOut) happen(c *Call) {
	for _, m := range slices.Clone(c.members) {
		if m.party.User == p.user {
			c.dismiss(m, CauseForbidden)
		}
	}
	c.left()
}
