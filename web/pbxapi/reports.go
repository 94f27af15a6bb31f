package pbxapi

import (
	"context"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/pbx/input"
	"frontdesk/pbx/report"
	"frontdesk/store"
	"frontdesk/web/api"
)

// reportRoutes registers what calls came to, and what people say came of them.
func (o *Operations) reportRoutes(f *api.Frame) {
	api.Add(f, users("Calls", "GET /reports/calls",
		"What calls with the outside came to: of all calls, of one's department and those below it, or one's own"),
		o.callReport)
	api.Do(f, users("Calls", "PUT /calls/{id}/disposition",
		"Say what came of a call: for those who took part, and for whom sees all calls"), o.sayDisposition)
	api.Add(f, users("Calls", "GET /telephony/dispositions", "What can be said of calls"), o.dispositions)
	api.Add(f, admins("Calls", "PUT /telephony/dispositions",
		"Change what can be said of calls; what was said of some stays"), o.putDispositions)
}

type reportQuery struct {
	From   string `query:"from" required:"true" format:"date" doc:"The first day"`
	Until  string `query:"until" required:"true" format:"date" doc:"The last day"`
	Zone   string `query:"zone" default:"UTC" maxLength:"60" doc:"Of the IANA database: Europe/Bucharest; days and hours are its"`
	By     string `query:"by" default:"day" enum:"day,hour,user,group,number,result,next_step"`
	Within int    `query:"within" default:"20" minimum:"1" maximum:"3600" doc:"Seconds: a call that is answered so soon is answered in time"`
	Number string `query:"number" maxLength:"100" doc:"Only calls by this number of ours"`
	Group  string `query:"group" maxLength:"100" doc:"Only calls through this hunt group or queue"`
	User   string `query:"user" maxLength:"100" doc:"Only calls that this user took part in or was rung by"`
}

func (in *reportQuery) query() (q report.Query, err error) {
	zone, err := time.LoadLocation(in.Zone)
	if err != nil || in.Zone == "Local" {
		return q, input.Refuse("zone", "%q is no time zone: choose one such as Europe/Bucharest", in.Zone)
	}
	from, err := time.ParseInLocation(time.DateOnly, in.From, zone)
	if err != nil {
		return q, input.Refuse("from", "%q is no date: write it as 2026-12-24", in.From)
	}
	last, err := time.ParseInLocation(time.DateOnly, in.Until, zone)
	if err != nil {
		return q, input.Refuse("until", "%q is no date: write it as 2026-12-24", in.Until)
	}
	return report.Query{By: report.By(in.By), From: from, Until: last.AddDate(0, 0, 1), Zone: zone,
		Within: time.Duration(in.Within) * time.Second, Number: in.Number, Group: in.Group, User: in.User}, nil
}

func (o *Operations) callReport(ctx context.Context, in *reportQuery) (report.Report, error) {
	q, err := in.query()
	if err != nil {
		return report.Report{}, err
	}
	u := api.UserOf(ctx)
	if !u.SeesAll() {
		q.People = people.Seen(u)
	}
	q.Number = o.directory.E164(q.Number)
	return o.reports.Calls(store.As(ctx, store.Reports, u.ID), q)
}

type dispositionPut struct {
	api.ByID
	Body report.Disposition
}

func (o *Operations) sayDisposition(ctx context.Context, in *dispositionPut) error {
	if _, err := o.getCall(ctx, &in.ByID); err != nil {
		return err
	}
	return o.reports.Say(ctx, in.ID, api.UserOf(ctx).ID, in.Body)
}

func (o *Operations) dispositions(ctx context.Context, _ *api.None) (report.Choices, error) {
	return o.reports.Choices(ctx)
}

func (o *Operations) putDispositions(ctx context.Context, in *struct{ Body report.Choices }) (report.Choices, error) {
	if err := o.reports.SaveChoices(ctx, in.Body); err != nil {
		return report.Choices{}, err
	}
	return o.reports.Choices(ctx)
}
