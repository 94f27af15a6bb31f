package pbxapi

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/web/api"
)

// ScheduleInput is when the company works.
type ScheduleInput struct {
	Name     string                  `json:"name" minLength:"1" maxLength:"100"`
	Zone     string                  `json:"zone" maxLength:"60" doc:"Of the IANA database: Europe/Bucharest"`
	Hours    []dialplan.WorkingHours `json:"hours" minItems:"1" maxItems:"50"`
	Holidays []HolidayInput          `json:"holidays,omitempty" maxItems:"400"`
}

// HolidayInput is a date with hours of its own.
type HolidayInput struct {
	Name  string          `json:"name" minLength:"1" maxLength:"100"`
	Date  string          `json:"date" maxLength:"10" doc:"2026-12-24, or 12-24 for every year"`
	Hours []dialplan.Span `json:"hours,omitempty" maxItems:"50" doc:"Left out: closed all day"`
}

func (in ScheduleInput) schedule(id string) dialplan.Schedule {
	s := dialplan.Schedule{ID: id, Name: in.Name, Zone: in.Zone, Hours: in.Hours}
	for _, h := range in.Holidays {
		s.Holidays = append(s.Holidays, dialplan.Holiday(h))
	}
	return s
}

type (
	scheduleCreate struct{ Body ScheduleInput }
	schedulePut    struct {
		api.ByID
		Body ScheduleInput
	}
)

func (o *Operations) listSchedules(ctx context.Context, _ *api.None) (api.Page[dialplan.Schedule], error) {
	return api.List(o.directory.Schedules(ctx))
}

func (o *Operations) createSchedule(ctx context.Context, in *scheduleCreate) (dialplan.Schedule, error) {
	s := in.Body.schedule("")
	err := o.directory.SaveSchedule(ctx, &s)
	return s, err
}

func (o *Operations) putSchedule(ctx context.Context, in *schedulePut) (dialplan.Schedule, error) {
	s := in.Body.schedule(in.ID)
	err := o.directory.SaveSchedule(ctx, &s)
	return s, err
}

func (o *Operations) deleteSchedule(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteSchedule(ctx, in.ID)
}
