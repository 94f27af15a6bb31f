package smtpd

import (
	"net/netip"

	"frontdesk/guard"
)

// Limits on what strangers and users can ask for. Zero: the default; negative: no limit.
type Limits struct {
	MessageBytes  int64 // 35 MiB
	Recipients    int   // of a message; 100
	Connections   int   // in all, each door; 1000
	PerIP         int   // connections of one address (IPv6: one /64) at a time; 30
	MailPerMinute int   // messages of one address; 600
	UserPerMinute int   // recipients of one user's messages; 120
}

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
