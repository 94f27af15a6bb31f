// Package person finds, hands out and erases what the company has of one natural person, in all rooms: the CRM, calls
// with their recordings, voice messages, mails, imports, and events on their way to other programs (GDPR, articles 15,
// 17 and 20).
package person

import (
	"context"
	"slices"
	"strings"

	"frontdesk/crmcore"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/people"
	crm "frontdesk/crmcore/person"
	"frontdesk/crmcore/record"
	"frontdesk/mail"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Persons are all there are. It is safe for concurrent use, and keeps nothing in memory.
type Persons struct {
	Core       *crmcore.Core
	Imports    *importing.Importing
	Box        *mail.Box
	Recordings *recording.Recordings
	Voicemail  *voicemail.Messages
	DB         *store.DB
	Offers     *offer.Offers
	// Sent forgets what was told to other programs; nil: nothing was.
	Sent func(ctx context.Context, texts []string) error
	// Records are those of calls.
	Records func(ctx context.Context, calls []string) ([]ledger.Record, error)
}

// Found is what there is of somebody.
type Found struct {
	crm.Person
	Calls      int `json:"calls" doc:"With him alone: they stay, without him"`
	Recordings int `json:"recordings"`
	Messages   int `json:"messages" doc:"That he left on voicemail"`
	Mails      int `json:"mails" doc:"In all mailboxes of the company"`
	traces
}

// traces are what the other rooms have, by ids.
type traces struct {
	calls, recordings, messages, mails []string
}

// Find gathers who a contact or lead is, and counts what there is of him. Administrators only: store.ErrNotFound,
// people.ErrForbidden, input.Invalid.
func (p *Persons) Find(ctx context.Context, actor people.User, ref record.Ref, also []record.Ref) (f Found, err error) {
	if f.Person, err = crm.Find(ctx, p.DB, actor, ref, also); err != nil {
		return f, err
	}
	err = query.Steps(
		func() error {
			with, err := ledger.With(ctx, p.DB, f.Numbers)
			f.traces.calls = append(f.Person.Calls(), with...)
			slices.Sort(f.traces.calls)
			f.traces.calls = slices.Compact(f.traces.calls)
			return err
		},
		func() (err error) { f.recordings, err = p.Recordings.With(ctx, f.traces.calls); return err },
		func() (err error) {
			f.messages, err = p.Voicemail.LeftBy(ctx, f.traces.calls, f.Numbers)
			return err
		},
		func() (err error) { f.mails, err = p.Box.With(ctx, f.Addresses); return err })
	f.Calls, f.Recordings, f.Messages, f.Mails = len(f.traces.calls), len(f.recordings), len(f.messages), len(f.mails)
	return f, err
}

// Erase removes all there is of somebody. The CRM comes last: should it fail on the way, it is done again.
func (p *Persons) Erase(ctx context.Context, actor people.User, ref record.Ref, also []record.Ref) (f Found,
	err error) {
	if f, err = p.Find(ctx, actor, ref, also); err != nil {
		return f, err
	}
	merged, err := f.InBin(ctx, p.DB)
	if err != nil {
		return f, err
	}
	ids := merged
	for _, r := range f.Records {
		ids = append(ids, r.ID)
	}
	texts := searchable(f.Person)
	err = query.Steps(
		func() error { return p.Recordings.Erase(ctx, f.traces.calls) },
		func() error { return p.Voicemail.Erase(ctx, f.traces.calls, f.Numbers) },
		func() error {
			return p.DB.Tx(ctx, func(tx *store.Tx) error {
				return ledger.Anonymise(ctx, tx, f.traces.calls, f.Numbers)
			})
		},
		func() error { return p.Box.EraseWith(ctx, f.Addresses, f.Tokens()) },
		func() error { return p.Imports.Forget(ctx, ids, f.Tokens()) },
		func() error {
			return p.DB.Tx(ctx, func(tx *store.Tx) error { return crm.Erase(ctx, tx, actor, f.Person) })
		},
		func() error { return forgetEvents(ctx, p.DB, texts) },
		func() error {
			if p.Sent == nil {
				return nil
			}
			return p.Sent(ctx, texts)
		})
	if err == nil {
		p.Core.Tell(ctx, f.Refs())
	}
	return f, err
}

// searchable are the texts that are looked for in what programs wrote: a single name only where it stands alone, as it
// may be anybody's.
func searchable(p crm.Person) (texts []string) {
	for _, t := range p.Tokens() {
		if !strings.ContainsAny(t, " @+") {
			t = `"` + t + `"`
		}
		texts = append(texts, t)
	}
	return texts
}
