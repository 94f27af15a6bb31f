package pbx

import (
	"time"

	"frontdesk/store"
)

// Config of the exchange.
type Config struct {
	Node   string // id of this node; it owns the calls it runs
	Region string // ISO 3166 code of the country whose national numbers people dial, e.g. "RO"
	Realm  string // of digest authentication; changing it invalidates all device passwords

	Members *store.Members // this node's place among others; nil: it is alone

	MaxRing  time.Duration // a call rings no longer, all steps together; default 180 s
	MaxCall  time.Duration // a call lasts no longer after its answer; default 4 h
	MaxCalls int           // calls and meetings at once; default 1000
	MaxLegs  int           // parties of one meeting; default 25
	Linger   time.Duration // an empty meeting waits for somebody to come back; default 5 s
}

// epoch of this life of the node.
func (c Config) epoch() int64 {
	if c.Members == nil {
		return store.Micros(time.Now())
	}
	return c.Members.Self().Epoch
}

func (c Config) withDefaults() Config {
	or(&c.Region, "RO")
	or(&c.Realm, "frontdesk")
	or(&c.MaxRing, 180*time.Second)
	or(&c.MaxCall, 4*time.Hour)
	or(&c.MaxCalls, 1000)
	or(&c.MaxLegs, 25)
	or(&c.Linger, 5*time.Second)
	return c
}

// or gives an unset value its default.
func or[T comparable](value *T, fallback T) {
	var unset T
	if *value == unset {
		*value = fallback
	}
}
