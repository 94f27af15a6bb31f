package call

import (
	"cmp"
	"context"
	"time"

	"frontdesk/media/record"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
)

// Config of the exchange.
type Config struct {
	Node string // id of this node; it owns the calls it runs

	Members *store.Members // this node's place among others; nil: it is alone

	Jobs *store.Jobs // run what an ended call leaves to be done; nil: whoever looks for it

	// Prompt gives the sound of a prompt (media.Rate, mono) by its id; nil: there are none. Nobody changes what it
	// gave.
	Prompt func(ctx context.Context, id string) ([]int16, error)

	Voicemail *voicemail.Messages // what callers leave; nil: they can't
	Prompts   *prompts.Prompts    // take greetings; nil: none can be recorded by phone

	Tolls      *toll.Tolls           // what calls outside may come to; nil: no limit
	Recorder   *record.Recorder      // writes calls down that the policy has recorded; nil: none is
	Recordings *recording.Recordings // have the policy

	Supervision *supervision.Book // keeps who supervised calls; nil: nobody does

	Gather time.Duration // see ledger.Config; default 0

	MaxLookup time.Duration // a call waits no longer for the CRM and for its record; default 300 ms
	MaxRing   time.Duration // a call rings no longer, all steps together; default 180 s
	MaxCall   time.Duration // a call lasts no longer after its answer; default 4 h
	MaxCalls  int           // calls and meetings at once; default 1000
	MaxLegs   int           // parties of one meeting; default 25
	Linger    time.Duration // an empty meeting waits for somebody to come back; default 5 s
}

// epoch of this life of the node.
func (c Config) epoch() int64 {
	if c.Members == nil {
		return store.Micros(time.Now())
	}
	return c.Members.Self().Epoch
}

func (c Config) withDefaults() Config {
	c.MaxLookup = cmp.Or(c.MaxLookup, LookupLimit)
	c.MaxRing, c.MaxCall = cmp.Or(c.MaxRing, 180*time.Second), cmp.Or(c.MaxCall, 4*time.Hour)
	c.Linger = cmp.Or(c.Linger, 5*time.Second)
	c.MaxCalls, c.MaxLegs = cmp.Or(c.MaxCalls, 1000), cmp.Or(c.MaxLegs, 25)
	return c
}
