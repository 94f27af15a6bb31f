package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// States of a Member.
const (
	MemberUp       = "up"
	MemberDraining = "draining" // takes nothing new; what runs may end
	MemberLost     = "lost"     // silent for too long; what it held is being taken over
	MemberGone     = "gone"     // left, or lost and cleared up after
)

// Member is a node of the company as the others see it. One epoch is one life of a process: what an earlier life of the
// same node held is not the new one's, and a process that comes back late is told from its successor by it.
type Member struct {
	ID      string
	Epoch   int64 // in microseconds since 1970, when it joined; rises with each life
	Address string
	SIP     string // where other nodes reach it over SIP, see Announce
	State   string
	Seen    time.Time
}

// Holder names the life of a node in what it holds.
func (m Member) Holder() string { return fmt.Sprintf("%s/%d", m.ID, m.Epoch) }

// Errors of Members.Lost.
var (
	// ErrFenced: the others counted this node as lost and took over what it held. It must let go of everything and join
	// anew.
	ErrFenced = errors.New("the other nodes had to count this one as lost and took over its work")
	// ErrReplaced: another process has joined under this node's name.
	ErrReplaced = errors.New("another process runs under the name of this node: give each node its own")
)

// MembersConfig says who joins. The zero value of a field means its default.
type MembersConfig struct {
	Node    string
	Address string        // for people to read
	Beat    time.Duration // between two signs of life; default 1 s
	// a member that gave no sign for so long, while the database was reached, is lost; default 5 s
	Patience time.Duration
}

// MembersHooks are told of other members' ends; each may be nil.
type MembersHooks struct {
	// Recover ends in SQL what a life of a node left behind. Several nodes may run it at once, and again after a
	// failure.
	Recover func(ctx context.Context, dead Member) error
	// Left is told on every node that a member is not there any more. It must not block.
	Left func(gone Member)
}

func scanMember(row Row) (x Member, err error) {
	var seen int64
	err = row.Scan(&x.ID, &x.Epoch, &x.Address, &x.SIP, &x.State, &seen)
	x.Seen = Time(seen)
	return x, err
}
