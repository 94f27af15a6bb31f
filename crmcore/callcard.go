package crmcore

import (
	"context"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/timeline"
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
	f, err := t.question().Who(ctx, c.db)
	if err == nil {
		f, err = f.Chosen(ctx, c.db, a)
	}
	if err != nil {
		return Card{}, err
	}
	card, err := c.card(ctx, t, written{f: f, activity: a.ID}, false)
	if err != nil {
		return Card{}, err
	}
	if f.Match == None {
		card.Name = "" // what the wire said is not kept
	}
	return c.Redact(ctx, card, user)
}
