package remote

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Run holds accounts until ctx ends.
func (s *Accounts) Run(ctx context.Context) {
	var held sync.WaitGroup
	defer held.Wait()
	tick := time.NewTicker(s.config.LookEvery)
	defer tick.Stop()
	for {
		if err := s.look(ctx, &held); err != nil && ctx.Err() == nil {
			s.log.Warn("mailboxes elsewhere", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look begins with accounts that this node may hold, and ends those that it holds no more, or that changed.
func (s *Accounts) look(ctx context.Context, held *sync.WaitGroup) error {
	list, err := s.All(ctx)
	if err != nil {
		return err
	}
	ours := map[string]Account{}
	for _, a := range list {
		own, err := s.config.Hold(ctx, a.ID)
		if err != nil {
			return err
		}
		if own && a.Active {
			ours[a.ID] = a
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.running {
		if now, still := ours[id]; !still || now.version != r.version {
			r.end()
		}
	}
	for id, a := range ours {
		if s.running[id] != nil {
			continue // or it is about to end, and begins again with the next look
		}
		life, end := context.WithCancel(ctx)
		s.running[id] = &running{version: a.version, end: end}
		held.Go(func() {
			s.hold(life, a)
			end()
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.running, id)
		})
	}
	return nil
}

const (
	firstRetry   = 5 * time.Second
	longestRetry = 5 * time.Minute
	refusedRetry = 30 * time.Minute // a provider locks who tries a wrong password again and again
)

// hold keeps an account connected until ctx ends.
func (s *Accounts) hold(ctx context.Context, a Account) {
	for failures := 0; ctx.Err() == nil; {
		began := time.Now()
		err := s.session(ctx, &a)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			failures = 0
		}
		failures++
		state, told := stateOf(err)
		wait := min(longestRetry, firstRetry<<min(failures-1, 10))
		if state == Login || state == Consent || state == Key {
			wait = refusedRetry
		}
		if state != Away || failures > 1 { // a connection may break at any time
			s.become(ctx, &a, state, told)
		}
		s.log.Info("mailbox elsewhere", "account", a.ID, "server", a.IMAP, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
}

func (s *Accounts) session(ctx context.Context, a *Account) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	secret, err := s.secretOf(ctx, *a)
	if err != nil {
		return err
	}
	c := &session{Accounts: s, account: a, heard: make(chan struct{}, 1), past: map[string][]uint32{}}
	c.client, err = s.connect(ctx, *a, secret, func() {
		select {
		case c.heard <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer c.client.Close()
	caps := c.client.Caps()
	c.idle, c.modseqs = caps.Has(imap.CapIdle), caps.Has(imap.CapCondStore)
	if err := c.list(ctx); err != nil {
		return err
	}
	changed, stop := s.box.Watch(a.Mailbox)
	defer stop()
	s.become(ctx, a, Works, "")
	for {
		more, err := c.pass(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		if err := c.wait(ctx, changed); err != nil {
			return err
		}
	}
}

// settle is how long changes here are let come together before they are done there.
const settle = 300 * time.Millisecond

// wait returns when something changed here or there, or it is time to look.
func (c *session) wait(ctx context.Context, changed <-chan struct{}) error {
	every := c.config.PollEvery
	stop := func() error { return nil }
	if inbox := c.inbox(); c.idle && inbox != nil {
		if _, err := c.client.Select(inbox.Name, c.selecting()).Wait(); err != nil {
			return err
		}
		idle, err := c.client.Idle()
		if err != nil {
			return err
		}
		stop = func() error { return errors.Join(idle.Close(), idle.Wait()) }
	} else {
		every = min(every, 10*time.Second)
	}
	over := time.NewTimer(every)
	defer over.Stop()
	select {
	case <-c.heard:
	case <-changed:
		time.Sleep(settle)
	case <-over.C:
	case <-c.client.Closed():
		return errors.New("the server closed the connection")
	case <-ctx.Done():
		return ctx.Err()
	}
	return stop()
}
