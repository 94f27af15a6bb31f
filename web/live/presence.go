package live

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/pbx"
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
	seats map[string]seat                      // by id of the socket
	of    map[string]map[string]seat           // the same, by user and id
	calls map[string]map[string]bool           // users in a call of this node, by call
	held  map[string]map[string]pbx.Engagement // how each takes part in them, by user and call
	busy  map[string]busyList                  // by node
	quiet map[string]bool                      // who does not want to be disturbed
}

// busyList is one node's word on who takes part in its calls.
type busyList struct {
	Node  string                      `json:"node"`
	Users []string                    `json:"users"` // who are busy by it
	In    map[string][]pbx.Engagement `json:"in"`    // how, also of those who are only rung; none: an earlier version says it

	users map[string][]pbx.Engagement // the same, as it stands now
	heard time.Time
}

func newPresence() presence {
	return presence{seats: map[string]seat{}, of: map[string]map[string]seat{}, calls: map[string]map[string]bool{},
		held: map[string]map[string]pbx.Engagement{}, busy: map[string]busyList{}, quiet: map[string]bool{}}
}

func (p *presence) online(user string) bool { return len(p.of[user]) > 0 }

func (p *presence) users() []string { return slices.Sorted(maps.Keys(p.of)) }

func (p *presence) isBusy(user string) bool {
	for _, list := range p.busy {
		if takesUp(list.users[user]) {
			return true
		}
	}
	return false
}

// takesUp tells whether who takes part so in calls is busy.
func takesUp(list []pbx.Engagement) bool { return slices.ContainsFunc(list, pbx.Engagement.Busy) }

// engaged is how a user takes part in the calls of all nodes, in the order of the calls.
func (p *presence) engaged(user string) (all []pbx.Engagement) {
	for _, list := range p.busy {
		all = append(all, list.users[user]...)
	}
	return inOrder(all)
}

func inOrder(list []pbx.Engagement) []pbx.Engagement {
	slices.SortFunc(list, func(a, b pbx.Engagement) int { return strings.Compare(a.Call, b.Call) })
	return list
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

// takePart notes how users take part in a call of this node now; changed are those who do so otherwise than before.
func (p *presence) takePart(call string, in map[string]pbx.Engagement) (changed []engaged) {
	users := map[string]bool{}
	for user, e := range in {
		users[user] = true
		if p.held[user] == nil {
			p.held[user] = map[string]pbx.Engagement{}
		}
		if p.held[user][call] != e {
			p.held[user][call] = e
			changed = append(changed, p.says(user))
		}
	}
	for user := range p.calls[call] {
		if !users[user] {
			delete(p.held[user], call)
			changed = append(changed, p.says(user))
		}
	}
	if p.calls[call] = users; len(users) == 0 {
		delete(p.calls, call)
	}
	return changed
}

// says is this node's word on one user.
func (p *presence) says(user string) engaged {
	list := inOrder(slices.Collect(maps.Values(p.held[user])))
	if len(list) == 0 {
		delete(p.held, user)
	}
	return engaged{User: user, Busy: takesUp(list), In: list}
}

// engaged is a node's word on one user whose part in its calls has changed.
type engaged struct {
	Node string           `json:"node"`
	User string           `json:"user"`
	Busy bool             `json:"busy"`
	In   []pbx.Engagement `json:"in"` // none of one who is busy: an earlier version says it
}

// told is how a node says that a user takes part, where it only says whether.
func told(busy bool, in []pbx.Engagement) []pbx.Engagement {
	if busy && len(in) == 0 {
		return []pbx.Engagement{{State: pbx.EngagedTalking}}
	}
	return in
}

// followed is when somebody was last known to follow the events of what lasts a moment.
type followed struct{ at atomic.Int64 }

func (f *followed) now() { f.at.Store(time.Now().UnixNano()) }
