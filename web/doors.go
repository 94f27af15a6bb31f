package web

import (
	"context"
	"errors"

	lru "github.com/hashicorp/golang-lru/v2"

	"frontdesk/guard"
	"frontdesk/store"
)

// maxKnown is how many log-ins are remembered, those used last.
const maxKnown = 20000

// doors remember which log-ins were good, so that who makes some up waits for the database with his like alone. They grant nothing: whether a
// log-in is good still is asked each time.
type doors struct{ users *lru.Cache[string, string] }

func newDoors() doors {
	users, err := lru.New[string, string](maxKnown)
	if err != nil {
		panic(err) // only for a size below one
	}
	return doors{users}
}

// asks is the context of the question whose a log-in is.
func (d doors) asks(ctx context.Context, key string) context.Context {
	if user, known := d.users.Get(key); known {
		return store.As(ctx, store.Doors, user)
	}
	return store.As(ctx, store.Strangers, guard.NetworkOf(visitOf(ctx).ip).String())
}

// knows notes that a log-in is good.
func (d doors) knows(key, user string) { d.users.Add(key, user) }

// forget notes the answer that it is not.
func (d doors) forget(key string, err error) {
	if errors.Is(err, errNobody) {
		d.users.Remove(key)
	}
}
