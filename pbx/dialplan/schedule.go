package dialplan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule is when the company works: the hours of a week, and the days that differ.
type Schedule struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Zone     string         `json:"zone" doc:"Of the IANA database: Europe/Bucharest"`
	Hours    []WorkingHours `json:"hours"`
	Holidays []Holiday      `json:"holidays"`

	location *time.Location // of Zone; nil: not looked up yet
}

// Span is a part of a day by the clock on the wall. What ends before it begins ends on the next day.
type Span struct {
	From string `json:"from" doc:"09:00"`
	To   string `json:"to" doc:"18:00; before from: on the next day; 24:00: the end of the day"`
}

// WorkingHours are a span on some days of the week.
type WorkingHours struct {
	Days []string `json:"days" doc:"Of mon, tue, wed, thu, fri, sat, sun"`
	Span
}

// Holiday is a date with hours of its own.
type Holiday struct {
	Name  string `json:"name"`
	Date  string `json:"date" doc:"2026-12-24, or 12-24 for every year"`
	Hours []Span `json:"hours" doc:"None: closed all day"`
}

// dayLength is that of a day in minutes by the clock on the wall, whatever clocks do that day.
const dayLength = 24 * 60

// weekdays by time.Weekday.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Open tells whether somebody works at a moment, and which holiday it is on, "" for none. A span belongs to the day
// that it begins on; one that runs over midnight ends there where the next day is a holiday.
func (s *Schedule) Open(at time.Time) (open bool, holiday string) {
	local := at.In(s.zone())
	year, month, date := local.Date()
	now := local.Hour()*60 + local.Minute()
	spans, today := s.on(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
	if today != nil {
		return covers(spans, now), today.Name
	}
	before, _ := s.on(time.Date(year, month, date-1, 0, 0, 0, 0, time.UTC))
	return covers(spans, now) || covers(before, now+dayLength), ""
}

// zone is UTC where Zone is none, which is never saved.
func (s *Schedule) zone() *time.Location {
	if s.location != nil {
		return s.location
	}
	location, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return location
}

// on are the spans that begin on a date, and the holiday that it is.
func (s *Schedule) on(date time.Time) (spans []Span, holiday *Holiday) {
	for _, form := range []string{time.DateOnly, yearly} { // what is of this year alone comes first
		text := date.Format(form)
		if at := slices.IndexFunc(s.Holidays, func(h Holiday) bool { return h.Date == text }); at >= 0 {
			return s.Holidays[at].Hours, &s.Holidays[at]
		}
	}
	for _, h := range s.Hours {
		if slices.Contains(h.Days, weekdays[date.Weekday()]) {
			spans = append(spans, h.Span)
		}
	}
	return spans, nil
}

// yearly is the form of a date of every year.
const yearly = "01-02"

// covers tells whether a minute is in one of the spans; it is counted from the midnight before they begin.
func covers(spans []Span, minute int) bool {
	return slices.ContainsFunc(spans, func(s Span) bool {
		from, to, ok := s.minutes()
		return ok && from <= minute && minute < to
	})
}

// minutes of a span from midnight on; to is after from.
func (s Span) minutes() (from, to int, ok bool) {
	from, ok1 := minutesOf(s.From)
	to, ok2 := minutesOf(s.To)
	if to <= from {
		to += dayLength
	}
	return from, to, ok1 && ok2 && from < dayLength
}

// minutesOf reads "09:00", at most "24:00".
func minutesOf(text string) (minutes int, ok bool) {
	hour, minute, found := strings.Cut(text, ":")
	if !found || !Digits(hour, 2, 2) || !Digits(minute, 2, 2) {
		return 0, false
	}
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*60 + m, m < 60 && h*60+m <= dayLength
}

// Why says for a trace what decided at a moment.
func (s *Schedule) Why(open bool, holiday string) string {
	switch {
	case holiday != "" && open:
		return "within the hours of a holiday: " + holiday
	case holiday != "":
		return "holiday: " + holiday
	case open:
		return "within working hours (" + s.text() + ")"
	}
	return "outside working hours (" + s.text() + ")"
}

// text is a schedule for people: "Mon-Fri 09:00-18:00, Europe/Bucharest".
func (s *Schedule) text() string {
	var parts []string
	for _, h := range s.Hours {
		parts = append(parts, fmt.Sprintf("%s %s-%s", daysText(h.Days), h.From, h.To))
	}
	return strings.Join(append(parts, s.Zone), ", ")
}

// daysText puts days that follow each other together: "Mon-Fri", "Mon, Wed".
func daysText(days []string) string {
	at := func(d string) int { return (slices.Index(weekdays[:], d) + 6) % 7 } // Monday first
	sorted := slices.SortedFunc(slices.Values(days), func(a, b string) int { return cmp.Compare(at(a), at(b)) })
	var parts []string
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && at(sorted[n]) == at(sorted[0])+n {
			n++
		}
		part := titled(sorted[0])
		if n > 2 {
			part += "-" + titled(sorted[n-1])
		} else if n == 2 {
			part += ", " + titled(sorted[1])
		}
		parts, sorted = append(parts, part), sorted[n:]
	}
	return strings.Join(parts, ", ")
}

func titled(day string) string {
	return strings.ToUpper(day[:min(1, len(day))]) + day[min(1, len(day)):]
}
