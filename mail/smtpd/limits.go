package smtpd

import (
	"net/netip"

	"frontdesk/guard"
)

// kept is how many networks and users a limit remembers.
const kept = 50_000

// limits count what each network and user does on this node.
type limits struct {
	connections *guard.Counter[netip.Prefix]
	mails       *guard.Rates[netip.Prefix]
	recipients  *guard.Rates[string] // of a user's mails
}

func newLimits(l Limits) *limits {
	return &limits{
		connections: guard.NewCounter[netip.Prefix](-1, l.PerIP),
		mails:       guard.NewRates[netip.Prefix](guard.PerMinute(l.MailPerMinute), kept),
		recipients:  guard.NewRates[string](guard.PerMinute(l.UserPerMinute), kept),
	}
}
