package sip

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/rtp"
)

// Bounds of what a body may make us do.
const (
	maxParts   = 16
	maxNesting = 3
)

// bodied is a request or response.
type bodied interface {
	proto.Message
	ContentType() *proto.ContentTypeHeader
	RemoveHeader(name string) bool
}

// readable brings the description in m, where there is one, into the form that is parsed: out of a multipart body, and with addresses in place of
// host names. It may wait for DNS: never call it from a leg's goroutine.
func (c *core) readable(m bodied) {
	sdp, ok := sdpIn(m)
	if !ok {
		return
	}
	plain := rtp.Addressed(c.ctx, sdp)
	if mediaType(m) == "application/sdp" && bytes.Equal(plain, m.Body()) {
		return
	}
	m.RemoveHeader("Content-Type")
	m.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	m.SetBody(plain)
}

// sdpIn is the description in the body of m, also in a part of it (RFC 5621).
func sdpIn(m bodied) ([]byte, bool) {
	h := m.ContentType()
	if h == nil || len(m.Body()) == 0 {
		return nil, false
	}
	return sdpPart(h.Value(), m.Body(), 0)
}

func sdpPart(contentType string, body []byte, depth int) ([]byte, bool) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case kind == "application/sdp":
		return body, true
	case err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" || depth == maxNesting:
		return nil, false
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range maxParts {
		part, err := r.NextPart()
		if err != nil {
			return nil, false
		}
		var from io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
			from = base64.NewDecoder(base64.StdEncoding, part)
		}
		content, err := io.ReadAll(from)
		if err != nil {
			return nil, false
		}
		if sdp, ok := sdpPart(part.Header.Get("Content-Type"), content, depth+1); ok {
			return sdp, true
		}
	}
	return nil, false
}

// unreadable refuses a description that could not be parsed.
func unreadable(err error) refusal {
	if errors.Is(err, rtp.ErrUnknownHost) {
		return refusal{code: 488, phrase: "Not Acceptable Here", headers: warn(301, err.Error())}
	}
	return refusal{code: 400, phrase: "Malformed SDP", headers: warn(399, err.Error())}
}

// unusable refuses a description without sound that we can take (RFC 3261 §20.43): encrypted, or none at all.
func unusable(d *rtp.Description) refusal {
	text := warn(304, "Media type not available")
	for _, m := range d.Media {
		if m.Kind == "audio" && m.Port != 0 {
			text = warn(302, "Incompatible transport protocol: only RTP/AVP is spoken here")
		}
	}
	return refusal{code: 488, phrase: "Not Acceptable Here", headers: text}
}
