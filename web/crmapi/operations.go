package crmapi

import (
	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/exporting"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/lists"
	"frontdesk/crmcore/offer"
	"frontdesk/guard"
	"frontdesk/intake/person"
	"frontdesk/store"
)

// Operations are the operations on clients, deals, their timelines and the rules.
type Operations struct {
	db         *store.DB
	core       *crmcore.Core
	automation *automation.Automation
	lists      *lists.Lists
	imports    *importing.Importing
	calling    *calling.Lists
	exports    *exporting.Exporting
	persons    *person.Persons
	offers     *offer.Offers
	region     string               // ISO 3166 country of national numbers
	asked      *guard.Rates[string] // who has a number or mailbox, by user
}
