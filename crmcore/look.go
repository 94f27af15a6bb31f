package crmcore

import (
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// look finds out all that can be known of a touch before anything is written: who it is with and, of somebody unknown,
// whose he becomes.
func (c *Core) look(ctx context.Context, t Touch) (Touch, written, error) {
	prepared, seen, errs := c.lookAll(ctx, []Touch{t})
	return prepared[0], seen[0], errs[0]
}

// lookAll looks at several touches. Who has their addresses is asked in one turn at the database.
func (c *Core) lookAll(ctx context.Context, touches []Touch) (prepared []Touch, seen []written, errs []error) {
	prepared, seen, errs = slices.Clone(touches), make([]written, len(touches)), make([]error, len(touches))
	forEach(len(touches), func(i int) { prepared[i], errs[i] = c.prepare(ctx, touches[i]) })
	hits, reads := make([][]hit, len(touches)), []store.Read(nil)
	for i, t := range prepared {
		if q := hitsOf(t); q != nil && errs[i] == nil && !t.Channel.Policy().Named {
			reads = append(reads, query.Into(scanHit, q, &hits[i]))
		}
	}
	if err := c.db.ReadAll(ctx, reads); err != nil {
		for i := range errs {
			errs[i] = err
		}
		return prepared, seen, errs
	}
	forEach(len(touches), func(i int) {
		if errs[i] == nil {
			seen[i], errs[i] = c.see(ctx, prepared[i], hits[i])
		}
	})
	return prepared, seen, errs
}

// see is what a touch looks like, whose address these have.
func (c *Core) see(ctx context.Context, t Touch, hits []hit) (w written, err error) {
	if t.Channel.Policy().Named {
		w.f, err = c.matchMeeting(ctx, c.db, t)
	} else {
		w.f, err = c.matched(ctx, c.db, t, hits)
	}
	if err != nil {
		return w, err
	}
	if w.f.known() && w.f.hits[0].responsible != "" && !w.f.hits[0].here {
		w.f.gone = !people.Here(ctx, c.db, w.f.hits[0].responsible)
	}
	if !w.f.known() && t.neverLead() == "" {
		_, w.route, err = c.Decide(ctx, c.facts(t))
	}
	return w, err
}
