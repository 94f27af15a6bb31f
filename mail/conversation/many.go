package conversation

import (
	"context"
	"slices"
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
	"frontdesk/store"
	"frontdesk/store/query"
)

// A mail of ours to several clients is many conversations: each answer that goes only to us begins one of its own,
// which everything that its author writes about that mail joins. Two kinds of names that are no Message-IDs, as they
// hold a space, say so among the members of threads.

// toMany is the name that tells of a mail that it went to several clients.
func toMany(id string) string { return "many " + id }

// answerOf names one client's part in a mail to many.
func answerOf(id, client string) string { return coding.Clean(id+" "+strings.ToLower(client), MaxID) }

// names are all that may tell the mail's thread.
func (m Mail) names() (names []string) {
	for _, id := range Relatives(m.Parsed) {
		names = append(names, id)
		if !m.Outgoing && id != m.Parsed.MessageID {
			names = append(names, toMany(id), answerOf(id, m.Parsed.Author().Address))
		}
	}
	return names
}

// relatives are the ids that tell the mail's thread and become its members.
func (m Mail) relatives(known map[string]string, ours map[string]bool) (ids []string) {
	for _, id := range Relatives(m.Parsed) {
		if !m.Outgoing && known[toMany(id)] != "" && id != m.Parsed.MessageID && !m.among(ours) {
			id = answerOf(id, m.Parsed.Author().Address)
		}
		ids = append(ids, id)
	}
	if m.Outgoing && !m.Draft && m.Parsed.MessageID != "" && m.clients(ours) > 1 {
		ids = append(ids, toMany(coding.Clean(m.Parsed.MessageID, MaxID)))
	}
	return ids
}

// people are whom a message names as its recipients, and for one of ours whom it really went to.
func (m Mail) people() []string {
	if len(m.Recipients) > 0 {
		return m.Recipients
	}
	addresses := []string{}
	for _, list := range [][]mime.Person{m.Parsed.To, m.Parsed.Cc, mime.People(m.Parsed.Header, "Bcc")} {
		for _, p := range list {
			addresses = append(addresses, p.Address)
		}
	}
	return addresses
}

// clients is how many outside our domains it goes to, its author aside.
func (m Mail) clients(ours map[string]bool) int {
	seen := map[string]bool{strings.ToLower(m.Parsed.Author().Address): true}
	for _, address := range m.people() {
		lower, domain, err := mime.SplitAddress(address)
		if err == nil && !ours[domain] {
			seen[lower] = true
		}
	}
	return len(seen) - 1
}

// among tells whether an answer is part of a talk with others outside.
func (m Mail) among(ours map[string]bool) bool { return m.clients(ours) > 0 }

// ourDomains reads them where a mail could be a mail to many, or answers one.
func ourDomains(ctx context.Context, tx *store.Tx, mails []Mail,
	known map[string]map[string]string) (map[string]bool, error) {
	ours, needed := map[string]bool{}, false
	for _, m := range mails {
		answers := func(id string) bool { return known[m.Mailbox][toMany(id)] != "" }
		needed = needed || m.Outgoing && len(m.people()) > 1 ||
			!m.Outgoing && slices.ContainsFunc(Relatives(m.Parsed), answers)
	}
	if !needed {
		return ours, nil
	}
	names, err := query.All(ctx, tx, query.Text, query.New(`SELECT name FROM mail_domain`))
	for _, name := range names {
		ours[name] = true
	}
	return ours, err
}
