package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/webrtc"
)

// ask is an operation as a tab sends it.
type ask struct {
	ID   int64           `json:"id"`
	Op   string          `json:"op"`
	Data json.RawMessage `json:"data"`
}

// answer to an ask: Data or Error.
type answer struct {
	Re    int64         `json:"re"`
	Data  any           `json:"data,omitempty"`
	Error *webrtc.Error `json:"error,omitempty"`
}

var errBadAsk = errors.New(`want a JSON object like {"id":1,"op":"call.hangup","data":{}}`)

const maxOp = 40 // bytes of an operation's name

// decodeAsk reads a message from a tab: one JSON object with an operation, whose data, if any, is an object.
func decodeAsk(text []byte) (ask, error) {
	var a ask
	if err := json.Unmarshal(text, &a); err != nil {
		return ask{}, errBadAsk
	}
	if bytes.Equal(a.Data, []byte("null")) || len(a.Data) == 0 {
		a.Data = json.RawMessage("{}")
	}
	if a.ID <= 0 || a.Op == "" || len(a.Op) > maxOp || a.Data[0] != '{' {
		return ask{ID: a.ID}, errBadAsk
	}
	return a, nil
}

const (
	opWithin   = 15 * time.Second
	waitWithin = 60 * time.Second // of an operation that waits for people
)
