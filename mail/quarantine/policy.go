// Package quarantine keeps mail that was stopped: what has a virus, is forged, or is certainly junk. An administrator
// sees who it is from and for and why it was stopped, not what it says, and releases or deletes it.
package quarantine

import (
	"context"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Action is what is done with one kind of mail.
type Action string

// The actions.
const (
	Junk   Action = "junk"       // it goes to the recipients' Junk
	Hold   Action = "quarantine" // it is kept here
	Reject Action = "reject"     // the server that brings it is refused, so that its author hears of it
)

// Policy is the company's. Mail that there is no room for is rejected.
type Policy struct {
	Virus  Action `json:"virus" enum:"quarantine,reject" doc:"Mail in which the scanner found a virus"`
	Forged Action `json:"forged" enum:"junk,quarantine,reject" doc:"Mail that its domain's DMARC policy or the missing proof of one of ours condemns"`
	Spam   Action `json:"spam" enum:"junk,quarantine,reject" doc:"Mail that is junk beyond doubt"`
	Days   int    `json:"days" minimum:"1" maximum:"365" doc:"After so many days it is gone"`
	Room   int    `json:"room" minimum:"1" maximum:"1000000" doc:"MB for all of it together"`
}

// Standard holds until an administrator says otherwise.
func Standard() Policy { return Policy{Virus: Reject, Forged: Junk, Spam: Junk, Days: 30, Room: 1000} }

// For is what is done with a kind of mail.
func (p Policy) For(cause mail.Cause) Action {
	switch cause {
	case mail.Virus:
		return p.Virus
	case mail.Forged:
		return p.Forged
	case mail.Spam:
		return p.Spam
	}
	return Junk
}

const setting = "mail.quarantine"

// Keeper is what is kept, and why. It is safe for concurrent use by any number of nodes on one database.
type Keeper struct {
	db  *store.DB
	box *mail.Box
}

// New opens it over a migrated database.
func New(db *store.DB, box *mail.Box) *Keeper { return &Keeper{db, box} }

// Policy is the one that holds.
func (k *Keeper) Policy(ctx context.Context) (Policy, error) {
	p := Standard()
	return p, query.ReadSetting(ctx, k.db, setting, &p)
}

// SetPolicy changes it for mail that comes from now on.
func (k *Keeper) SetPolicy(ctx context.Context, p Policy) error {
	return query.SaveSetting(ctx, k.db, setting, p)
}
