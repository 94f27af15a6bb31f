package web

import (
	"frontdesk/crmcore"
	"frontdesk/guard"
)

// crmOps are the operations on clients, deals, their timelines and the rules.
type crmOps struct {
	core   *crmcore.Core
	region string               // ISO 3166 country of national numbers
	asked  *guard.Rates[string] // who has a number or mailbox, by user
}
