package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/store"
)

// start begins to serve.
func (n *node) start(ctx context.Context) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var jobs sync.WaitGroup
	n.intake.Handle(n.jobs)
	n.jobs.Handle(record.PartsJob, 1, func(ctx context.Context, job store.Job) error {
		return record.FillParts(ctx, n.db, job)
	})
	n.jobs.Handle(timeline.WaitingJob, 1, n.core.FillWaiting)
	n.jobs.Handle(mail.SearchJob, 1, n.box.FillSearch)
	n.config.CRM.Handle(n.jobs, n.db)
	importing.New(n.db, n.core).Handle(n.jobs)
	n.queue.Handle(n.jobs)
	n.desk.Handle(n.jobs)
	n.filter.Handle(n.jobs, n.blobs)
	n.webhooks.Handle(n.jobs)
	n.automation.Handle(n.jobs)
	n.words.Handle(n.jobs)
	if err := bin.Begin(ctx, n.db, time.Now()); err != nil {
		n.log.Error("the bin is not emptied until the next start", "err", err)
	}
	jobs.Go(func() { n.jobs.Run(store.As(running, store.Mail, "")) })
	jobs.Go(func() { n.webhooks.Follow(store.As(running, store.Mail, "")) })
	jobs.Go(func() { n.automation.Follow(store.As(running, store.Mail, ""), n.events) })
	jobs.Go(func() { n.recorder.Run(store.As(running, store.Mail, "")) })
	jobs.Go(func() { n.indexMail(store.As(running, store.Reports, "")) })
	jobs.Go(func() { n.followDomains(store.As(running, store.Mail, "")) })
	if n.ordered != nil {
		jobs.Go(func() { n.ordered.Run(store.As(running, store.Mail, "")) })
	}
	jobs.Go(func() { n.telling.Run(store.As(running, store.Reports, ""), n.tally, n.tells) })
	jobs.Go(func() { n.elsewhere.Run(store.As(running, store.Mail, "")) })
	jobs.Go(func() { n.sweepMail(store.As(running, store.Reports, "")) })
	jobs.Go(func() {
		if err := n.core.Backfill(store.As(running, store.Reports, "")); err != nil && running.Err() == nil {
			n.log.Error("what a version before did not write", "err", err)
		}
	})
	n.onClose(func() {
		stop()
		jobs.Wait()
	})
	n.listeners.start(&n.serving, n.failed)
	n.log.Info("frontdesk runs", "node", n.config.Node, "version", version(), "listeners", n.listeners.list())
}

// wait serves until ctx ends, a listener breaks or the bus is over for good. But for a listener it then drains: running
// calls may end, new ones are refused.
func (n *node) wait(ctx context.Context) error {
	select {
	case err := <-n.failed:
		return err
	case <-n.members.Lost():
		return n.members.Err()
	case <-n.bus.Closed():
		err := fmt.Errorf("the bus has closed the connection for good, this node must be started again: %w",
			n.bus.Err())
		n.log.Error("this node ends", "err", err)
		n.drain()
		return err
	case <-ctx.Done():
	}
	n.drain()
	return nil
}

func (n *node) drain() {
	n.log.Info("draining", "at most", n.config.Drain, "calls", len(n.exchange.Calls()))
	n.health.draining.Store(true)
	n.browsers.Drain()
	if n.phones != nil {
		n.phones.Drain()
	}
	n.moveAway()
	drain, cancel := context.WithTimeout(context.Background(), n.config.Drain)
	defer cancel()
	go n.cutShort(drain, cancel)
	if err := n.exchange.Drain(drain); err != nil {
		n.log.Warn("calls are cut short", "calls", len(n.exchange.Calls()))
	}
}

// cutShort ends the drain of a node that the others counted as lost meanwhile: its calls are theirs to write down, its
// lines and meetings taken.
func (n *node) cutShort(drain context.Context, cancel context.CancelFunc) {
	select {
	case <-n.members.Lost():
		cancel()
	case <-drain.Done():
	}
}
