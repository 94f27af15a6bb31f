package sip

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/netip"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

// Bounds of what a body may make us do.
const (
	maxParts    = 16
	maxNesting  = 3
	maxNames    = 4               // looked up for one description
	lookupLimit = 2 * time.Second // for all of them
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
	plain := c.addressed(sdp)
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

// addressed is a description with addresses in place of the host names in its c= lines (RFC 8866 §5.7). A name that is not known stays.
func (c *core) addressed(sdp []byte) []byte {
	if !bytes.Contains(sdp, []byte("c=")) || len(sdp) > maxSDP {
		return sdp
	}
	ctx, cancel := context.WithTimeout(c.ctx, lookupLimit)
	defer cancel()
	var b bytes.Buffer
	names := 0
	for line := range bytes.Lines(sdp) {
		f := strings.Fields(string(line))
		if len(f) == 3 && f[0] == "c=IN" && named(f[2]) && names < maxNames {
			names++
			if addr, ok := lookUp(ctx, f[1], f[2]); ok {
				line = fmt.Appendf(nil, "c=IN %s %s\r\n", family(addr), addr)
			}
		}
		b.Write(line)
	}
	return b.Bytes()
}

func named(host string) bool {
	host, _, _ = strings.Cut(host, "/")
	_, err := netip.ParseAddr(host)
	return err != nil
}

// lookUp prefers addresses of the family that is told.
func lookUp(ctx context.Context, told, host string) (netip.Addr, bool) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		return netip.Addr{}, false
	}
	for _, a := range addrs {
		if family(a.Unmap()) == told {
			return a.Unmap(), true
		}
	}
	return addrs[0].Unmap(), true
}

func family(addr netip.Addr) string {
	if addr.Is6() {
		return "IP6"
	}
	return "IP4"
}

// errUnknownHost is a name in a description that could not be looked up.
var errUnknownHost = errors.New("host of the media is not known")

// unreadable refuses a description that could not be parsed.
func unreadable(err error) refusal {
	if errors.Is(err, errUnknownHost) {
		return refusal{code: 488, phrase: "Not Acceptable Here", headers: warn(301, err.Error())}
	}
	return refusal{code: 400, phrase: "Malformed SDP", headers: warn(399, err.Error())}
}

// unusable refuses a description without sound that we can take (RFC 3261 §20.43): encrypted, or none at all.
func (d *description) unusable() refusal {
	text := warn(304, "Media type not available")
	for _, m := range d.media {
		if m.kind == "audio" && m.port != 0 {
			text = warn(302, "Incompatible transport protocol: only RTP/AVP is spoken here")
		}
	}
	return refusal{code: 488, phrase: "Not Acceptable Here", headers: text}
}
