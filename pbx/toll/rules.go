// Package toll bounds what calls outside may come to: so that a stolen password, a phone left open or a forwarding does
// not become a bill. Whose calls they are is the payer: a user, also for what he forwards or transfers, or the trunk
// of a connected PBX.
package toll

import (
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
)

// Limits of calls outside, of one payer or over one trunk. 0: no limit.
type Limits struct {
	Together  int     `json:"together" minimum:"0" maximum:"10000" doc:"Calls at once"`
	PerMinute int     `json:"per_minute" minimum:"0" maximum:"10000" doc:"Calls begun within a minute"`
	Minutes   int     `json:"minutes" minimum:"0" maximum:"1000000" doc:"Of talk a day. A call that runs is not cut"`
	Spend     float64 `json:"spend" minimum:"0" maximum:"10000000" doc:"A day, in the currency of the rates"`
}

// Exception is the limits of one user or trunk, in place of those of all.
type Exception struct {
	ID     string `json:"id" maxLength:"40" doc:"Of the user or trunk"`
	Limits Limits `json:"limits"`
}

// Night is a part of each day in which less is allowed, by the clock of the company.
type Night struct {
	dialplan.Span
	Abroad bool   `json:"abroad" doc:"Calls to other countries are allowed"`
	Limits Limits `json:"limits" doc:"Of each user, counted from its beginning"`
}

// Rate is what a minute costs to numbers that begin alike; the longest prefix decides.
type Rate struct {
	Prefix string  `json:"prefix" maxLength:"16" doc:"+4479"`
	Price  float64 `json:"price" minimum:"0" maximum:"1000" doc:"Of a minute"`
}

// Alarm is when a payer's calls outside are stopped until an administrator allows them again.
type Alarm struct {
	Abroad  int `json:"abroad" minimum:"0" maximum:"10000" doc:"More calls to other countries within an hour, and more than three times what the busiest hour of the last 30 days had. 0: never"`
	Refused int `json:"refused" minimum:"0" maximum:"10000" doc:"So many calls refused by the limits within ten minutes. 0: never"`
}

// Rules are the company's.
type Rules struct {
	Each   Limits      `json:"each" doc:"Of each user, and of each connected PBX"`
	Users  []Exception `json:"users" maxItems:"1000"`
	Trunks []Exception `json:"trunks" maxItems:"200"`
	Night  *Night      `json:"night,omitempty"`
	Rates  []Rate      `json:"rates" maxItems:"5000"`
	Alarm  Alarm       `json:"alarm"`
}

// Usual are the rules of a company that has set none: what no person does by hand.
func Usual() Rules {
	return Rules{Each: Limits{Together: 5, PerMinute: 20}, Users: []Exception{}, Trunks: []Exception{}, Rates: []Rate{},
		Alarm: Alarm{Abroad: 20, Refused: 10}}
}

// Check brings the rules into their stored form. Errors: *input.Invalid.
func (r *Rules) Check() error {
	for _, list := range []*[]Exception{&r.Users, &r.Trunks} {
		if *list == nil {
			*list = []Exception{}
		}
	}
	if r.Rates == nil {
		r.Rates = []Rate{}
	}
	for i := range r.Rates {
		p := strings.NewReplacer(" ", "", "-", "").Replace(r.Rates[i].Prefix)
		if digits, plus := strings.CutPrefix(p, "+"); !plus || !dialplan.Digits(digits, 1, 15) {
			return input.Refuse("rates", "%q is not the beginning of a number like +4479", r.Rates[i].Prefix)
		}
		r.Rates[i].Prefix = p
	}
	if r.Night == nil {
		return nil
	}
	for field, clock := range map[string]string{"night.from": r.Night.From, "night.to": r.Night.To} {
		if _, err := time.Parse(clockFormat, clock); err != nil {
			return input.Refuse(field, "%q is no time of day like 22:00", clock)
		}
	}
	if r.Night.From == r.Night.To {
		return input.Refuse("night.to", "the night ends when it begins: give it another end")
	}
	return nil
}

const clockFormat = "15:04"

// of are the limits of one of a list, or those of all.
func of(list []Exception, id string, all Limits) Limits {
	if i := slices.IndexFunc(list, func(e Exception) bool { return e.ID == id }); i >= 0 {
		return list[i].Limits
	}
	return all
}

// ofTrunks are the rules where there is no payer.
func (r Rules) ofTrunks() Rules { return Rules{Trunks: r.Trunks, Rates: r.Rates} }

// price of a minute to a number in E.164.
func (r *Rules) price(number string) (price float64) {
	longest := 0
	for _, rate := range r.Rates {
		if len(rate.Prefix) > longest && strings.HasPrefix(number, rate.Prefix) {
			longest, price = len(rate.Prefix), rate.Price
		}
	}
	return price
}

// began is when the night began that it is now; zero: it is none. Now is by the clock of the company.
func (n *Night) began(now time.Time) time.Time {
	if n == nil {
		return time.Time{}
	}
	for _, back := range []int{0, -1} {
		from, to := n.on(now, back)
		if !now.Before(from) && now.Before(to) {
			return from
		}
	}
	return time.Time{}
}

// on is the night that begins so many days after today.
func (n *Night) on(today time.Time, days int) (from, to time.Time) {
	at := func(clock string, days int) time.Time {
		t, _ := time.Parse(clockFormat, clock) // it was checked
		year, month, day := today.Date()
		return time.Date(year, month, day+days, t.Hour(), t.Minute(), 0, 0, today.Location())
	}
	from, to = at(n.From, days), at(n.To, days)
	if !to.After(from) {
		to = at(n.To, days+1)
	}
	return from, to
}
