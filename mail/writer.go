package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"frontdesk/mail/mime"
)

// writer is who wrote a message, and whether that is proven: its author, or where a form, a machine that reads no
// answers or one of ourselves sent it, the one outside whom an answer goes to. Nothing ever proves that one.
func (b *Box) writer(ctx context.Context, m Telling, s Summary) (Person, bool, error) {
	if len(m.Others) == 0 || s.Outgoing {
		return s.From, s.Verdict.Verified, nil
	}
	forOthers, err := m.Form, error(nil)
	if !forOthers {
		forOthers, err = b.oursAt(ctx, s.From.Address)
	}
	for _, client := range m.Others {
		ours := true
		if err == nil && forOthers {
			ours, err = b.oursAt(ctx, client.Address)
		}
		if err == nil && !ours {
			client = client.Honest()
			return Person{Name: text(client.Name, 200), Address: text(strings.ToLower(client.Address), 320)}, false, nil
		}
	}
	return s.From, s.Verdict.Verified, err
}

// oursAt tells whether an address is of a domain of ours.
func (b *Box) oursAt(ctx context.Context, address string) (bool, error) {
	_, domain, err := split(address)
	if err != nil {
		return false, nil
	}
	return b.Ours(ctx, domain)
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
