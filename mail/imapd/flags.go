package imapd

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
)

var errReadOnly = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNoPerm,
	Text: "The mailbox is open read-only"}

// flagsOf sorts flags into system flags and keywords. \Recent and unknown system flags are passed over.
func flagsOf(list []imap.Flag) (f mail.Flags) {
	for _, flag := range list {
		switch strings.ToLower(string(flag)) {
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
			if !strings.HasPrefix(string(flag), `\`) {
				f.Keywords = append(f.Keywords, string(flag))
			}
		}
	}
	return f
}

// flagNames is the inverse of flagsOf.
func flagNames(f mail.Flags) []imap.Flag {
	list := []imap.Flag{}
	for _, flag := range []struct {
		set  bool
		name imap.Flag
	}{{f.Seen, imap.FlagSeen}, {f.Answered, imap.FlagAnswered}, {f.Flagged, imap.FlagFlagged},
		{f.Deleted, imap.FlagDeleted}, {f.Draft, imap.FlagDraft}} {
		if flag.set {
			list = append(list, flag.name)
		}
	}
	for _, k := range f.Keywords {
		// else it is no atom
		if !strings.ContainsFunc(k, func(r rune) bool {
			return r <= ' ' || r >= 127 ||
				strings.ContainsRune(`(){%*"\]`, r)
		}) {
			list = append(list, imap.Flag(k))
		}
	}
	return list
}
