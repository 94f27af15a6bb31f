package events

import (
	"context"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
)

// Phones are told outside of any subscription, too: by the node that they registered at. Each that is set so hears of
// voice messages, and any is asked to fetch its settings anew.

// tellUnasked tells the phones of a user that want no subscription how many messages there are.
func (n *Notifier) tellUnasked(user string) {
	ctx, cancel := context.WithTimeout(n.cfg.Life, 5*time.Second)
	defer cancel()
	devices, err := n.dir.Devices(ctx, user)
	for _, d := range devices {
		if d.MWI == directory.MWIUnsolicited && !d.Off {
			n.tellMessages(ctx, d)
		}
	}
	if err != nil {
		n.Log.Warn("sip: phones are not told of messages", "err", err)
	}
}

// Registered tells a phone that has come, and wants no subscription, how many messages there are.
func (n *Notifier) Registered(d directory.Device) {
	if d.MWI != directory.MWIUnsolicited {
		return
	}
	n.cfg.Spawn(func() {
		ctx, cancel := context.WithTimeout(n.cfg.Life, 5*time.Second)
		defer cancel()
		n.tellMessages(ctx, d)
	})
}

func (n *Notifier) tellMessages(ctx context.Context, d directory.Device) {
	count, err := n.house.Waiting(ctx, d.User)
	if err == nil {
		err = n.tellDevice(ctx, d, "message-summary", "application/simple-message-summary",
			summaryOf(count, n.uri(d.Username)))
	}
	if err != nil {
		n.Log.Warn("sip: a phone is not told of messages", "device", d.ID, "err", err)
	}
}

// Resync asks a phone that is registered at this node to fetch its settings anew.
func (n *Notifier) Resync(ctx context.Context, device string) error {
	d, err := n.dir.Device(ctx, device)
	if err != nil {
		return err
	}
	return n.tellDevice(ctx, d, "check-sync;reboot=false", "", nil)
}

// tellDevice sends a NOTIFY to wherever a phone is registered at this node; it does not wait for the answers.
func (n *Notifier) tellDevice(ctx context.Context, d directory.Device, event, contentType string, body []byte) error {
	places, err := n.dir.Bindings(ctx, d.ID, time.Now())
	if err != nil {
		return err
	}
	for _, b := range places {
		if b.Node != n.cfg.Node || !n.trunks.Reachable(&b) {
			continue
		}
		way, err := n.trunks.Along(b)
		if err != nil {
			return err
		}
		n.cfg.Spawn(func() { n.send(way, d, event, contentType, body) })
	}
	return nil
}

func (n *Notifier) send(way stack.Way, d directory.Device, event, contentType string, body []byte) {
	ctx, cancel := context.WithTimeout(n.cfg.Ctx, stack.Final)
	defer cancel()
	us := stack.Party{URI: proto.Uri{Scheme: "sip", User: stack.Escape(d.Username), Host: n.cfg.Realm}}
	req := n.Outside(proto.NOTIFY, way, us, stack.Party{URI: us.URI}, uuid.NewString(), 1)
	req.AppendHeader(proto.NewHeader("Event", event))
	req.AppendHeader(proto.NewHeader("Subscription-State", "terminated;reason=noresource"))
	req.AppendHeader(n.Contact("sip", "", way.Transport, way.Hop()))
	if len(body) > 0 {
		req.AppendHeader(proto.NewHeader("Content-Type", contentType))
		req.SetBody(body)
	}
	if _, err := n.Once(ctx, req); err != nil {
		n.Log.Info("sip: a phone is not told", "device", d.ID, "event", event, "err", err)
	}
}
