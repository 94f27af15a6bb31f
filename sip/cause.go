package sip

import (
	"fmt"
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
)

// status is a final response: its code, its phrase, and the Q.850 cause that goes into the Reason header (RFC 3326).
type status struct {
	code   int
	phrase string
	q850   int
}

// statusOf is what the other side is told when a leg that it called, or that rings it, ends for c.
func statusOf(c pbx.Cause) status {
	switch c {
	case pbx.CauseBusy:
		return status{486, "Busy Here", 17}
	case pbx.CauseDeclined:
		return status{603, "Decline", 21}
	case pbx.CauseNoAnswer:
		return status{480, "Temporarily Unavailable", 19}
	case pbx.CauseCancelled:
		return status{487, "Request Terminated", 16}
	case pbx.CauseUnavailable:
		return status{480, "Temporarily Unavailable", 20}
	case pbx.CauseNotFound:
		return status{404, "Not Found", 1}
	case pbx.CauseForbidden, pbx.CauseLimits, pbx.CauseUnwanted:
		return status{403, "Forbidden", 21}
	case pbx.CauseNoCodec:
		return status{488, "Not Acceptable Here", 65}
	case pbx.CauseOverload:
		return status{503, "Service Unavailable", 42}
	case pbx.CauseDraining:
		return status{503, "Service Unavailable", 41}
	case pbx.CauseNormal, pbx.CauseElsewhere, pbx.CauseCallBack:
		return status{480, "Temporarily Unavailable", 16}
	default:
		return status{500, "Server Internal Error", 41}
	}
}

// causeOf reads a final response to an INVITE of ours.
func causeOf(res *proto.Response) pbx.Cause {
	switch code := res.StatusCode; code {
	case 486, 600:
		return pbx.CauseBusy
	// refused by a person, by one who wants no more of it (RFC 8197), or by a filter in his name (RFC 8688)
	case 603, 607, 608:
		return pbx.CauseDeclined
	case 408:
		return pbx.CauseNoAnswer
	case 480:
		return unavailable(res)
	case 487:
		return pbx.CauseCancelled
	case 404, 410, 414, 416, 484, 485, 604:
		return pbx.CauseNotFound
	case 401, 402, 403, 405, 407, 424, 428, 429, 433, 436, 437, 438, 470:
		return pbx.CauseForbidden
	case 406, 415, 488, 493, 606:
		return pbx.CauseNoCodec
	case 503:
		return pbx.CauseOverload
	case 300, 301, 302, 305, 380, 430, 502, 504:
		return pbx.CauseUnavailable
	default:
		// what nobody knows yet counts as the 600 of its class, said by the called side (RFC 3261 §8.1.3.2)
		if code >= 600 {
			return pbx.CauseDeclined
		}
		return pbx.CauseFailed
	}
}

// unavailable tells a phone that rang out from one that isn't there: both are 480.
func unavailable(res *proto.Response) pbx.Cause {
	if q850(res) == 19 || q850(res) == 18 {
		return pbx.CauseNoAnswer
	}
	return pbx.CauseUnavailable
}

// q850 is the ISDN cause in the Reason header of m, 0 without one.
func q850(m proto.Message) int {
	for _, h := range m.GetHeaders("Reason") {
		protocol, params, _ := strings.Cut(h.Value(), ";")
		if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
			continue
		}
		for p := range strings.SplitSeq(params, ";") {
			if key, value, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(key, "cause") {
				n, _ := strconv.Atoi(value)
				return n
			}
		}
	}
	return 0
}

// reason is the header that tells why a leg ends, for BYE and CANCEL.
func reason(c pbx.Cause) proto.Header {
	switch c {
	case pbx.CauseElsewhere:
		return proto.NewHeader("Reason", `SIP;cause=200;text="Call completed elsewhere"`)
	case pbx.CauseNone, pbx.CauseNormal, pbx.CauseCancelled, pbx.CauseCallBack:
		return proto.NewHeader("Reason", `Q.850;cause=16;text="Normal call clearing"`)
	default:
		return proto.NewHeader("Reason", fmt.Sprintf(`Q.850;cause=%d;text=%q`, statusOf(c).q850, string(c)))
	}
}
