package mime

import (
	"bytes"
	"encoding/base64"
)

// WithoutNUL is a message without NUL, which no IMAP string can carry but a literal8 can bring (RFC 3516 section 4.1):
// bodies that have it are encoded as base64, elsewhere it is left out.
func WithoutNUL(raw []byte) []byte {
	root, _ := Scan(raw)
	var out bytes.Buffer
	root.writeEncoded(raw, &out)
	writeClean(&out, raw[root.End:])
	return out.Bytes()
}

func (n *Node) writeEncoded(raw []byte, out *bytes.Buffer) {
	body := raw[n.Body:n.End]
	if len(n.Parts) == 0 && bytes.IndexByte(body, 0) >= 0 && n.Encoding != "base64" &&
		n.Encoding != "quoted-printable" {
		writeAsBase64(raw[n.Start:n.Body], body, out)
		return
	}
	at := n.Start
	for _, part := range n.Parts {
		writeClean(out, raw[at:part.Start])
		part.writeEncoded(raw, out)
		at = part.End
	}
	writeClean(out, raw[at:n.End])
}

func writeClean(out *bytes.Buffer, raw []byte) { out.Write(bytes.ReplaceAll(raw, []byte{0}, nil)) }

// writeAsBase64 writes an entity with another transfer encoding.
func writeAsBase64(header, body []byte, out *bytes.Buffer) {
	drop := false
	for line := range bytes.Lines(header) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := bytes.Cut(line, []byte(":"))
			drop = bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Transfer-Encoding"))
		}
		if !drop {
			writeClean(out, line)
		}
	}
	out.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	for len(body) > 0 {
		line := body[:min(len(body), 57)]
		body = body[len(line):]
		out.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
	}
}
