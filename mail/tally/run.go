package tally

import (
	"context"
	"slices"
	"strings"
	"time"
)

const (
	writeEvery = 20 * time.Second
	tellEvery  = 10 * time.Minute
)

// Run writes down what this node counted, and tells of days that are over where alone says that this node is the one,
// until ctx ends.
func (r *Reporter) Run(ctx context.Context, c *Counter, alone func(ctx context.Context) (bool, error)) {
	write, tell := time.NewTicker(writeEvery), time.NewTicker(tellEvery)
	defer write.Stop()
	defer tell.Stop()
	for {
		select {
		case <-write.C:
		case <-tell.C:
			r.tellAlone(ctx, alone)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := c.Write(last); err != nil {
				r.log.Warn("what was counted for reports to other domains is lost", "err", err)
			}
			return
		}
		if err := c.Write(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("write down what is reported to other domains", "err", err)
		}
	}
}

func (r *Reporter) tellAlone(ctx context.Context, alone func(ctx context.Context) (bool, error)) {
	one, err := alone(ctx)
	sent := 0
	if err == nil && one {
		sent, err = r.Tell(ctx)
	}
	if err != nil && ctx.Err() == nil {
		r.log.Error("report to other domains", "err", err)
	} else if sent > 0 {
		r.log.Info("other domains are told of their mail", "reports", sent)
	}
}

// First puts the domain that a host is in before all others.
func First(host string, domains []string) []string {
	within := func(name string) int {
		if strings.HasSuffix("."+strings.ToLower(host), "."+name) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(domains, func(a, b string) int { return within(a) - within(b) })
	return domains
}
