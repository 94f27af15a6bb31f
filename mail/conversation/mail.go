package conversation

import (
	"slices"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

const (
	// MaxID is how many bytes of a Message-ID count, a line of RFC 5322.
	MaxID         = 998
	maxReferences = 50 // the newest ones count
)

// Mail is one that is about to be stored.
type Mail struct {
	Mailbox    string // id
	Parsed     *mime.Message
	Outgoing   bool
	Draft      bool
	Recipients []string // of a mail of ours; nil: those it names
}

// Relatives lists the ids that tell a message's thread, the most telling first; its own is the last.
func Relatives(m *mime.Message) []string {
	references := slices.Clone(m.References)
	slices.Reverse(references)
	all := append(slices.Clone(m.InReplyTo), references...)
	all = append(all[:min(len(all), maxReferences)], m.MessageID)
	var ids []string
	for _, id := range all {
		if id = coding.Clean(id, MaxID); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
