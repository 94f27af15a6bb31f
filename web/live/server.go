package live

import (
	"context"
	"encoding/json"
	"log/slog"

	"frontdesk/bus"
	"frontdesk/crmcore"
	"frontdesk/guard"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/webrtc"
)

// Deps are the rooms that tabs reach over their sockets.
type Deps struct {
	Node      string   // id of this one
	Origins   []string // whose pages may open sockets, besides that of the address asked
	Demo      bool
	Frame     *api.Frame
	Hub       *Hub
	Core      *crmcore.Core
	Directory *directory.Directory
	Exchange  *pbx.Exchange
	Calls     *webrtc.Tabs
	Members   *store.Members
	Bus       *bus.Bus
	Log       *slog.Logger
}

// Server serves the live sockets of browsers on this node, and does what they ask for on whichever node it lives.
// docs/live-protocol.md describes the messages.
type Server struct {
	Deps
	do     func(ctx context.Context, from *socket, op string, data json.RawMessage) (any, error)
	knocks *guard.Rates[string] // at meetings, by user
	stops  []func()
}
