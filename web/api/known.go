package api

import (
	"context"
	"errors"

	lru "github.com/hashicorp/golang-lru/v2"

	"frontdesk/guard"
	"frontdesk/store"
)

// maxKnown is how many log-ins are remembered, those used last.
const maxKnown = 20000

// known remembers which log-ins were good, so that who makes some up waits for the database with his like alone. It
// grants nothing: whether a log-in is good still is asked each time.
type known struct{ users *lru.Cache[string, string] }

func newKnown() known {
	users, err := lru.New[string, string](maxKnown)
	if err != nil {
		panic(err) // only for a size below one
	}
	return known{users}
}

// asks is the context of the question whose a log-in is.
func (k known) asks(ctx context.Context, key string) context.Context {
	if user, known := k.users.Get(key); known {
		return store.As(ctx, store.Doors, user)
	}
	return store.As(ctx, store.Strangers, guard.NetworkOf(VisitOf(ctx).IP).String())
}

// Note keeps that a log-in is good.
func (k known) Note(key, user string) { k.users.Add(key, user) }

// forget notes the answer that it is not.
func (k known) forget(key string, err error) {
	if errors.Is(err, ErrNobody) {
		k.users.Remove(key)
	}
}
