package crmcore

import (
	"context"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// CallCard is the card of a call as it stands now: whom it is put to, by choice or by who has the number meanwhile,
// under the names of now. Call is the Key of its touch; one that made none is ErrNotFound. Whether the user may know of
// the call is for the caller to tell.
func (c *Core) CallCard(ctx context.Context, user people.User, call string) (Card, error) {
	q := query.New("SELECT "+timeline.Columns+" FROM activity a WHERE a.channel = ? AND a.dedupe = ?", timeline.Call,
		shortKey(call))
	found, err := timeline.Read(ctx, c.db, q)
	if err != nil {
		return Card{}, err
	}
	if len(found) == 0 {
		return Card{}, ErrNotFound
	}
	a := found[0]
	t := Touch{Channel: timeline.Call, Key: call, Incoming: a.Incoming, Line: a.Line, At: a.At,
		Client: address.Address{Kind: address.Phone, Raw: a.Address}}
	if address, err := address.ParsePhone(a.Address, c.cfg.Region); err == nil {
		t.Client = address
	}
	if t, err = c.prepare(ctx, t); err != nil {
		return Card{}, err
	}
	f, err := c.match(ctx, c.db, t)
	if err == nil {
		f, err = f.chosen(ctx, c.db, a)
	}
	if err != nil {
		return Card{}, err
	}
	card, err := c.card(ctx, t, written{f: f, activity: a.ID}, false)
	if err != nil {
		return Card{}, err
	}
	if f.match == None {
		card.Name = "" // what the wire said is not kept
	}
	return c.Redact(ctx, card, user)
}

// chosen leaves of those who may be meant the one the activity is put to, where that is not what the address alone
// says.
func (f found) chosen(ctx context.Context, db store.Queries, a timeline.Activity) (found, error) {
	links, err := f.links(ctx, db)
	if err != nil || a.Several || len(a.Entities) == 0 || sameRefs(links, a.Entities) {
		return f, err
	}
	f.match = Exact
	off := func(h hit) bool { return !slices.Contains(a.Entities, h.Ref) }
	if f.hits = slices.DeleteFunc(f.hits, off); len(f.hits) == 0 {
		f.hits = []hit{{Ref: record.Foremost(a.Entities), why: "number"}}
	}
	return f, nil
}
