package imapd

import (
	"strings"

	"frontdesk/mail/imap"
)

// command does what a client asked. The code is of its OK, or "".
type command func(*session, *imap.Command) (code string, err error)

// state is when a command may be given (RFC 9051 section 3).
type state int

const (
	always state = iota
	notLoggedIn
	loggedIn
	selected
)

// commandOf finds a command by its name; nil when there is none.
func commandOf(name string) (command, state) {
	switch name {
	case "CAPABILITY":
		return (*session).capability, always
	case "NOOP":
		return (*session).noop, always
	case "LOGOUT":
		return (*session).logout, always
	case "ID":
		return (*session).identify, always
	case "LOGIN":
		return (*session).login, notLoggedIn
	case "AUTHENTICATE":
		return (*session).authenticate, notLoggedIn
	}
	if do := ofMailboxes(name); do != nil {
		return do, loggedIn
	}
	return ofMessages(strings.TrimPrefix(name, "UID "), strings.HasPrefix(name, "UID ")), selected
}

func ofMailboxes(name string) command {
	switch name {
	case "ENABLE":
		return (*session).enable
	case "NAMESPACE":
		return (*session).namespace
	case "LIST":
		return (*session).list
	case "LSUB":
		return (*session).lsub
	case "STATUS":
		return (*session).status
	case "CREATE":
		return (*session).create
	case "DELETE":
		return (*session).delete
	case "RENAME":
		return (*session).rename
	case "SUBSCRIBE":
		return (*session).subscribe
	case "UNSUBSCRIBE":
		return (*session).unsubscribe
	case "SELECT", "EXAMINE":
		return (*session).open
	case "GETQUOTA":
		return (*session).getQuota
	case "GETQUOTAROOT":
		return (*session).getQuotaRoot
	case "APPEND":
		return (*session).append
	case "IDLE":
		return (*session).idle
	}
	return nil
}

// ofMessages are those of the selected folder; some can be asked by UIDs, some only so.
func ofMessages(name string, byUID bool) command {
	switch {
	case name == "FETCH":
		return (*session).fetch
	case name == "STORE":
		return (*session).store
	case name == "SEARCH":
		return (*session).search
	case name == "SORT":
		return (*session).sort
	case name == "THREAD":
		return (*session).thread
	case name == "COPY":
		return (*session).copy
	case name == "MOVE":
		return (*session).move
	case name == "EXPUNGE":
		return (*session).expunge
	case byUID:
		return nil
	case name == "CHECK":
		return (*session).noop
	case name == "CLOSE", name == "UNSELECT":
		return (*session).unselect
	}
	return nil
}
