package crmcore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
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

// newcomer is a touch of somebody unknown whom the rules want as a lead.
type newcomer struct {
	Touch
	w *written
}

// makeLeads makes the leads of unknown addresses, or finds those that other touches made at the same moment: the
// address's row in lead_address lets only one through, and the others wait for it.
func makeLeads(ctx context.Context, tx *store.Tx, all []newcomer) error {
	if len(all) == 0 {
		return nil
	}
	first, late, err := takeAddresses(ctx, tx, all)
	if err != nil {
		return err
	}
	return query.Steps(
		func() error { return settleRoutes(ctx, tx, first) },
		func() error { return insertLead(ctx, tx, leadsOf(first)...) },
		func() error { return giveActivities(ctx, tx, first) },
		func() error { return tellLeads(ctx, tx, first) },
		func() error { return takeLeads(ctx, tx, late) })
}

// takeAddresses names a lead for each address that has none. All take them in the same order, so that nobody waits in a
// circle.
func takeAddresses(ctx context.Context, tx *store.Tx, all []newcomer) (first, late []newcomer, err error) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b newcomer) int { return cmp.Compare(a.Client.Key(), b.Client.Key()) })
	taken := make([][]string, len(sorted))
	var reads []store.Read
	for i, n := range sorted {
		reads = append(reads, query.Into(query.Text, query.New(
			"INSERT INTO lead_address (address, lead) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING lead",
			n.Client.Key(), store.NewID()), &taken[i]))
	}
	if err := tx.ReadAll(ctx, reads...); err != nil {
		return nil, nil, err
	}
	for i, n := range sorted {
		if len(taken[i]) == 0 {
			late = append(late, n)
			continue
		}
		n.w.lead, n.w.links = taken[i][0], []record.Ref{record.Lead.Ref(taken[i][0])}
	}
	return slices.DeleteFunc(slices.Clone(all), func(n newcomer) bool { return n.w.lead == "" }), late, nil
}

func settleRoutes(ctx context.Context, tx *store.Tx, list []newcomer) error {
	routes := make([]*rules.Routing, len(list))
	for i, n := range list {
		routes[i] = &n.w.route
	}
	if err := rules.TakeTurns(ctx, tx, routes); err != nil {
		return err
	}
	return rules.StillHere(ctx, tx, routes)
}

func leadsOf(list []newcomer) (leads []Lead) {
	for _, n := range list {
		route := n.w.route
		leads = append(leads,
			Lead{ID: n.w.lead, Title: cmp.Or(n.Name, n.Client.Show()), Name: n.Name, Source: string(n.Channel),
				Line: n.Line, Stage: LeadNew, Rule: route.Rule, Points: []record.Point{record.PointOf(n.Client)},
				Responsible: route.User, Kept: route.Kept, Department: route.Department})
	}
	return leads
}

// giveActivities gives what waits to whose the lead is.
func giveActivities(ctx context.Context, tx *store.Tx, list []newcomer) error {
	for _, n := range list {
		if !n.Incoming || n.Channel.Policy().Rings && n.Phase == timeline.Began {
			continue
		}
		if err := tx.Later(ctx, store.Statement{Query: `UPDATE activity SET user_id = $1 WHERE id = $2 AND outcome <> 'answered'`,
			Args: []any{n.w.route.User, n.w.activity}}); err != nil {
			return err
		}
	}
	return nil
}

// tellLeads tells the leads to those whom their cards open for.
func tellLeads(ctx context.Context, tx *store.Tx, list []newcomer) error {
	active := map[string]*[]string{} // by who is asked for
	var reads []store.Read
	for _, n := range list {
		key, want, department := n.audience()
		if active[key] == nil {
			active[key] = new([]string)
			reads = append(reads, query.Into(query.Text, activeOf(want, department), active[key]))
		}
	}
	if err := tx.ReadAll(ctx, reads...); err != nil {
		return err
	}
	var events []store.Event
	for _, n := range list {
		key, want, _ := n.audience()
		w := n.w
		events = append(events, store.Event{Type: LeadCreated, Key: w.lead,
			Record: store.EventRecord{Kind: string(record.Lead), ID: w.lead}, For: those(want, *active[key]),
			Data: NewLead{w.lead, w.activity, n.Channel, n.Client.Value, cmp.Or(n.Name, n.Client.Show()), w.route.User,
				w.route.Rule}})
	}
	return tx.Tell(ctx, events...)
}

// audience is for whom a lead may be, as far as they are active, and the department that has it while nobody has.
func (n newcomer) audience() (key string, want []string, department string) {
	if n.w.route.User == "" {
		department = n.w.route.Department
	}
	want = append([]string{n.w.route.User}, n.Users...)
	return strings.Join(append([]string{department}, want...), "\n"), want, department
}

// takeLeads finds the leads of addresses that have one.
func takeLeads(ctx context.Context, tx *store.Tx, list []newcomer) error {
	for _, n := range list {
		known, err := query.One(ctx, tx, func(r store.Row) (l Lead, err error) {
			return l, r.Scan(&l.ID, &l.Responsible, &l.Kept, &l.Department, &l.Rule)
		},
			query.New(`SELECT l.id, l.responsible, l.kept, l.department, l.rule FROM lead_address a JOIN lead l ON l.id = a.lead WHERE a.address = ?`, n.Client.Key()))
		if err != nil {
			return fmt.Errorf("lead of %s: %w", n.Client.Key(), err)
		}
		n.w.links = []record.Ref{record.Lead.Ref(known.ID)}
		route := &n.w.route
		route.User, route.Kept, route.Department, route.Rule = known.Responsible, known.Kept, known.Department,
			known.Rule
	}
	return nil
}
