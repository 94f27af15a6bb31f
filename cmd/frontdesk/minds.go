package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/intake"
	"frontdesk/mail"
	"frontdesk/mail/exclusion"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
)

// openMinds makes the dial plan, the mailboxes and the CRM, which say over the bus and to screens what changes.
func (n *node) openMinds(context.Context) (err error) {
	c := n.config
	if n.seal, err = c.seal(); err != nil {
		return err
	}
	n.prompts = prompts.New(prompts.Config{Speech: c.Calls.Speech}, n.db, n.blobs)
	n.voicemail = voicemail.New(n.db, n.blobs)
	n.tolls = toll.New(toll.Config{Region: c.Region, Zone: n.zone, Log: n.log}, n.db)
	n.directory = directory.New(directory.Config{Node: c.Node, Region: c.Region, Realm: c.SIP.Realm,
		Departments: func(ctx context.Context) (map[string][]string, error) { return n.core.DepartmentsOf(ctx) }}, n.db,
		func() { n.hint(planSubject, c.Node) })
	n.box = mail.New(mail.Config{Admins: n.admins, Jobs: n.jobs, Seal: n.seal,
		Changed: func(mailbox string) { n.hint("mailbox."+mailbox, mailbox) }}, n.db, n.blobs, n.log, n.metrics)
	n.core = crmcore.New(n.db, crmcore.Config{Region: c.Region, Zone: n.zone, Own: ours{n}.own,
		Lines: lines{n.box}, Meetings: intake.Invited{Directory: n.directory, DB: n.db},
		Places: []bin.Place{{Table: "calling_item", Owner: "list", Record: "record"},
			{Table: "meeting_about", Owner: "meeting", Record: "ref"}},
		KnownPasswords: c.knownPasswords},
		crmcore.Hooks{Available: n.available, Looks: n.looks,
			Changed: func(_ context.Context, ref record.Ref) { n.hub.Changed(string(ref.Kind)) }},
		n.log, n.metrics)
	n.exclusions = exclusion.New(n.db)
	n.calling = calling.New(n.db, c.Region)
	n.offers = offer.New(n.db, n.core.Zone(), n.core.Tell)
	n.factors = secondfactor.New(n.db, n.seal)
	stop, err := n.bus.Subscribe("mailbox.*", func(_ string, data []byte) { n.box.Notify(text(data)) })
	if err != nil {
		return err
	}
	n.onClose(stop)
	return nil
}

// admins are the ids of the active admins, the first of whom runs the house.
func (n *node) admins(ctx context.Context) (ids []string, err error) { return people.Admins(ctx, n.db) }

// maySupervise tells whether a user may listen in on calls of all of some users.
func (n *node) maySupervise(ctx context.Context, user string, of []string) (bool, error) {
	may, err := n.core.Supervisable(ctx, user, of)
	return err == nil && len(may) == len(of), err
}

// unwanted tells since when a number has asked not to be called, and whether a user may call it all the same.
func (n *node) unwanted(ctx context.Context, user, number string) (asked time.Time, refused bool, err error) {
	by, asked, err := n.calling.Stands(ctx, user, number)
	return asked, by == calling.Refuses, err
}

// available are the users who can take a client now: at a browser, not in a call, and willing.
func (n *node) available(_ context.Context, users []string) []string {
	var free []string
	for _, user := range users {
		if n.hub.Online(user) && !n.hub.Busy(user) && !n.hub.Quiet(user) {
			free = append(free, user)
		}
	}
	return free
}

// looks tells whether one of the users is at a browser, or somebody follows the events.
func (n *node) looks(users []string) bool {
	return n.hub.Followed() || slices.ContainsFunc(users, n.hub.Online)
}

// ours tells our own numbers and mail domains from those of clients.
type ours struct{ *node }

func (o ours) own(ctx context.Context, a address.Address) (bool, error) {
	if a.Kind == address.Email {
		_, domain, _ := strings.Cut(a.Value, "@")
		if ours, err := o.box.OursLately(ctx, domain); err != nil || ours {
			return ours, err
		}
		return o.elsewhere.Here(ctx, a.Value)
	}
	plan, err := o.directory.Plan(ctx)
	if err != nil {
		return false, err
	}
	return plan.Owns(a.Value), nil
}
