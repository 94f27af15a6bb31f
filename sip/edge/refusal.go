package edge

import proto "github.com/emiago/sipgo/sip"

// Refusal is the answer to a request that breaks the protocol.
type Refusal struct {
	Code    int
	Phrase  string
	Headers []proto.Header
}

func UnknownDialog() Refusal { return Refusal{Code: 481, Phrase: "Call/Transaction Does Not Exist"} }

// Allowed is the value of our Allow header.
const Allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, REFER, SUBSCRIBE, NOTIFY, UPDATE, PRACK"

// Supported is the value of our Supported header.
const Supported = "timer, 100rel"
