package smtpd

import (
	"bytes"
	"slices"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store/blob"
)

// arriving is a message that was judged.
type arriving struct {
	*blob.Spool
	fields  []byte        // of its header
	parsed  *mime.Message // whole where it is small, else its header
	verdict mail.Verdict
	results []byte // Authentication-Results
}

// under is the message as it is stored, with so many bytes of fields. It was parsed before, unless its header is one
// that different programs end at different places.
func (a arriving) under(raw []byte, fields int) *mime.Message {
	const end = "\r\n"
	if len(a.fields) == 0 || !bytes.Equal(a.parsed.Head, slices.Concat(a.fields, []byte(end))) {
		return mime.ParseBytes(raw)
	}
	return a.parsed.Under(raw[:fields+len(end)])
}
