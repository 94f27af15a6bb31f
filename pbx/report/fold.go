package report

import (
	"fmt"
	"strconv"
	"time"
)

// fold makes the sums of days and hours, by the clock on the wall, of those of slots.
func (q Query) fold(slots []Row) Report {
	r := Report{Days: []Row{}, Hours: make([]Row, 24)}
	for hour := range r.Hours {
		r.Hours[hour].Key = fmt.Sprintf("%02d", hour)
	}
	days := map[string]int{}
	local := q.From.In(q.Zone)
	for day := local; day.Before(q.Until); day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, q.Zone) {
		key := day.Format(time.DateOnly)
		days[key] = len(r.Days)
		r.Days = append(r.Days, Row{Key: key})
	}
	for _, s := range slots {
		n, _ := strconv.ParseInt(s.Key, 10, 64)
		at := time.Unix(n*slot, 0).In(q.Zone)
		r.Total.add(s.Sums)
		r.Hours[at.Hour()].add(s.Sums)
		if day, known := days[at.Format(time.DateOnly)]; known {
			r.Days[day].add(s.Sums)
		}
	}
	return r
}
