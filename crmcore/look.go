package crmcore

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/crmcore/match"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/rules"
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
	c.matchAll(ctx, prepared, seen, errs)
	c.decideAll(ctx, prepared, seen, errs)
	return prepared, seen, errs
}

// matchAll finds out who touches are with.
func (c *Core) matchAll(ctx context.Context, touches []Touch, seen []written, errs []error) {
	hits, like := make([][]match.Hit, len(touches)), make([]*[]match.Hit, len(touches))
	readEach := func(read func(i int, t Touch) []store.Read) error {
		var reads []store.Read
		for i, t := range touches {
			if errs[i] == nil && !t.own && !t.Channel.Policy().Named {
				reads = append(reads, read(i, t)...)
			}
		}
		return c.db.ReadAll(ctx, reads)
	}
	err := readEach(func(i int, t Touch) (reads []store.Read) {
		if q := t.question().Having(); q != nil {
			reads = append(reads, query.Into(match.Scan, q, &hits[i]))
		}
		return reads
	})
	if err == nil {
		err = readEach(func(i int, t Touch) (reads []store.Read) {
			if len(hits[i])+len(t.Reply) == 0 {
				like[i] = new([]match.Hit)
				reads = append(reads, query.Into(match.Scan, t.question().Like(), like[i]))
			}
			return reads
		})
	}
	forEach(len(touches), func(i int) {
		if errs[i] = cmp.Or(errs[i], err); errs[i] == nil {
			seen[i].f, errs[i] = c.see(ctx, touches[i], hits[i], like[i])
		}
	})
}

// see is who a touch is with, whose address these have; like are those with one like it, where that was read already.
func (c *Core) see(ctx context.Context, t Touch, hits []match.Hit, like *[]match.Hit) (f match.Found, err error) {
	if t.Channel.Policy().Named {
		f, err = c.with(ctx, t)
	} else {
		f, err = t.question().Among(ctx, c.db, hits, like)
	}
	if err == nil && f.Known() && f.Hits[0].Responsible != "" && !f.Hits[0].Here {
		f.Gone = !people.Here(ctx, c.db, f.Hits[0].Responsible)
	}
	return f, err
}

// decideAll asks the rules whose the unknown ones become.
func (c *Core) decideAll(ctx context.Context, touches []Touch, seen []written, errs []error) {
	var facts []rules.Facts
	var at []int
	for i, t := range touches {
		if errs[i] == nil && !seen[i].f.Known() && t.neverLead() == "" {
			facts, at = append(facts, c.facts(t)), append(at, i)
		}
	}
	routes, err := c.DecideAll(ctx, facts)
	for n, i := range at {
		seen[i].route, errs[i] = routes[n], err
	}
}
