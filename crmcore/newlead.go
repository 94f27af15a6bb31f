package crmcore

import (
	"cmp"
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// LeadCreated is the event of a lead that a touch made, and its data.
const LeadCreated = "lead.created"

// NewLead is the data of LeadCreated.
type NewLead struct {
	Lead        string           `json:"lead"`
	Activity    string           `json:"activity"`
	Reason      timeline.Channel `json:"reason"`
	Address     string           `json:"address"`
	Name        string           `json:"name"`
	Responsible string           `json:"responsible"`
	Rule        string           `json:"rule"`
}

// tellLead tells the lead that a touch made to those its card opens for.
func tellLead(ctx context.Context, tx *store.Tx, t Touch, w written) error {
	department := ""
	if w.route.User == "" {
		department = w.route.Department
	}
	want := append([]string{w.route.User}, t.Users...)
	active, err := query.All(ctx, tx, query.Text, activeOf(want, department))
	if err != nil {
		return err
	}
	return tx.Tell(ctx, store.Event{Type: LeadCreated, Key: w.lead,
		Record: store.EventRecord{Kind: string(record.Lead), ID: w.lead}, For: those(want, active),
		Data: NewLead{w.lead, w.activity, t.Channel, t.Client.Value, cmp.Or(t.Name, t.Client.Show()), w.route.User,
			w.route.Rule}})
}
