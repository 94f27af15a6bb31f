package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"frontdesk/bus"
	"frontdesk/cmd/frontdesk/certificate"
	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/guard/acme"
	"frontdesk/intake"
	"frontdesk/mail"
	"frontdesk/mail/bounce"
	"frontdesk/mail/carbon"
	"frontdesk/mail/desk"
	"frontdesk/mail/domain"
	"frontdesk/mail/exclusion"
	"frontdesk/mail/filter"
	"frontdesk/mail/greylist"
	"frontdesk/mail/imapd"
	"frontdesk/mail/limit"
	"frontdesk/mail/passwords"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/queue"
	"frontdesk/mail/relay"
	"frontdesk/mail/remote"
	"frontdesk/mail/reports"
	"frontdesk/mail/smtpd"
	"frontdesk/mail/tally"
	"frontdesk/media/record"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
	"frontdesk/pbx/words"
	"frontdesk/sip"
	"frontdesk/store"
	"frontdesk/web"
	"frontdesk/web/live"
	"frontdesk/webhook"
	"frontdesk/webrtc"
)

// version of the program, as the API tells it: of the commit it was built from, "devel" when it was built outside of
// the project's history.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return "devel"
}

func tellVersion(context.Context, []string) error {
	fmt.Println(version())
	return nil
}

// node is one running Frontdesk: every room, wired.
type node struct {
	*ground
	members     *store.Members
	core        *crmcore.Core
	directory   *directory.Directory
	prompts     *prompts.Prompts
	voicemail   *voicemail.Messages
	tolls       *toll.Tolls
	calling     *calling.Lists
	offers      *offer.Offers
	automation  *automation.Automation
	factors     *secondfactor.Factors
	box         *mail.Box
	bus         *bus.Bus
	jobs        *store.Jobs
	logins      *guard.Logins // wrong passwords of people, at whichever door
	intake      *intake.Intake
	hub         *live.Hub
	exchange    *pbx.Exchange
	browsers    *webrtc.Endpoint
	tabs        *webrtc.Tabs // what browsers ask for
	phones      *sip.Server  // nil when SIP is switched off
	filter      *filter.Filter
	queue       *queue.Queue
	domains     *domain.Checker
	passwords   *passwords.Passwords // of mail programs
	hosts       *relay.Hosts         // smart hosts that administrators added
	limits      *limit.Limits        // on what users send
	dead        *bounce.List         // addresses that don't exist
	quarantine  *quarantine.Keeper   // mail that was stopped
	greylist    *greylist.List       // who was asked to bring mail again
	carbon      *carbon.Book         // where users send copies to be filed
	tally       *tally.Counter       // what other domains are told
	telling     *tally.Reporter      // tells them
	exclusions  *exclusion.List      // whose mail the CRM does not hear of
	reports     *reports.Book        // what other servers report of our domains
	proof       *certificate.Proof   // what connections are shown
	ordered     *acme.Keeper         // certificates; nil where none are ordered
	seal        *guard.Seal          // keeps others' passwords, and our keys, in the database
	desk        *desk.Desk
	elsewhere   *remote.Accounts // mailboxes kept elsewhere
	smtp        *smtpd.Server
	imap        *imapd.Server
	events      *store.EventLog
	webhooks    *webhook.Webhooks
	web         *web.Server
	health      *health
	listeners   *listeners
	recordings  *recording.Recordings
	supervision *supervision.Book
	words       *words.Words
	recorder    *record.Recorder

	closers []func()       // what to end, the latest first
	serving sync.WaitGroup // of the listeners
	failed  chan error     // a listener broke
}

func (n *node) onClose(fn func()) { n.closers = append(n.closers, fn) }

// close ends everything in the reverse order of its opening.
func (n *node) close() {
	for i := len(n.closers) - 1; i >= 0; i-- {
		n.closers[i]()
	}
	n.closers = nil
	n.serving.Wait()
}

// alone tells whether this node is the one that has a lease.
func (n *node) alone(ctx context.Context, lease string) (bool, error) {
	holder, err := n.members.Hold(ctx, lease)
	return err == nil && holder == n.members.Self().ID && n.members.Self().State == store.MemberUp, err
}

// dialPlanChanged follows a change of trunks, numbers, phones … on any node.
func (n *node) dialPlanChanged() {
	n.directory.Changed()
	if n.phones != nil {
		n.phones.Reload()
	}
}

// queuesChanged tells the other nodes and the screens that callers or agents of queues changed.
func (n *node) queuesChanged() {
	n.hint(queueSubject, "")
	n.hub.Changed("queue")
}

// followDisturbed has screens show who does not want to be disturbed.
func (n *node) followDisturbed() error {
	stop, err := n.bus.Subscribe(planSubject, func(string, []byte) { n.tellDisturbed() })
	if err != nil {
		return err
	}
	n.onClose(stop)
	n.tellDisturbed()
	return nil
}

func (n *node) tellDisturbed() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	users, err := n.directory.Disturbed(store.As(ctx, store.Screens, ""))
	if err != nil {
		n.log.Warn("who does not want to be disturbed is not known", "err", err)
		return
	}
	n.hub.Disturbed(users)
}

func (n *node) hint(subject string, v any) {
	if err := n.bus.Publish(subject, v); err != nil {
		n.log.Warn("hint", "subject", subject, "err", err)
	}
}

// planSubject is where nodes hear that the dial plan changed on one of them.
const planSubject = "dialplan.changed"

// queueSubject is where nodes hear that callers or agents of queues changed.
const queueSubject = "queue.changed"
