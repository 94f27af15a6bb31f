package timeline

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

// FollowUp is the channel of the tasks that missed calls leave; their dedupe key is the caller.
const FollowUp = "followup"

// Policy says how the touches of a channel are treated.
type Policy struct {
	Kind     string // of the activity it becomes
	Named    bool   // it names the records and guests it is with; all others are matched by the client's address
	Leads    bool   // somebody unknown may become a lead
	Rings    bool   // from Began on somebody is rung, and nobody has it until he takes it
	closable bool   // it comes over lines that may be closed to all but their users
	Leaves   Leaves // what waits for us when it has ended
}

// Leaves is what is left to do when a client's touch has ended.
type Leaves string

const (
	nothing  Leaves = ""
	Answer   Leaves = "answer"    // the touch itself waits, until either side goes on
	CallBack Leaves = "call back" // a task, unless we talked
)

// Policies has a row for each channel.
func Policies() map[Channel]Policy {
	return map[Channel]Policy{
		Call:    {Kind: "call", Leads: true, Rings: true, Leaves: CallBack},
		Mail:    {Kind: "mail", Leads: true, closable: true, Leaves: Answer},
		Meeting: {Kind: "meeting", Named: true, Leaves: nothing},
	}
}

func (c Channel) Policy() Policy { return Policies()[c] }

// ChannelNames are all channels, for people to read.
func ChannelNames() string {
	var names []string
	for _, c := range slices.Sorted(maps.Keys(Policies())) {
		names = append(names, string(c))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// kinds are those of the activities of channels with a property, as a list for SQL.
func kinds(which func(Policy) bool) string {
	var list []string
	for _, p := range Policies() {
		if which(p) {
			list = append(list, "'"+p.Kind+"'")
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func (p Policy) waits() bool { return p.Leaves == Answer }

// Phase of a touch. A mail comes only as Ended.
type Phase string

const (
	Began    Phase = "began"
	Answered Phase = "answered"
	Ended    Phase = "ended"
)
