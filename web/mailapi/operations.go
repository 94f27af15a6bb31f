package mailapi

import (
	"frontdesk/crmcore"
	"frontdesk/crmcore/offer"
	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/bounce"
	"frontdesk/mail/carbon"
	"frontdesk/mail/compose"
	"frontdesk/mail/desk"
	"frontdesk/mail/domain"
	"frontdesk/mail/exclusion"
	"frontdesk/mail/greylist"
	"frontdesk/mail/limit"
	"frontdesk/mail/passwords"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/queue"
	"frontdesk/mail/relay"
	"frontdesk/mail/remote"
	"frontdesk/mail/reports"
	"frontdesk/mail/rules"
	"frontdesk/mail/tally"
	"frontdesk/mail/team"
)

// Deps are the rooms below the operations.
type Deps struct {
	Box       *mail.Box
	Queue     *queue.Queue
	Domains   *domain.Checker
	Passwords *passwords.Passwords
	Hosts     *relay.Hosts
	Limits    *limit.Limits
	Dead      *bounce.List

	Quarantine *quarantine.Keeper
	Greylist   *greylist.List
	Carbon     *carbon.Book
	Exclusions *exclusion.List
	Reports    *reports.Book
	Telling    *tally.Reporter
	Scanner    bool // mail is scanned for viruses

	Desk      *desk.Desk
	Team      *team.Team
	Kit       *compose.Kit
	Rules     *rules.Sorter
	Elsewhere *remote.Accounts
	Core      *crmcore.Core
	Offers    *offer.Offers
	Ends      func(user string) // ends the sessions of a user's mail programs, on all nodes
	Demo      bool
}

// Operations are the operations on mail, mailboxes and mail domains.
type Operations struct {
	box       *mail.Box
	queue     *queue.Queue
	domains   *domain.Checker
	passwords *passwords.Passwords
	hosts     *relay.Hosts
	limits    *limit.Limits
	dead      *bounce.List
	stopped   *quarantine.Keeper
	greylist  *greylist.List
	carbon    *carbon.Book

	exclusions *exclusion.List
	reports    *reports.Book
	telling    *tally.Reporter

	scanner bool
	desk    *desk.Desk
	team    *team.Team
	kit     *compose.Kit
	rules   *rules.Sorter
	remote  *remote.Accounts
	core    *crmcore.Core
	offers  *offer.Offers
	ends    func(user string)
	demo    bool
	maxMail int64                  // bytes of a mail
	parcels *guard.Counter[string] // mails with files on their way in
}
