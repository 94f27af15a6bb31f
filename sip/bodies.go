package sip

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
)

// readable brings the description in m, where there is one, into the form that is parsed: out of a multipart body, and
// with addresses in place of host names. It may wait for DNS: never call it from a leg's goroutine.
func readable(ctx context.Context, m edge.Bodied) {
	sdp, ok := edge.SDPIn(m)
	if !ok {
		return
	}
	plain := rtp.Addressed(ctx, sdp)
	if edge.MediaType(m) == "application/sdp" && bytes.Equal(plain, m.Body()) {
		return
	}
	m.RemoveHeader("Content-Type")
	m.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	m.SetBody(plain)
}

// unreadable refuses a description that could not be parsed.
func unreadable(err error) edge.Refusal {
	if errors.Is(err, rtp.ErrUnknownHost) {
		return edge.Refusal{Code: 488, Phrase: "Not Acceptable Here", Headers: warn(301, err.Error())}
	}
	return edge.Refusal{Code: 400, Phrase: "Malformed SDP", Headers: warn(399, err.Error())}
}

// unusable refuses a description without sound that we can take (RFC 3261 §20.43): of another profile, or none at all.
func unusable(d *rtp.Description, e rtp.Encryption) edge.Refusal {
	text := warn(304, "Media type not available")
	for _, m := range d.Media {
		if m.Kind == "audio" && m.Port != 0 {
			text = warn(302, "Incompatible transport protocol: "+profiles(e))
		}
	}
	return edge.Refusal{Code: 488, Phrase: "Not Acceptable Here", Headers: text}
}

// profiles are the profiles of sound that are taken.
func profiles(e rtp.Encryption) string {
	switch e {
	case rtp.Plain:
		return "only RTP/AVP is spoken here"
	case rtp.Required:
		return "only RTP/SAVP is spoken here, with a=crypto"
	default:
		return "RTP/AVP is spoken here, and RTP/SAVP with a=crypto"
	}
}

// warn is a Warning header (RFC 3261 §20.43).
func warn(code int, text string) []proto.Header {
	return []proto.Header{proto.NewHeader("Warning", fmt.Sprintf("%d frontdesk %q", code, text))}
}

// usable is the audio line of an answer and the codec in it that is ours too; nil without one.
func usable(d *rtp.Description, e rtp.Encryption, ours []media.Codec) (*rtp.Description, int, media.Codec) {
	at := d.Audio(e)
	if at < 0 {
		return nil, 0, media.Codec{}
	}
	both := d.Media[at].Codecs(ours)
	if len(both) == 0 {
		return nil, 0, media.Codec{}
	}
	return d, at, both[0]
}
