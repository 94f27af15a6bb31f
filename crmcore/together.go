package crmcore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/store"
)

// ReceiveTogether is Receive of several touches, which are written together and so cost less: each as if those before
// it had been received already. It returns a card or an error for each.
func (c *Core) ReceiveTogether(ctx context.Context, touches []Touch) ([]Card, []error) {
	cards, errs := make([]Card, len(touches)), make([]error, len(touches))
	for from := 0; from < len(touches); {
		to := from + independent(touches[from:])
		c.together(ctx, touches[from:to], cards[from:to], errs[from:to])
		from = to
	}
	return cards, errs
}

// independent is how many touches come before the first that continues one of them.
func independent(touches []Touch) int {
	for i, t := range touches {
		if i > 0 && slices.ContainsFunc(touches[:i], func(earlier Touch) bool {
			return earlier.MessageID != "" && slices.Contains(t.Reply, earlier.MessageID)
		}) {
			return i
		}
	}
	return len(touches)
}

// together looks at all, then writes all in one transaction, or each in its own where that fails.
func (c *Core) together(ctx context.Context, touches []Touch, cards []Card, errs []error) {
	if len(touches) == 1 {
		cards[0], errs[0] = c.Receive(ctx, touches[0])
		return
	}
	start := time.Now()
	prepared, seen := slices.Clone(touches), make([]written, len(touches))
	forEach(len(touches), func(i int) { prepared[i], seen[i], errs[i] = c.look(ctx, touches[i]) })
	var done []written
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		done = slices.Clone(seen)
		for i := range done {
			if errs[i] != nil {
				continue
			}
			if err := c.write(ctx, tx, prepared[i], &done[i]); err != nil {
				return err
			}
		}
		return nil
	})
	forEach(len(touches), func(i int) {
		if err != nil {
			cards[i], errs[i] = c.Receive(ctx, touches[i])
			return
		}
		if errs[i] == nil {
			cards[i], errs[i] = c.opens(ctx, prepared[i], done[i])
		}
		c.metrics.received(touches[i], cards[i], errs[i], start)
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%s %s: %w", touches[i].Channel, touches[i].Key, errs[i])
		}
	})
}

// atOnce is how many of several touches are looked at together: the database has so many places for them.
const atOnce = 4

// forEach calls do for each of n.
func forEach(n int, do func(i int)) {
	var wg sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range n {
		places <- struct{}{}
		wg.Go(func() { do(i); <-places })
	}
	wg.Wait()
}
