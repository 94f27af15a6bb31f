// Package events tells phones what they asked to be told (RFC 6665): who of the colleagues is rung or talks, for the
// lamps beside their keys (RFC 4235), whether there are new voice messages (RFC 3842), and who is there (RFC 3856).
//
// A subscription lives at the node that the phone subscribed at. What changes on any node reaches all of them as a
// hint; what is told is asked for then.
package events

import (
	"context"
	"net/netip"

	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
)

// Engaged hints that a user takes part in calls otherwise than before. It does not block.
func (n *Notifier) Engaged(user string) {
	for _, s := range n.table.ofUser(user) {
		if s.event.name != "message-summary" {
			s.poke()
		}
	}
}

// Parked hints that other calls are parked than before. It does not block.
func (n *Notifier) Parked() {
	for _, s := range n.table.all() {
		if s.watched().slot > 0 {
			s.poke()
		}
	}
}

// Messages hints that a user has other voice messages than before: his phones that asked are told, and those that are
// set to be told unasked.
func (n *Notifier) Messages(user string) {
	for _, s := range n.table.ofUser(user) {
		if s.event.name == "message-summary" {
			s.poke()
		}
	}
	n.cfg.Spawn(func() { n.tellUnasked(user) })
}

// Missed hints that any of it may have changed: hints were lost.
func (n *Notifier) Missed() {
	for _, s := range n.table.all() {
		s.poke()
	}
}

// PlanChanged ends the subscriptions of phones whose account is gone or has another password, and has what an extension
// stands for found anew.
func (n *Notifier) PlanChanged(ctx context.Context) error {
	if n.table.count() == 0 {
		return nil
	}
	devices, err := n.dir.Devices(ctx, "")
	if err != nil {
		return err
	}
	known := map[string]directory.Device{}
	for _, d := range devices {
		known[d.ID] = d
	}
	for _, s := range n.table.all() {
		now, there := known[s.device.ID]
		if !there || now.Off || now.Login() != s.device.Login() || now.User != s.device.User {
			s.end("rejected")
			continue
		}
		at, err := n.find(ctx, now, s.event, s.resource)
		if err != nil {
			s.end("noresource")
			continue
		}
		n.table.move(s, at)
		s.poke()
	}
	return nil
}

// Close ends all subscriptions, and has the phones subscribe anew, at another node.
func (n *Notifier) Close() {
	for _, s := range n.table.close() {
		s.end("deactivated")
	}
}

// Lost forgets the subscriptions of a phone that closed its connection.
func (n *Notifier) Lost(at edge.Place) {
	if at.At == (netip.AddrPort{}) || n.table.count() == 0 {
		return
	}
	for _, s := range n.table.all() {
		if s.from == at {
			s.forget()
		}
	}
}
