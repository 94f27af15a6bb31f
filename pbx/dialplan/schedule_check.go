package dialplan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/input"
)

const (
	maxSpans    = 50
	maxHolidays = 400
)

// Check brings a schedule into its form. Errors: *input.Invalid.
func (s *Schedule) Check() error {
	s.Name, s.Zone = strings.TrimSpace(s.Name), strings.TrimSpace(s.Zone)
	if s.Name == "" || len(s.Name) > 100 {
		return input.Refuse("name", "give the hours a name of at most 100 characters")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		return input.Refuse("zone", "%q is no time zone: choose one such as Europe/Bucharest", s.Zone)
	}
	if err := s.checkHours(); err != nil {
		return err
	}
	return s.checkHolidays()
}

func (s *Schedule) checkHours() error {
	if len(s.Hours) == 0 || len(s.Hours) > maxSpans {
		return input.Refuse("hours",
			"add the hours in which somebody works, such as mon to fri from 09:00 to 18:00; at most %d",
			maxSpans)
	}
	var taken []interval
	for i, h := range s.Hours {
		field := fmt.Sprintf("hours[%d]", i)
		if len(h.Days) == 0 {
			return input.Refuse(field+".days", "choose at least one day")
		}
		if err := h.check(field); err != nil {
			return err
		}
		for _, d := range h.Days {
			at := slices.Index(weekdays[:], d)
			if at < 0 {
				return input.Refuse(field+".days", "%q is no day: write mon, tue, wed, thu, fri, sat or sun", d)
			}
			taken = append(taken, h.at(at, field)...)
		}
	}
	return apart(taken)
}

func (s *Schedule) checkHolidays() error {
	if s.Holidays == nil {
		s.Holidays = []Holiday{}
	}
	if len(s.Holidays) > maxHolidays {
		return input.Refuse("holidays", "at most %d days", maxHolidays)
	}
	dates := map[string]bool{}
	for i := range s.Holidays {
		h, field := &s.Holidays[i], fmt.Sprintf("holidays[%d]", i)
		if h.Name = strings.TrimSpace(h.Name); h.Name == "" || len(h.Name) > 100 {
			return input.Refuse(field+".name", "give the day a name of at most 100 characters")
		}
		if dates[h.Date] {
			return input.Refuse(field+".date", "%s is there twice", h.Date)
		}
		dates[h.Date] = true
		if err := h.check(field); err != nil {
			return err
		}
	}
	return nil
}

func (h *Holiday) check(field string) error {
	if h.Hours == nil {
		h.Hours = []Span{}
	}
	if _, err := time.Parse(time.DateOnly, h.Date); err != nil {
		if _, err := time.Parse(time.DateOnly, "2024-"+h.Date); err != nil { // a leap year has all dates
			return input.Refuse(field+".date", "%q is no date: write 2026-12-24, or 12-24 for every year", h.Date)
		}
	}
	if len(h.Hours) > maxSpans {
		return input.Refuse(field+".hours", "at most %d", maxSpans)
	}
	var taken []interval
	for i, span := range h.Hours {
		field := fmt.Sprintf("%s.hours[%d]", field, i)
		if err := span.check(field); err != nil {
			return err
		}
		taken = append(taken, span.at(0, field)...)
	}
	return apart(taken)
}

func (s Span) check(field string) error {
	if m, ok := minutesOf(s.From); !ok || m == dayLength {
		return input.Refuse(field+".from", "%q is no time: write it from 00:00 to 23:59", s.From)
	}
	if _, ok := minutesOf(s.To); !ok {
		return input.Refuse(field+".to", "%q is no time: write it from 00:00 to 24:00", s.To)
	}
	if s.From == s.To {
		return input.Refuse(field+".to", "must not be when it begins; the whole day is from 00:00 to 24:00")
	}
	return nil
}

// interval is minutes of a week that a span takes.
type interval struct {
	from, to int
	field    string
}

// at is what a span takes that begins on a day of the week; what runs over the end of the week begins it.
func (s Span) at(weekday int, field string) []interval {
	const week = 7 * dayLength
	from, to, _ := s.minutes()
	from, to = from+weekday*dayLength, to+weekday*dayLength
	if to <= week {
		return []interval{{from, to, field}}
	}
	return []interval{{from, week, field}, {0, to - week, field}}
}

// apart fails where two spans have a minute in common.
func apart(taken []interval) error {
	slices.SortFunc(taken, func(a, b interval) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(taken); i++ {
		if taken[i].from < taken[i-1].to {
			return input.Refuse(taken[i].field,
				"overlaps with other hours of the same day: leave one of them out, or make one of both")
		}
	}
	return nil
}
