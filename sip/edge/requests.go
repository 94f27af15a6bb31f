package edge

import (
	"strings"

	proto "github.com/emiago/sipgo/sip"
)

// ReferTo is the URI in Refer-To.
func ReferTo(req *proto.Request) (proto.Uri, Refusal, bool) {
	values := append(req.GetHeaders("Refer-To"), req.GetHeaders("r")...)
	if len(values) != 1 {
		return proto.Uri{}, Refusal{Code: 400, Phrase: "Refer-To Must Be There Once"}, true
	}
	var uri proto.Uri
	if _, err := proto.ParseAddressValue(values[0].Value(), &uri, &proto.HeaderParams{}); err != nil {
		return uri, Refusal{Code: 400, Phrase: "Malformed Refer-To"}, true
	}
	if uri.Scheme != "tel" && uri.User == "" && !uri.Headers.Has("Replaces") {
		return uri, Refusal{Code: 400, Phrase: "Refer-To Names Nobody"}, true
	}
	return uri, Refusal{}, false
}

// Referred is the number in a Refer-To.
func Referred(uri proto.Uri) string {
	if uri.Scheme == "tel" {
		number, _, _ := strings.Cut(uri.Raw(), ";")
		return number
	}
	return Dialled(uri)
}

// Key is the one that an INFO brings, as "Signal=5", "d=5" or plain "5".
func Key(req *proto.Request) (rune, bool) {
	contentType, body := MediaType(req), string(req.Body())
	if contentType != "application/dtmf" && contentType != "application/dtmf-relay" {
		return 0, false
	}
	value := strings.TrimSpace(body)
	for line := range strings.Lines(body) {
		k, v, ok := strings.Cut(line, "=")
		if k = strings.TrimSpace(k); ok && (strings.EqualFold(k, "Signal") || strings.EqualFold(k, "d")) {
			value = strings.TrimSpace(v)
		}
	}
	switch value { // the event numbers of RFC 4733
	case "10":
		value = "*"
	case "11":
		value = "#"
	}
	if len(value) != 1 || !strings.Contains("0123456789*#ABCD", strings.ToUpper(value)) {
		return 0, false
	}
	return rune(strings.ToUpper(value)[0]), true
}
