package mail

import (
	"context"
	"slices"
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// A mail of ours to several clients is many conversations: each answer that goes only to us begins one of its own,
// which everything that its author writes about that mail joins. Two kinds of names that are no Message-IDs, as they
// hold a space, say so among the members of threads.

// toMany is the name that tells of a mail that it went to several clients.
func toMany(id string) string { return "many " + id }

// answerOf names one client's part in a mail to many.
func answerOf(id, client string) string { return text(id+" "+strings.ToLower(client), maxID) }

// names are all that may tell the entry's thread.
func (e entry) names() (names []string) {
	for _, id := range relatives(e.parsed) {
		names = append(names, id)
		if !e.outgoing && id != e.parsed.MessageID {
			names = append(names, toMany(id), answerOf(id, author(e.parsed).Address))
		}
	}
	return names
}

// relatives are the ids that tell the entry's thread and become its members.
func (e entry) relatives(known map[string]string, ours map[string]bool) (ids []string) {
	for _, id := range relatives(e.parsed) {
		if !e.outgoing && known[toMany(id)] != "" && id != e.parsed.MessageID && !e.among(ours) {
			id = answerOf(id, author(e.parsed).Address)
		}
		ids = append(ids, id)
	}
	if e.outgoing && !e.flags.Draft && e.parsed.MessageID != "" && e.clients(ours) > 1 {
		ids = append(ids, toMany(text(e.parsed.MessageID, maxID)))
	}
	return ids
}

// people are whom a message names as its recipients, and for one of ours whom it really went to.
func (e entry) people() []string {
	if len(e.recipients) > 0 {
		return e.recipients
	}
	addresses := []string{}
	for _, list := range [][]mime.Person{e.parsed.To, e.parsed.Cc, mime.People(e.parsed.Header, "Bcc")} {
		for _, p := range list {
			addresses = append(addresses, p.Address)
		}
	}
	return addresses
}

// clients is how many outside our domains it goes to, its author aside.
func (e entry) clients(ours map[string]bool) int {
	seen := map[string]bool{strings.ToLower(author(e.parsed).Address): true}
	for _, address := range e.people() {
		lower, domain, err := split(address)
		if err == nil && !ours[domain] {
			seen[lower] = true
		}
	}
	return len(seen) - 1
}

// among tells whether an answer is part of a talk with others outside.
func (e entry) among(ours map[string]bool) bool { return e.clients(ours) > 0 }

// ourDomains reads them where an entry could be a mail to many, or answers one.
func ourDomains(ctx context.Context, tx *store.Tx, entries []entry,
	known map[string]map[string]string) (map[string]bool, error) {
	ours, needed := map[string]bool{}, false
	for _, e := range entries {
		answers := func(id string) bool { return known[e.mailbox][toMany(id)] != "" }
		needed = needed || e.outgoing && len(e.people()) > 1 ||
			!e.outgoing && slices.ContainsFunc(relatives(e.parsed), answers)
	}
	if !needed {
		return ours, nil
	}
	rows, err := tx.Query(ctx, `SELECT name FROM mail_domain`)
	names, err := store.Collect(rows, err, one[string])
	for _, name := range names {
		ours[name] = true
	}
	return ours, err
}
