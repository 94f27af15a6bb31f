package events

import (
	"context"
	"time"
)

// Config of the notifier. Zero values mean the defaults.
type Config struct {
	Node       string
	Realm      string        // the domain in what is told of users
	MaxExpires time.Duration // of a subscription, default 10 min: so long a lamp may be wrong when a node dies
	MinExpires time.Duration // default 1 min
	PerDevice  int           // subscriptions, default 100
	PerUser    int           // of all his phones, default 300
	Most       int           // on this node, default 20,000
	Ctx        context.Context
	Life       context.Context // until the farewells are over
	Spawn      func(func())
}

// complete sets the defaults.
func (c *Config) complete() {
	set(&c.MaxExpires, 10*time.Minute)
	set(&c.MinExpires, time.Minute)
	set(&c.PerDevice, 100)
	set(&c.PerUser, 300)
	set(&c.Most, 20_000)
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
