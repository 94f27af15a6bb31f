package directory

import (
	"cmp"
	"context"
	"slices"
)

// checkDestination validates what a field of the input leads to, and fills in the default time. Users are not looked
// up: they are the CRM's.
func (d *Directory) checkDestination(ctx context.Context, field string, to *Destination) error {
	to.Seconds = cmp.Or(to.Seconds, 25)
	if to.Seconds < 5 || to.Seconds > 120 {
		return invalid(field+".seconds", "a step rings 5 to 120 seconds")
	}
	switch to.Kind {
	case "user":
		if to.User == "" {
			return invalid(field+".user", "choose a user")
		}
	case "group":
		if len(to.Users) == 0 || len(to.Users) > 50 {
			return invalid(field+".users", "choose 1 to 50 users")
		}
	case toGroup:
		groups, err := d.HuntGroups(ctx)
		if !slices.ContainsFunc(groups, func(g HuntGroup) bool { return g.ID == to.HuntGroup }) {
			return cmp.Or(err, invalid(field+".hunt_group", "no such hunt group"))
		}
	case "meeting":
		if _, err := d.Meeting(ctx, to.Meeting); err != nil {
			return invalid(field+".meeting", "no such meeting")
		}
	case refused:
		return invalid(field+".kind", "only what is closed can turn calls away")
	default:
		return invalid(field+".kind", "must be user, group, hunt_group or meeting")
	}
	return nil
}
