package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"frontdesk/guard"
	"frontdesk/store"
)

// join takes this node's place among those of the company.
func (n *node) join(ctx context.Context) (err error) {
	n.members, err = store.JoinMembers(ctx, n.db,
		store.MembersConfig{Node: n.config.Node, Address: cmp.Or(n.config.HTTP.URL, n.config.HTTP.Listen)}, n.log)
	if err != nil {
		return err
	}
	n.onClose(n.members.Close)
	return nil
}

// appear clears up after an earlier life of this node, and from then on follows the lives of others.
func (n *node) appear(ctx context.Context) error {
	n.bus.OnMissed(n.missedHints)
	for subject, take := range map[string]func(string, []byte){failedSubject: n.onFailedLogin,
		rightSubject: n.onRightLogin} {
		stop, err := n.bus.Subscribe(subject, take)
		if err != nil {
			return err
		}
		n.onClose(stop)
	}
	if n.phones != nil {
		if err := n.members.Announce(ctx, n.phones.Cluster()); err != nil {
			return err
		}
	}
	hooks := store.MembersHooks{Recover: n.recoverFrom, Left: func(gone store.Member) { n.hub.NodeGone(gone.ID) }}
	if err := n.members.Start(ctx, hooks); err != nil {
		return err
	}
	return n.checkBus()
}

// checkBus refuses to be one of several nodes that can't talk to each other.
func (n *node) checkBus() error {
	if others := n.members.Others(); n.config.Bus == "" && len(others) > 0 {
		return fmt.Errorf("node %q runs on this database already: several nodes need one bus, set the key bus to the "+
			"same nats://… on all", others[0].ID)
	}
	return nil
}

// recoverFrom ends what a dead node left open: its calls are written down as cut off, its tabs are gone, what it was
// sending is sent by others.
func (n *node) recoverFrom(ctx context.Context, dead store.Member) error {
	return errors.Join(
		n.exchange.Recover(ctx, dead.ID, dead.Epoch),
		n.hub.Recover(ctx, dead.ID, dead.Epoch),
		n.queue.Recover(ctx, dead.ID, dead.Epoch),
	)
}

// missedHints reads anew what hints may have been lost about.
func (n *node) missedHints() {
	n.dialPlanChanged()
	n.tellDisturbed()
	n.box.NotifyAll()
	n.filter.Notify()
	n.hub.Resync()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := n.hub.Reload(ctx); err != nil {
		n.log.Error("presence after the bus was away", "err", err)
	}
	if n.phones != nil {
		n.phones.Events().Missed()
	}
}

// aliveNode tells whether another node runs.
func (n *node) aliveNode(id string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	runs, err := n.members.Runs(ctx, id)
	if err != nil {
		n.log.Warn("whether a node runs is not known", "node", id, "err", err)
	}
	return runs
}

// ownsTrunk tells whether this node is the one to register at a trunk. One that drains leaves it to another.
func (n *node) ownsTrunk(ctx context.Context, trunk string) (bool, error) {
	lease := "trunk:" + trunk
	if n.members.Self().State != store.MemberUp {
		return false, n.members.Release(ctx, lease)
	}
	holder, err := n.members.Hold(ctx, lease)
	return holder == n.config.Node, err
}

// nodeAt is where another node is reached over SIP.
func (n *node) nodeAt(name string) (string, bool) {
	other, ok := n.members.Find(name)
	return other.SIP, ok
}

// failedLogin is a wrong password, told to the other nodes so that a guesser gets no more tries by asking all of them.
type failedLogin struct {
	Node  string     `json:"node"`
	Door  string     `json:"door"`
	From  netip.Addr `json:"from"`
	Login string     `json:"login,omitempty"` // where the door counts by it
}

const (
	failedSubject = "login.failed"
	// the first right password for an account from a network; of another name, so that older nodes don't count it as
	// wrong
	rightSubject = "login.right"
)

// Doors of a failedLogin.
const (
	sipDoor  = "sip"
	userDoor = "http" // and SMTP and IMAP: the doors that take people's passwords count together
)

// loginTold tells the other nodes what a door's guard has to say.
func (n *node) loginTold(door string) func(guard.Outcome) {
	return func(o guard.Outcome) {
		subject := failedSubject
		if o.Right {
			subject = rightSubject
		}
		n.hint(subject, failedLogin{n.config.Node, door, o.From, o.Account})
	}
}

func (n *node) onFailedLogin(_ string, data []byte) { n.loginElsewhere(data, false) }
func (n *node) onRightLogin(_ string, data []byte)  { n.loginElsewhere(data, true) }

func (n *node) loginElsewhere(data []byte, right bool) {
	var f failedLogin
	if err := json.Unmarshal(data, &f); err != nil || f.Node == n.config.Node || !f.From.IsValid() {
		return
	}
	o := guard.Outcome{From: f.From, Account: f.Login, Right: right}
	switch {
	case f.Door != sipDoor:
		n.logins.Elsewhere(o)
	case n.phones != nil:
		n.phones.Elsewhere(o)
	}
}

// moveAway sends browsers, mail programs and mail servers to the other nodes, where there are any: once whoever stands
// in front has seen that this one takes no more.
func (n *node) moveAway() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := n.members.Drain(ctx); err != nil {
		n.log.Warn("the other nodes are not told that this one drains", "err", err)
	}
	if len(n.members.Others()) > 0 {
		time.Sleep(n.config.DrainNotice)
		n.hub.Drain()
		n.smtp.Drain()
		n.imap.Drain()
	}
}
