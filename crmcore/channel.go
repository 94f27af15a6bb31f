package crmcore

import (
	"maps"
	"slices"
	"strings"
)

// Channel a touch came through.
type Channel string

const (
	Call    Channel = "call"
	Mail    Channel = "mail"
	Meeting Channel = "meeting"
)

// policy says how the touches of a channel are treated.
type policy struct {
	kind     string // of the activity it becomes
	named    bool   // it names the records and guests it is with; all others are matched by the client's address
	leads    bool   // somebody unknown may become a lead
	rings    bool   // from Began on somebody is rung, and nobody has it until he takes it
	closable bool   // it comes over lines that may be closed to all but their users
	leaves   leaves // what waits for us when it has ended
}

// leaves is what is left to do when a client's touch has ended.
type leaves string

const (
	nothing  leaves = ""
	answer   leaves = "answer"    // the touch itself waits, until either side goes on
	callBack leaves = "call back" // a task, unless we talked
)

// policies has a row for each channel.
func policies() map[Channel]policy {
	return map[Channel]policy{
		Call:    {kind: "call", leads: true, rings: true, leaves: callBack},
		Mail:    {kind: "mail", leads: true, closable: true, leaves: answer},
		Meeting: {kind: "meeting", named: true, leaves: nothing},
	}
}

func (c Channel) policy() policy { return policies()[c] }

// channelNames are all channels, for people to read.
func channelNames() string {
	var names []string
	for _, c := range slices.Sorted(maps.Keys(policies())) {
		names = append(names, string(c))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// kinds are those of the activities of channels with a property, as a list for SQL.
func kinds(which func(policy) bool) string {
	var list []string
	for _, p := range policies() {
		if which(p) {
			list = append(list, "'"+p.kind+"'")
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func (p policy) waits() bool { return p.leaves == answer }
