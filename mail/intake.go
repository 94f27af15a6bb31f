package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"frontdesk/mail/conversation"
	"frontdesk/mail/mime"
)

// IntakeJob is the kind of the job that tells the CRM of a message: its payload is an Intake.
const IntakeJob = "intake.mail"

// Intake is the payload of an IntakeJob.
type Intake struct {
	Message string   `json:"message"` // id
	Mailbox string   `json:"mailbox"` // id
	Blob    string   `json:"blob,omitempty"`
	Telling *Telling `json:"telling,omitempty"` // nil: the message is read for it
	Past    bool     `json:"past,omitempty"`    // it came long ago, see Addition
}

// Telling is what the CRM has to know of a message's content, and its row does not say.
type Telling struct {
	Reply  []string      `json:"reply,omitempty"`  // Message-IDs it answers, the most telling first
	Digest string        `json:"digest"`           // of what it says
	Others []mime.Person `json:"others,omitempty"` // who may be behind a mail that a machine sent, see mime.Message.Others
	Form   bool          `json:"form,omitempty"`   // its author is such a machine
}

func tellingOf(m *mime.Message) Telling {
	t := Telling{Reply: conversation.Relatives(m), Digest: digest(m), Others: m.Others()}
	if m.MessageID != "" && len(t.Reply) > 0 {
		t.Reply = t.Reply[:len(t.Reply)-1] // the last is its own
	}
	t.Form = len(m.From) > 0 && m.From[0].Form()
	return t
}

// digest of what a message says, whatever servers on the way added or encoded anew.
func digest(m *mime.Message) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%s\n", m.Header.Get("Date"), m.Subject, strings.TrimSpace(m.Text))
	for _, p := range m.Parts {
		fmt.Fprintf(sum, "%s %s %d\n", p.Name, p.Type, p.Size)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}
