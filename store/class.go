package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Class says for whom the database works, and so who goes first: calls, then mail, then screens, then reports. Those
// who come in stand beside the screens, and strangers hold up nobody but strangers. Each class has its own share of
// the connections, so that whatever a lower one asks for, a higher one finds one free; while a call asks, screens and
// who come after them begin nothing new for a moment. The lower ones have a time limit too, and an answer when it is
// used up.
type Class int

const (
	Calls     Class = iota // and all that no context names otherwise
	Mail                   // accepting, delivering, IMAP, and the work that follows from calls and mails
	Doors                  // whose a log-in is that was good before, and what a tab is greeted with
	Screens                // what a person waits for in front of the workplace, and programs behind the API
	Strangers              // whose a log-in is that was never seen here, and may be made up
	Reports                // what nobody waits for: sweeps, sums over everything
	classes   = iota
)

// Classes are all, with their names.
func Classes() map[Class]string {
	return map[Class]string{Calls: "calls", Mail: "mail", Doors: "doors", Screens: "screens", Strangers: "strangers",
		Reports: "reports"}
}

// What a query of a lower class fails with, besides the errors of the database. The same may succeed in a moment.
var (
	ErrBusy    = errors.New("the database has too much to do for screens just now")
	ErrTooMany = errors.New("too many questions of one person wait for the database already")
	ErrTooLong = errors.New("the database was asked for more than it may take the time for")
)

// limits of a class; 0: none but those of the context.
type limits struct {
	wait time.Duration // for a connection: then ErrBusy
	run  time.Duration // of a query until its last line, or of a transaction: then ErrTooLong
	line int           // how many of one person may wait: then ErrTooMany
	all  int           // how many may wait: then ErrBusy
}

type askerKey struct{}

// asker is what a context says of the queries under it.
type asker struct {
	class Class
	user  string // "": nobody in particular
}

// As marks the queries under the context as work of a class and, where there is one, of a person or, of Strangers, a
// network: from Doors on nobody gets more than his part.
func As(ctx context.Context, class Class, user string) context.Context {
	return context.WithValue(ctx, askerKey{}, asker{class, user})
}

func askerOf(ctx context.Context) asker {
	w, _ := ctx.Value(askerKey{}).(asker)
	return w
}

// because names the end of the context as the reason of an error that came with it: each engine words its own.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return fmt.Errorf("%w (%w: %w)", context.Cause(ctx), ctx.Err(), err)
}

// IsBusy tells whether a query failed for want of a place or of time alone: the same may succeed in a moment.
func IsBusy(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrTooMany) || errors.Is(err, ErrTooLong)
}
