package stack

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// Bounds of a request beyond those of its size.
const (
	maxHeaders = 200
	maxField   = 4 << 10
)

// methods are the ones we understand; those that are true we serve (RFC 3261 §8.2.1).
func methods() map[string]bool {
	return map[string]bool{"INVITE": true, "ACK": true, "CANCEL": true, "BYE": true, "OPTIONS": true, "REGISTER": true,
		"INFO": true, "REFER": true,
		"NOTIFY": true, "UPDATE": true, "PRACK": true, "SUBSCRIBE": true, "MESSAGE": false, "PUBLISH": false}
}

// Validate finds what the parser let pass (RFC 3261 §8.2, RFC 4475 §3.1.2 and §3.3).
func Validate(req *proto.Request) (edge.Refusal, bool) {
	for _, check := range []func(*proto.Request) (edge.Refusal, bool){checkVersion, checkMandatory, checkFields,
		checkSequence, checkTarget, checkMethod, checkExtensions, checkBody} {
		if r, bad := check(req); bad {
			return r, !req.IsAck() || r.Code != 420 // ACK is never refused for an extension, and never answered
		}
	}
	return edge.Refusal{}, false
}

func bad(phrase string) (edge.Refusal, bool) { return edge.Refusal{Code: 400, Phrase: phrase}, true }

func fine() (edge.Refusal, bool) { return edge.Refusal{}, false }

func checkVersion(req *proto.Request) (edge.Refusal, bool) {
	if !strings.EqualFold(req.SipVersion, "SIP/2.0") {
		return edge.Refusal{Code: 505, Phrase: "Version Not Supported"}, true
	}
	return fine()
}

// checkMandatory: each of these must be there, and only once (RFC 3261 §8.1.1, §20).
func checkMandatory(req *proto.Request) (edge.Refusal, bool) {
	if len(req.Headers()) > maxHeaders {
		return bad("Too Many Header Fields")
	}
	for _, name := range []string{"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"} {
		n := len(req.GetHeaders(name))
		if n > 1 {
			return bad("Several " + name + " Header Fields")
		}
	}
	switch {
	case req.Via() == nil:
		return bad("Missing Via Header Field")
	case req.From() == nil || edge.TagOf(req.From()) == "":
		return bad("Missing From Header Field Or Tag")
	case req.To() == nil:
		return bad("Missing To Header Field")
	case req.CallID() == nil:
		return bad("Missing Call-ID Header Field")
	case req.CSeq() == nil:
		return bad("Missing CSeq Header Field")
	}
	return fine()
}

func checkFields(req *proto.Request) (edge.Refusal, bool) {
	for _, h := range req.Headers() {
		if len(h.Value()) > maxField {
			return bad(h.Name() + " Is Too Long")
		}
	}
	v := req.Via()
	if !strings.EqualFold(v.ProtocolName, "SIP") || v.ProtocolVersion != "2.0" || v.Host == "" {
		return bad("Malformed Via Header Field")
	}
	if oddQuotes(req.From().DisplayName) || oddQuotes(req.To().DisplayName) {
		return bad("Unbalanced Quotes")
	}
	for _, h := range req.GetHeaders("Contact") {
		if c, ok := h.(*proto.ContactHeader); ok && !c.Address.Wildcard && c.Address.Scheme == "" {
			return bad("Malformed Contact Header Field")
		}
	}
	return fine()
}

func checkSequence(req *proto.Request) (edge.Refusal, bool) {
	cseq := req.CSeq()
	if !strings.EqualFold(string(cseq.MethodName), string(req.Method)) { // the library has it in upper case
		return bad("CSeq Method Does Not Match")
	}
	if cseq.SeqNo >= 1<<31 {
		return bad("CSeq Is Too Large")
	}
	if h := req.MaxForwards(); h != nil && h.Val() == 0 && req.Method != proto.OPTIONS && req.Method != proto.REGISTER {
		return edge.Refusal{Code: 483, Phrase: "Too Many Hops"}, true
	}
	if h := req.MaxForwards(); h != nil && h.Val() > 255 {
		return bad("Max-Forwards Is Too Large")
	}
	return fine()
}

func checkTarget(req *proto.Request) (edge.Refusal, bool) {
	uri := req.Recipient
	switch {
	case uri.Scheme == "sip" || uri.Scheme == "sips" && (req.Transport() == "TLS" || req.Transport() == "WSS"):
	case uri.Scheme == "tel" && edge.Dialled(uri) != "" && (req.IsInvite() || req.IsAck() || req.IsCancel()):
		// RFC 3966
		return fine()
	default:
		return edge.Refusal{Code: 416, Phrase: "Unsupported URI Scheme"}, true
	}
	if uri.Host == "" || strings.ContainsAny(uri.String(), " <>\"") || uri.Headers.Length() > 0 {
		return bad("Malformed Request-URI")
	}
	return fine()
}

func checkMethod(req *proto.Request) (edge.Refusal, bool) {
	serve, known := methods()[string(req.Method)]
	switch {
	case !known:
		return edge.Refusal{Code: 501, Phrase: "Not Implemented",
			Headers: []proto.Header{proto.NewHeader("Allow", edge.Allowed)}}, true
	case !serve:
		return edge.Refusal{Code: 405, Phrase: "Method Not Allowed",
			Headers: []proto.Header{proto.NewHeader("Allow", edge.Allowed)}}, true
	}
	return fine()
}

// checkExtensions refuses what must be understood and isn't (RFC 3261 §8.2.2.3). Proxy-Require is for proxies alone:
// carriers leave `privacy` there (RFC 3323 §4.3).
func checkExtensions(req *proto.Request) (edge.Refusal, bool) {
	var unknown []string
	for _, h := range req.GetHeaders("Require") {
		for tag := range strings.SplitSeq(h.Value(), ",") {
			if tag = strings.ToLower(strings.TrimSpace(tag)); tag != "" && tag != "timer" && tag != "path" &&
				tag != "100rel" && !(tag == "replaces" && req.GetHeader("Replaces") != nil) {
				unknown = append(unknown, tag)
			}
		}
	}
	if len(unknown) == 0 || req.IsCancel() {
		return fine()
	}
	return edge.Refusal{Code: 420, Phrase: "Bad Extension",
		Headers: []proto.Header{proto.NewHeader("Unsupported", strings.Join(unknown, ", "))}}, true
}

func checkBody(req *proto.Request) (edge.Refusal, bool) {
	if len(req.Body()) == 0 {
		return fine()
	}
	if h := req.GetHeader("Content-Encoding"); h != nil && !strings.EqualFold(h.Value(), "identity") {
		return edge.Refusal{Code: 415, Phrase: "Unsupported Media Type",
			Headers: []proto.Header{proto.NewHeader("Accept-Encoding", "identity")}}, true
	}
	if req.Method != proto.INVITE && req.Method != proto.UPDATE {
		return fine()
	}
	if _, ok := edge.SDPIn(req); ok || edge.MediaType(req) == "" || optionalBody(req) {
		return fine()
	}
	return edge.Refusal{Code: 415, Phrase: "Unsupported Media Type",
		Headers: []proto.Header{proto.NewHeader("Accept", "application/sdp, multipart/mixed")}}, true
}

func optionalBody(m proto.Message) bool {
	hs := m.GetHeaders("Content-Disposition")
	return len(hs) > 0 && strings.Contains(strings.ToLower(hs[0].Value()), "handling=optional")
}

// badRequest makes a 400 for a request that could not be parsed, out of those of its lines that an answer copies. Nil
// when it is no request, is an ACK, or lacks what is needed to answer.
func badRequest(data []byte, from netip.AddrPort) []byte {
	head, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	lines := strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n")
	if strings.HasPrefix(lines[0], "SIP/") || strings.HasPrefix(lines[0], "ACK") {
		return nil
	}
	var b strings.Builder
	b.WriteString("SIP/2.0 " + unparsed(lines[0]) + "\r\n")
	seen := map[string]bool{}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		long := longName(name)
		if !ok || long == "" || len(line) > maxField || strings.ContainsAny(line, "\x00\r") ||
			(seen[long] && long != "Via") {
			continue
		}
		value = strings.TrimSpace(value)
		if long == "Via" && !seen[long] {
			value += ";received=" + from.Addr().String() + ";rport=" + strconv.Itoa(int(from.Port()))
			value = strings.Replace(value, ";rport;", ";", 1)
		}
		seen[long] = true
		b.WriteString(long + ": " + value + "\r\n")
	}
	if !seen["Via"] || !seen["Call-ID"] || !seen["CSeq"] || !seen["From"] || !seen["To"] {
		return nil
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return []byte(b.String())
}

// unparsed is the answer to a request that could not be parsed: its URI may be one of another world.
func unparsed(line string) string {
	_, uri, _ := strings.Cut(line, " ")
	scheme, _, ok := strings.Cut(uri, ":")
	known := strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips") || strings.EqualFold(scheme, "tel")
	if ok && !known && scheme != "" &&
		strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == "" {
		return "416 Unsupported URI Scheme"
	}
	return "400 Bad Request"
}

// longName is the name of a field that every response repeats, "" for others (RFC 3261 §8.2.6.2, §7.3.3).
func longName(name string) string {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "via", "v":
		return "Via"
	case "from", "f":
		return "From"
	case "to", "t":
		return "To"
	case "call-id", "i":
		return "Call-ID"
	case "cseq":
		return "CSeq"
	default:
		return ""
	}
}

// oddQuotes tells whether a display name has a quotation mark without its fellow; escaped ones don't count.
func oddQuotes(name string) bool {
	odd, escaped := false, false
	for i := range len(name) {
		switch {
		case escaped:
			escaped = false
		case name[i] == '\\':
			escaped = true
		case name[i] == '"':
			odd = !odd
		}
	}
	return odd
}
