package edge

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strings"

	proto "github.com/emiago/sipgo/sip"
)

// Bounds of what a body may make us do.
const (
	maxParts   = 16
	maxNesting = 3
)

// Bodied is a request or response.
type Bodied interface {
	proto.Message
	ContentType() *proto.ContentTypeHeader
	RemoveHeader(name string) bool
}

// SDPIn is the description in the body of m, also in a part of it (RFC 5621).
func SDPIn(m Bodied) ([]byte, bool) {
	h := m.ContentType()
	if h == nil || len(m.Body()) == 0 {
		return nil, false
	}
	return sdpPart(h.Value(), m.Body(), 0)
}

var boundary = regexp.MustCompile(`(?i)^multipart/[^;]*;.*boundary *= *([^"; ]+)`)

func sdpPart(contentType string, body []byte, depth int) ([]byte, bool) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case kind == "application/sdp":
		return body, true
	case err != nil: // its quotes may be missing
		if found := boundary.FindStringSubmatch(contentType); found != nil {
			params = map[string]string{"boundary": found[1]}
		}
	case !strings.HasPrefix(kind, "multipart/"):
		return nil, false
	}
	if params["boundary"] == "" || depth == maxNesting {
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
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) { // the last part may have no end
			return nil, false
		}
		if sdp, ok := sdpPart(part.Header.Get("Content-Type"), content, depth+1); ok {
			return sdp, true
		}
	}
	return nil, false
}

// MediaType is the Content-Type without parameters, in lower case.
func MediaType(m interface {
	ContentType() *proto.ContentTypeHeader
}) string {
	h := m.ContentType()
	if h == nil {
		return ""
	}
	t, _, _ := strings.Cut(h.Value(), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

func TagOf(f *proto.FromHeader) string {
	if f == nil {
		return ""
	}
	return f.Params.GetOr("tag", "")
}

func ToTag(m proto.Message) string {
	if t := m.To(); t != nil {
		return t.Params.GetOr("tag", "")
	}
	return ""
}

// Dialled is the number or name in a URI: its user part unescaped, without parameters of a telephone-subscriber.
func Dialled(u proto.Uri) string {
	user := u.User
	if u.Scheme == "tel" {
		user = u.Raw()
	}
	user, _, _ = strings.Cut(user, ";")
	return Unescape(user)
}

func Unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			var c byte
			if _, err := fmt.Sscanf(s[i+1:i+3], "%02x", &c); err == nil && c >= ' ' {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Tidy takes away the blanks that may stand around the parameters of what tells a transaction and a dialog from others
// (RFC 3261 §25.1, RFC 4475 §3.1.1.1); the parser keeps them.
func Tidy(req *proto.Request) {
	for _, h := range req.GetHeaders("Via") {
		if v, ok := h.(*proto.ViaHeader); ok {
			tidyParams(v.Params)
			v.Transport = strings.TrimSpace(v.Transport)
		}
	}
	if from := req.From(); from != nil {
		tidyParams(from.Params)
	}
	if to := req.To(); to != nil {
		tidyParams(to.Params)
	}
}

func tidyParams(params proto.HeaderParams) {
	for i := range params {
		params[i].K, params[i].V = strings.TrimSpace(params[i].K), strings.TrimSpace(params[i].V)
	}
}
