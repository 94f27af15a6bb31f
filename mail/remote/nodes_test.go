package remote

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// shift is a node's work on mailboxes elsewhere.
type shift struct {
	members *store.Members
	held    atomic.Int32 // looks that found this node to hold one
	end     func()
}

// begin has one more node work over the office's database.
func (o *office) begin(node string) *shift {
	o.t.Helper()
	log := slog.New(slog.DiscardHandler)
	members, err := store.JoinMembers(o.t.Context(), o.db, store.MembersConfig{Node: node, Beat: 20 * time.Millisecond},
		log)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := members.Start(o.t.Context(), store.MembersHooks{}); err != nil {
		o.t.Fatal(err)
	}
	s, config := &shift{members: members}, o.config
	config.Hold = func(ctx context.Context, account string) (bool, error) {
		holder, err := members.Hold(ctx, "mailbox "+account)
		if own := holder == node; own {
			s.held.Add(1)
		}
		return holder == node, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	accounts := New(config, o.box, o.db, o.blobs, log)
	go func() { accounts.Run(ctx); close(done) }()
	ended := false
	s.end = func() {
		if !ended {
			ended = true
			cancel()
			<-done
			members.Close()
		}
	}
	o.t.Cleanup(s.end)
	return s
}

// Of two nodes one keeps a mailbox connected; when it ends, the other goes on where it was: nothing twice, nothing
// lost.
func TestAnotherNodeGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newProvider(t, "")
		o, there := newOffice(t, db, nil), p.program()
		p.comes(there, "INBOX", time.Now(), letterOf("a", "First"))
		a, err := o.make(t.Context(), "u-ana", Account{Address: address, Login: address, Days: 30,
			Servers: Servers{IMAP: p.imap, IMAPTLS: Plain, SMTP: "127.0.0.1:1", SMTPTLS: Plain}}, "Ana", password)
		if err != nil {
			t.Fatal(err)
		}
		one := o.begin("one")
		inbox := func() string { return o.folder(a, "INBOX") }
		o.waits("the first node", inbox, "First")
		two := o.begin("two")
		p.comes(there, "INBOX", time.Now(), letterOf("b", "Second"))
		o.waits("beside another node", inbox, "First, Second")
		if two.held.Load() != 0 {
			t.Error("both hold the mailbox")
		}
		one.end()
		p.comes(there, "INBOX", time.Now(), letterOf("c", "Third"))
		o.waits("the second node", inbox, "First, Second, Third")
		if two.held.Load() == 0 {
			t.Error("nobody holds the mailbox")
		}
	})
}
