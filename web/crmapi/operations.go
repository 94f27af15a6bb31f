package crmapi

import (
	"frontdesk/crmcore"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/exporting"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/lists"
	"frontdesk/crmcore/offer"
	"frontdesk/guard"
	"frontdesk/intake/person"
)

// Operations are the operations on clients, deals, their timelines and the rules.
type Operations struct {
	core    *crmcore.Core
	lists   *lists.Lists
	imports *importing.Importing
	calling *calling.Lists
	exports *exporting.Exporting
	persons *person.Persons
	offers  *offer.Offers
	region  string               // ISO 3166 country of national numbers
	asked   *guard.Rates[string] // who has a number or mailbox, by user
}
