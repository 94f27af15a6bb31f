package main

import (
	"context"
	"time"

	"frontdesk/pbx/ledger"
	"frontdesk/pbx/voicemail"
	"frontdesk/sip/events"
	"frontdesk/store"
)

// voicemailSubject is where nodes hear that a box has other messages than before.
const voicemailSubject = "voicemail.changed"

// followLamps has phones told what they subscribe to, whichever node it happens at.
func (n *node) followLamps() error {
	n.voicemail.AtChange(func(box string) {
		n.hint(voicemailSubject, box)
		n.hub.Changed("voicemail")
	})
	if n.phones == nil {
		return nil
	}
	told := n.phones.Events()
	told.Follow(events.House{Engaged: n.hub.Engaged, Waiting: n.messagesOf, There: n.there,
		Parked: func(ctx context.Context) ([]ledger.ParkedCall, error) {
			return n.exchange.Parked(store.As(ctx, store.Screens, ""))
		}})
	n.hub.AtPresence(told.Engaged)
	for subject, take := range map[string]func(string, []byte){
		voicemailSubject: func(_ string, data []byte) { n.boxChanged(text(data)) },
		parkedSubject:    func(string, []byte) { told.Parked() },
		resyncSubject:    func(_ string, data []byte) { n.resync(text(data)) },
	} {
		stop, err := n.bus.Subscribe(subject, take)
		if err != nil {
			return err
		}
		n.onClose(stop)
	}
	return nil
}

// messagesOf counts the messages in the boxes of a user.
func (n *node) messagesOf(ctx context.Context, user string) (voicemail.Count, error) {
	ctx = store.As(ctx, store.Screens, "")
	plan, err := n.directory.Plan(ctx)
	if err != nil {
		return voicemail.Count{}, err
	}
	return n.voicemail.Count(ctx, plan.BoxesOf(user))
}

// there tells whether a user is reached by a browser or a phone.
func (n *node) there(ctx context.Context, user string) (bool, error) {
	if n.hub.Online(user) {
		return true, nil
	}
	return n.directory.Rings(store.As(ctx, store.Screens, ""), user, time.Now())
}

// boxChanged tells the phones of those whose box it is.
func (n *node) boxChanged(box string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	plan, err := n.directory.Plan(ctx)
	if err != nil {
		n.log.Warn("phones are not told of messages", "err", err)
		return
	}
	for _, user := range plan.UsersOfBox(box) {
		n.phones.Events().Messages(user)
	}
}

// parkedSubject is where nodes hear that other calls may be fetched than before; resyncSubject is where they hear
// that a phone shall fetch its settings anew.
const (
	parkedSubject = "calls.waiting"
	resyncSubject = "phone.resync"
)

// resync asks a phone, where it is registered at this node, to fetch its settings anew.
func (n *node) resync(device string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := n.phones.Events().Resync(ctx, device); err != nil {
		n.log.Warn("a phone is not asked to fetch its settings", "device", device, "err", err)
	}
}

// callsWait tells screens and phones that other calls may be fetched than before.
func (n *node) callsWait() {
	n.hub.Changed("waiting")
	n.hint(parkedSubject, "")
}
