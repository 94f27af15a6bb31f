package report

import (
	"time"

	"frontdesk/store/query"
)

// By is what calls are counted by.
type By string

const (
	ByDay      By = "day"
	ByHour     By = "hour"      // of the day
	ByUser     By = "user"      // who spoke, or was rung by a call that nobody took
	ByGroup    By = "group"     // hunt groups and queues that a call came through
	ByNumber   By = "number"    // of ours
	ByResult   By = "result"    // see Disposition
	ByNextStep By = "next_step" // see Disposition
)

// Query chooses the calls of a report. The zero value of each field but the times chooses all.
type Query struct {
	By     By
	From   time.Time // the first moment …
	Until  time.Time // … and the one after the last
	Zone   *time.Location
	Within time.Duration // a call that is answered so soon is answered in time
	Number string        // of ours, in E.164
	Group  string        // id of a hunt group or queue
	User   string        // id: who spoke or was rung

	// People selects the ids of the users whose calls are seen; nil: all calls are.
	People func(*query.Builder)
}

// Longest is the longest time that a report is of.
const Longest = 400 * 24 * time.Hour

// Sums of some calls. Times are in seconds.
type Sums struct {
	In        int64 `json:"in" doc:"Calls to us that are over"`
	Answered  int64 `json:"answered" doc:"Calls to us that a person took"`
	InTime    int64 `json:"in_time" doc:"Of those, how many were answered within the time asked for"`
	Missed    int64 `json:"missed" doc:"Calls to us that nobody took"`
	Left      int64 `json:"left" doc:"Of those, how many callers nobody called back since, nor spoke with when they called again; those who withhold their number don't count"`
	Waited    int64 `json:"waited" doc:"Seconds that those waited who were answered, together"`
	Abandoned int64 `json:"abandoned" doc:"Seconds that the others waited, together"`
	Talked    int64 `json:"talked" doc:"Seconds that we spoke in calls to us, together"`
	Out       int64 `json:"out" doc:"Calls of ours to the outside"`
	Reached   int64 `json:"reached" doc:"Of those, how many were answered"`
	OutTalked int64 `json:"out_talked" doc:"Seconds that we spoke in those"`
}

func (s *Sums) fields() []any {
	return []any{&s.In, &s.Answered, &s.InTime, &s.Missed, &s.Left, &s.Waited, &s.Abandoned, &s.Talked, &s.Out,
		&s.Reached, &s.OutTalked}
}

func (s *Sums) add(other Sums) {
	to := s.fields()
	for i, n := range other.fields() {
		*to[i].(*int64) += *n.(*int64)
	}
}

// Row is the sums of the calls that have something in common.
type Row struct {
	Key string `json:"key" doc:"A date, an hour (09), an id, a number, or a text; empty: of the calls that have none"`
	Sums
}

// Report is what the calls of a time came to.
type Report struct {
	Total Sums  `json:"total"`
	Days  []Row `json:"days" doc:"Each day of the time, in order"`
	Hours []Row `json:"hours" doc:"The 24 hours of the day"`
	Rows  []Row `json:"rows" doc:"By what was asked for, those with most calls first; days and hours in their order"`
}
