package live

import (
	"context"
	"errors"
	"frontdesk/pbx"
	"frontdesk/web/api"
	"frontdesk/webrtc"
)

var (
	errNoRoom = &webrtc.Error{Code: webrtc.CodeNoRoom,
		Message: "there is no such meeting: it was removed, or its address is not whole"}
	errNotInvited = &webrtc.Error{Code: webrtc.CodeNotInvited,
		Message: "you are not invited to this meeting: ask those inside to let you in"}
)

// comesIn tells whether a user may come into a meeting. Errors: errNoRoom, errNotInvited.
func (d *Server) comesIn(ctx context.Context, user, room string) error {
	switch _, invited, err := d.Directory.Door(ctx, room, user); {
	case errors.Is(err, pbx.ErrNotFound):
		return errNoRoom
	case err != nil || invited:
		return err
	}
	u, err := d.Core.User(ctx, user)
	switch {
	case err != nil:
		return err
	case !api.IsAdmin(u):
		return errNotInvited
	}
	return d.Directory.Invite(ctx, room, user)
}
