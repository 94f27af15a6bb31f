package directory

import (
	"cmp"
	"context"
	"errors"
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
	case toQueue:
		return d.checkQueue(ctx, field, to.Queue)
	case "meeting":
		if _, err := d.Meeting(ctx, to.Meeting); err != nil {
			return invalid(field+".meeting", "no such meeting")
		}
	case "menu", "voicemail":
		if err := d.checkMachine(ctx, field, *to); err != nil {
			return err
		}
	case refused:
		return invalid(field+".kind", "only what is closed can turn calls away")
	default:
		return invalid(field+".kind", "must be user, group, hunt_group, queue, meeting, menu or voicemail")
	}
	return d.checkThen(ctx, field, to)
}

// checkMachine validates what leads to a menu or voicemail box.
func (d *Directory) checkMachine(ctx context.Context, field string, to Destination) error {
	menus, err1 := d.Menus(ctx)
	boxes, err2 := d.Boxes(ctx)
	switch {
	case errors.Join(err1, err2) != nil:
		return errors.Join(err1, err2)
	case to.Kind == "menu" && !slices.ContainsFunc(menus, func(m Menu) bool { return m.ID == to.Menu }):
		return invalid(field+".menu", "no such menu")
	case to.Kind == "voicemail" && !slices.ContainsFunc(boxes, func(b VoicemailBox) bool { return b.ID == to.Voicemail }):
		return invalid(field+".voicemail", "no such voicemail box")
	}
	return nil
}

// checkThen validates where calls go that nobody takes.
func (d *Directory) checkThen(ctx context.Context, field string, to *Destination) error {
	switch {
	case to.Then == nil:
		return nil
	case to.Kind != "user" && to.Kind != "group":
		return invalid(field+".then", "only what rings leads on")
	case to.Then.Then != nil:
		return invalid(field+".then.then", "one is enough: a menu or a group leads further")
	}
	return d.checkOnward(ctx, field+".then", to.Then)
}
