package live

import "encoding/json"

// message is what a socket sends out.
type message struct {
	Ev   string `json:"ev"`
	Data any    `json:"data"`
}

// relayed is a message on its way to other nodes.
type relayed struct {
	From   string          `json:"from"`             // node
	User   string          `json:"user"`             // "" for everybody
	Socket string          `json:"socket,omitempty"` // "" for all of the user's
	Text   json.RawMessage `json:"text"`
}
