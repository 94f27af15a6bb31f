package pbx

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx/call"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/meeting"
	"frontdesk/store"
)

// New makes an exchange that rings by dialers. Recover should follow before calls arrive.
func New(c Config, db *store.DB, d *directory.Directory, dialers Dialers, h Hooks, log *slog.Logger,
	reg prometheus.Registerer) *Exchange {
	x := &Exchange{board: call.NewSwitchboard(c, db, d, dialers, h, log, reg), calls: map[string]*call.Call{},
		meetings: map[string]*meeting.Meeting{}}
	x.board.Desk.CallsBack(x.callsBack)
	x.board.Dialers.Room = room{x}
	return x
}
