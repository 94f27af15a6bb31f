package imapd

import (
	"slices"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

var errReadOnly = imap.No("NOPERM", "The mailbox is open read-only")

// flagsOf sorts flags into system flags and keywords. \Recent and unknown system flags are passed over.
func flagsOf(list []string) (f mail.Flags) {
	for _, flag := range list {
		switch strings.ToLower(flag) {
		case `\seen`:
			f.Seen = true
		case `\flagged`:
			f.Flagged = true
		case `\answered`:
			f.Answered = true
		case `\draft`:
			f.Draft = true
		case `\deleted`:
			f.Deleted = true
		default:
			if !strings.HasPrefix(flag, `\`) {
				f.Keywords = append(f.Keywords, flag)
			}
		}
	}
	return f
}

// mark is a flag of a message, or what a view notes of it.
type mark uint16

const (
	seen mark = 1 << iota
	answered
	flagged
	deleted
	draft
	recent // no other session was told of it (RFC 3501 section 2.3.2)

	gone  // expunged, but the client isn't told yet
	fresh // its flags changed, but the client isn't told yet
)

// systemFlags are the names of marks.
var systemFlags = [...]string{`\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft`, `\Recent`}

func marksOf(f mail.Flags) (m mark) {
	for i, set := range [...]bool{f.Seen, f.Answered, f.Flagged, f.Deleted, f.Draft} {
		if set {
			m |= 1 << i
		}
	}
	return m
}

// names of marks and keywords, as FLAGS has them. A keyword that is no atom can't be told.
func names(m mark, keywords []string) (list []string) {
	for i, name := range systemFlags[:5] {
		if m&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	for _, k := range keywords {
		if imap.IsAtom(k) {
			list = append(list, k)
		}
	}
	if m&recent != 0 {
		list = append(list, `\Recent`)
	}
	return list
}

func hasFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, name) })
}
