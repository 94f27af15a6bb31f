package live

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

const (
	presenceSubject = "hub.presence" // a socket came or went
	busySubject     = "hub.busy"     // the users in calls of one node, all of them, now and then
	engagedSubject  = "hub.engaged"  // one came into the calls of one node or left them
	whoSubject      = "hub.who"      // a node has just come: say who is busy
	beat            = 15 * time.Second
	beatsMissed     = 4 // after which a node's word on who is busy counts no more
)

// seat is an open socket, on any node.
type seat struct {
	ID   string `json:"id"`
	User string `json:"user"`
	Node string `json:"node"`
	Open bool   `json:"open"`

	heard time.Time
}

// presence is who is online and who is busy. Its holder locks it.
type presence struct {
	seats map[string]seat            // by id of the socket
	of    map[string]map[string]seat // the same, by user and id
	calls map[string]map[string]bool // users in a call of this node, by call
	held  map[string]int             // in how many of them each is
	busy  map[string]busyList        // by node
	quiet map[string]bool            // who does not want to be disturbed
}

// busyList is one node's word on who takes part in its calls.
type busyList struct {
	Node  string   `json:"node"`
	Users []string `json:"users"`

	users map[string]bool // the same, as it stands now
	heard time.Time
}

func newPresence() presence {
	return presence{seats: map[string]seat{}, of: map[string]map[string]seat{}, calls: map[string]map[string]bool{},
		held: map[string]int{}, busy: map[string]busyList{}, quiet: map[string]bool{}}
}

func (p *presence) online(user string) bool { return len(p.of[user]) > 0 }

func (p *presence) users() []string { return slices.Sorted(maps.Keys(p.of)) }

func (p *presence) isBusy(user string) bool {
	for _, list := range p.busy {
		if list.users[user] {
			return true
		}
	}
	return false
}

// set opens or closes a seat; true when that made its user come or go.
func (p *presence) set(s seat) bool {
	s.heard = time.Now()
	_, known := p.seats[s.ID]
	if s.Open == known {
		return false
	}
	if s.Open {
		return p.open(s)
	}
	return p.close(s)
}

func (p *presence) open(s seat) (came bool) {
	p.seats[s.ID] = s
	if p.of[s.User] == nil {
		p.of[s.User] = map[string]seat{}
	}
	p.of[s.User][s.ID] = s
	return len(p.of[s.User]) == 1
}

func (p *presence) close(s seat) (went bool) {
	delete(p.seats, s.ID)
	delete(p.of[s.User], s.ID)
	if len(p.of[s.User]) > 0 {
		return false
	}
	delete(p.of, s.User)
	return true
}

// elsewhere tells whether another node holds a socket of the user (with that id, unless it is "").
func (p *presence) elsewhere(node, user, socket string) bool {
	for id, s := range p.of[user] {
		if s.Node != node && (socket == "" || socket == id) {
			return true
		}
	}
	return false
}

// takePart notes who is in a call of this node now; changed are those who are in one at all since, or no longer.
func (p *presence) takePart(call string, in map[string]bool) (changed []engaged) {
	before := p.calls[call]
	for user := range in {
		if !before[user] {
			if p.held[user]++; p.held[user] == 1 {
				changed = append(changed, engaged{User: user, Busy: true})
			}
		}
	}
	for user := range before {
		if !in[user] {
			if p.held[user]--; p.held[user] == 0 {
				delete(p.held, user)
				changed = append(changed, engaged{User: user})
			}
		}
	}
	if p.calls[call] = in; len(in) == 0 {
		delete(p.calls, call)
	}
	return changed
}

// engaged is a node's word on one user who came into its calls or left them.
type engaged struct {
	Node string `json:"node"`
	User string `json:"user"`
	Busy bool   `json:"busy"`
}

// followed is when somebody was last known to follow the events of what lasts a moment.
type followed struct{ at atomic.Int64 }

func (f *followed) now() { f.at.Store(time.Now().UnixNano()) }
