package toll

import "time"

// Reason why a call outside is refused.
type Reason string

// The reasons. Those of limits are the names of their fields.
const (
	Together  Reason = "together"
	PerMinute Reason = "per_minute"
	Minutes   Reason = "minutes"
	Spend     Reason = "spend"
	Abroad    Reason = "abroad"  // at night
	Stopped   Reason = "stopped" // until an administrator allows them again
)

// charge is a call outside as it is counted.
type charge struct {
	call, payer, trunk, number string
	abroad                     bool
	price                      int64 // of a minute, in 1/cents
}

// usage is what a payer's calls, or those over a trunk, came to.
type usage struct {
	together, minute int64 // that run, and that began within a minute
	day, night       spent // since midnight, and since the night began
	abroad           int64 // calls to other countries within an hour
	refused          int64 // within ten minutes
}

// spent are seconds of talk, and what they cost.
type spent struct {
	seconds int64
	cost    float64
}

// exceeds tells which of the limits one more call would exceed; "": none.
func (u usage) exceeds(l Limits, s spent) Reason {
	switch {
	case l.Together > 0 && u.together >= int64(l.Together):
		return Together
	case l.PerMinute > 0 && u.minute >= int64(l.PerMinute):
		return PerMinute
	case l.Minutes > 0 && s.seconds >= int64(l.Minutes)*60:
		return Minutes
	case l.Spend > 0 && s.cost >= l.Spend:
		return Spend
	}
	return ""
}

// refuses tells why a call is not to be made now; "": it is. Of is whose limits say so, the payer's or the trunk's.
func (r *Rules) refuses(c charge, payer, trunk usage, now time.Time) (why Reason, of string) {
	if why := payer.exceeds(ofPayer(r, c.payer), payer.day); why != "" {
		return why, c.payer
	}
	if !r.Night.began(now).IsZero() {
		if c.abroad && !r.Night.Abroad {
			return Abroad, c.payer
		}
		if why := payer.exceeds(r.Night.Limits, payer.night); why != "" {
			return why, c.payer
		}
	}
	return trunk.exceeds(ofTrunk(r, c.trunk), trunk.day), c.trunk
}

func ofPayer(r *Rules, id string) Limits { return of(r.Users, id, r.Each) }

func ofTrunk(r *Rules, id string) Limits { return of(r.Trunks, id, Limits{}) }

// calm is how much more than in its busiest hour a payer may call abroad.
const calm = 3

// alarms tells whether a payer's calls are to be stopped, now that one more is tried; why is why that one is refused,
// if it is. Busiest asks for the most calls abroad that he has had in an hour.
func (a Alarm) alarms(c charge, u usage, why Reason, busiest func() (int64, error)) (Reason, error) {
	if why != "" && a.Refused > 0 && u.refused+1 >= int64(a.Refused) {
		return why, nil
	}
	if why != "" || !c.abroad || a.Abroad == 0 || u.abroad < int64(a.Abroad) {
		return "", nil
	}
	most, err := busiest()
	if err != nil || u.abroad < calm*most {
		return "", err
	}
	return Abroad, nil
}
