package mime

import (
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// Node is an entity of the MIME tree, with byte offsets into the message: exact, also where the message is broken.
type Node struct {
	Header            textproto.Header
	Type              string            // lower case, "text/plain" when missing or unreadable
	Params            map[string]string // of Content-Type, decoded
	Encoding          string            // Content-Transfer-Encoding, lower case, "7bit" when missing
	Disposition       string            // lower case, "" when missing
	DispositionParams map[string]string // decoded
	Start             int64             // of the header
	Body              int64             // of the body
	End               int64             // behind the body; the line break before a boundary isn't part of it
	Lines             int64             // line breaks in the body
	Parts             []*Node
}

// Multipart tells whether Parts are the parts of a multipart; otherwise they hold at most the message inside a message.
func (n *Node) Multipart() bool { return strings.HasPrefix(n.Type, "multipart/") }

// moved is the tree of the same entities so many bytes further on.
func (n *Node) moved(by int64) *Node {
	m := *n
	m.Start, m.Body, m.End, m.Parts = n.Start+by, n.Body+by, n.End+by, slices.Clone(n.Parts)
	for i, part := range m.Parts {
		m.Parts[i] = part.moved(by)
	}
	return &m
}
