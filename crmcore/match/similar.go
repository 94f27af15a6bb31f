package match

import (
	"context"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// similar is who has an address like it, where that was not read already.
func (w Question) similar(ctx context.Context, db store.Queries, read *[]Hit) (hits []Hit, err error) {
	if read != nil {
		hits = *read
	} else if hits, err = query.All(ctx, db, Scan, w.Like()); err != nil {
		return nil, err
	}
	hits = distinct(hits, w)
	rank(hits, w.Users)
	return because(hits, "similar"), nil
}

// Like selects who has an address like it: a number that ends alike where one of the two can't be normalised,
// a block of numbers around it, a mailbox that differs by what its owner may add.
func (w Question) Like() *query.Builder {
	a := w.Client
	return having(w, func(q *query.Builder) {
		switch {
		case a.Value == "" && a.Ending() == "":
			q.Add("FALSE")
		case a.Value == "":
			end := record.Reversed(record.Point{Kind: address.Phone, Value: a.Ending()})
			q.Add("p.reversed >= ? AND p.reversed < ? AND p.kind = 'phone'", end, record.After(end))
		case a.Kind == address.Email:
			q.Add("p.reversed = ? AND p.kind = 'email'", address.PlainMailbox(a.Value))
		default:
			q.Add("(p.block_of <> '' AND p.block_of = ? AND p.value <= ? AND p.block_end >= ?",
				record.BlockHead(a.Value), a.Value, a.Value)
			q.Add(" OR p.value = '' AND p.kind = 'phone' AND p.reversed").InBytes(endings(a.Value)).Add(")")
		}
	})
}

// endings are how the end of a number may be kept that was typed without its country, with a trunk prefix or without.
func endings(value string) (ends [][]byte) {
	all := record.Reversed(record.Point{Kind: address.Phone, Value: value})
	for n := address.MinDigits; n < len(all); n++ {
		ends = append(ends, all[:n], append(slices.Clone(all[:n]), '0'))
	}
	return ends
}
