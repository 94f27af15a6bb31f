package edge

import (
	"net/netip"
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"
)

func bodied(contentType, body string) *proto.Request {
	req := proto.NewRequest(proto.INVITE, proto.Uri{Scheme: "sip", Host: "x"})
	header := proto.ContentTypeHeader(contentType)
	req.AppendHeader(&header)
	req.SetBody([]byte(strings.ReplaceAll(body, "\n", "\r\n")))
	return req
}

// RFC 5621: a description stands in the body, or in a part of it, however deep within bounds and however encoded.
func TestSDPIn(t *testing.T) {
	part := func(kind, extra, text string) string {
		return "--b\nContent-Type: " + kind + "\n" + extra + "\n" + text + "\n"
	}
	nested := func(inner string) string {
		return "--o\nContent-Type: multipart/mixed; boundary=b\n\n" + inner + "--b--\n\n--o--\n"
	}
	for what, c := range map[string]struct{ kind, body, want string }{
		"alone":          {"application/sdp", "v=0", "v=0"},
		"in upper case":  {"Application/SDP; x=y", "v=0", "v=0"},
		"second part":    {"multipart/mixed; boundary=b", part("text/plain", "", "hi") + part("application/sdp", "", "v=0") + "--b--\n", "v=0"},
		"base64":         {"multipart/mixed; boundary=b", part("application/sdp", "Content-Transfer-Encoding: BASE64\n", "dj0w") + "--b--\n", "v=0"},
		"nested":         {"multipart/mixed; boundary=o", nested(part("application/sdp", "", "v=0")), "v=0"},
		"no end":         {"multipart/mixed; boundary=b", part("text/plain", "", "hi") + part("application/sdp", "", "v=0"), "v=0"},
		"no quotes":      {"multipart/mixed;boundary=b=/", strings.ReplaceAll(part("application/sdp", "", "v=0")+"--b--\n", "--b", "--b=/"), "v=0"},
		"another kind":   {"text/plain", "v=0", ""},
		"no boundary":    {"multipart/mixed", part("application/sdp", "", "v=0"), ""},
		"too many parts": {"multipart/mixed; boundary=b", strings.Repeat(part("text/plain", "", "x"), maxParts) + part("application/sdp", "", "v=0"), ""},
		"empty":          {"application/sdp", "", ""},
	} {
		got, ok := SDPIn(bodied(c.kind, c.body))
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", what, got, ok)
		}
	}
}

func TestDialled(t *testing.T) {
	for text, want := range map[string]string{
		"sip:+40311000001@x;user=phone":     "+40311000001",
		"sip:100;phone-context=acme@x":      "100",
		"sip:%2b40311@x":                    "+40311",
		"sip:a%00b%zz@x":                    "a%00b%zz", // what is no character stays as it is written
		"tel:+40-311-000;phone-context=+40": "+40-311-000",
		"sip:x":                             "",
	} {
		var u proto.Uri
		if err := proto.ParseUri(text, &u); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := Dialled(u); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	req := proto.NewRequest(proto.OPTIONS, proto.Uri{Scheme: "sip", Host: "x"})
	req.SetTransport("TCP")
	req.SetSource("[::ffff:192.0.2.7]:5062")
	if got := PlaceOf(req).String(); got != "tcp:192.0.2.7:5062" {
		t.Error(got)
	}
	req.SetSource("phone.local:5060")
	if SourceOf(req).IsValid() {
		t.Error("a name is an address")
	}
	if got := Single(netip.MustParseAddr("::ffff:192.0.2.7")).String(); got != "192.0.2.7/32" {
		t.Error(got)
	}
}

func TestTags(t *testing.T) {
	req := proto.NewRequest(proto.OPTIONS, proto.Uri{Scheme: "sip", Host: "x"})
	if ToTag(req) != "" || TagOf(req.From()) != "" {
		t.Error("a tag where there is no header")
	}
	req.AppendHeader(&proto.ToHeader{Params: proto.HeaderParams{{K: "tag", V: "t"}}})
	req.AppendHeader(&proto.FromHeader{Params: proto.HeaderParams{{K: "tag", V: "f"}}})
	if ToTag(req) != "t" || TagOf(req.From()) != "f" {
		t.Error("not the tags that stand there")
	}
}
