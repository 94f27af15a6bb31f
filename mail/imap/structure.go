package imap

import (
	"maps"
	stdmime "mime"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"frontdesk/mail/mime"
)

// AppendStructure appends BODYSTRUCTURE of a message or part, or BODY: the same without extension data (RFC 9051
// section 7.5.2).
func AppendStructure(b []byte, n *mime.Node, extended bool) []byte {
	b = append(b, '(')
	if n.Multipart() {
		b = appendMultipart(b, n, extended)
	} else {
		b = appendPart(b, n, extended)
	}
	return append(b, ')')
}

func appendMultipart(b []byte, n *mime.Node, extended bool) []byte {
	parts := n.Parts
	if len(parts) == 0 { // the grammar wants one
		parts = []*mime.Node{{Type: "text/plain", Encoding: "7bit"}}
	}
	for _, part := range parts {
		b = AppendStructure(b, part, extended)
	}
	_, minor, _ := strings.Cut(n.Type, "/")
	if b = AppendString(append(b, ' '), text(minor)); extended {
		b = appendParams(append(b, ' '), n.Params, asWord)
		b = appendExtension(b, n)
	}
	return b
}

func appendPart(b []byte, n *mime.Node, extended bool) []byte {
	major, minor, _ := strings.Cut(n.Type, "/")
	inner := n.Type == "message/rfc822" && len(n.Parts) == 1
	if !inner && (n.Type == "message/rfc822" || n.Type == "message/global") {
		major, minor = "application", "octet-stream" // not read in place: the grammar wants what is inside
	}
	b = append(AppendString(b, text(major)), ' ')
	b = append(AppendString(b, text(minor)), ' ')
	b = append(appendParams(b, n.Params, asWord), ' ')
	b = append(appendNString(b, text(n.Header.Get("Content-Id"))), ' ')
	b = append(appendNString(b, text(n.Header.Get("Content-Description"))), ' ')
	b = append(AppendString(b, strings.ToLower(text(n.Encoding))), ' ') // some clients choke on upper case
	b = strconv.AppendInt(b, n.End-n.Body, 10)
	if inner {
		b = append(AppendEnvelope(append(b, ' '), n.Parts[0].Header), ' ')
		b = AppendStructure(b, n.Parts[0], extended)
	}
	if inner || major == "text" {
		b = strconv.AppendInt(append(b, ' '), n.Lines, 10)
	}
	if extended {
		b = appendExtension(append(b, " NIL"...), n) // no MD5
	}
	return b
}

// appendExtension appends disposition, language and location.
func appendExtension(b []byte, n *mime.Node) []byte {
	b = append(appendDisposition(append(b, ' '), n), ' ')
	b = append(appendLanguage(b, n), ' ')
	return appendNString(b, text(n.Header.Get("Content-Location")))
}

// appendParams appends parameters as a client wants them: not as they stand in the message, but so that each can read
// them.
func appendParams(b []byte, list map[string]string, encode func(key, value string) (string, string)) []byte {
	if len(list) == 0 {
		return append(b, "NIL"...)
	}
	for i, key := range slices.Sorted(maps.Keys(list)) {
		value := text(list[key])
		if strings.ContainsFunc(value, func(r rune) bool { return r >= 0x80 }) {
			key, value = encode(key, value)
		}
		b = AppendString(append(b, "( "[min(i, 1)]), text(key))
		b = AppendString(append(b, ' '), value)
	}
	return append(b, ')')
}

// asWord is how most programs write a name in Content-Type (RFC 2047).
func asWord(key, value string) (string, string) { return key, stdmime.BEncoding.Encode("utf-8", value) }

// asExtended is how it stands in Content-Disposition (RFC 2231 section 4).
func asExtended(key, value string) (string, string) {
	return key + "*", "utf-8''" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}

func appendDisposition(b []byte, n *mime.Node) []byte {
	if n.Disposition == "" {
		return append(b, "NIL"...)
	}
	list := n.DispositionParams
	if name := n.FileName(); name != "" && list["filename"] != "" {
		list = maps.Clone(list)
		list["filename"] = name
	}
	b = append(AppendString(append(b, '('), text(n.Disposition)), ' ')
	return append(appendParams(b, list, asExtended), ')')
}

func appendLanguage(b []byte, n *mime.Node) []byte {
	first := true
	for _, tag := range strings.Split(n.Header.Get("Content-Language"), ",") {
		if tag = text(strings.TrimSpace(tag)); tag != "" {
			b = AppendString(append(b, "( "[btoi(!first)]), tag)
			first = false
		}
	}
	if first {
		return append(b, "NIL"...)
	}
	return append(b, ')')
}

func btoi(is bool) int {
	if is {
		return 1
	}
	return 0
}
