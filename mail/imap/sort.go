package imap

import (
	"regexp"
	"strings"
)

// SortKey is one of those that SORT orders by (RFC 5256 section 3).
type SortKey struct {
	Name    string // ARRIVAL, CC, DATE, FROM, SIZE, SUBJECT or TO
	Reverse bool
}

// SortKeys takes those of SORT.
func (a *Args) SortKeys() (keys []SortKey) {
	reverse := false
	a.List(func() {
		switch name := a.Keyword(); name {
		case "REVERSE":
			reverse = true
			return
		case "ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO":
			keys = append(keys, SortKey{Name: name, Reverse: reverse})
		default:
			a.Fail("Unknown key of SORT")
		}
		reverse = false
	})
	if reverse || len(keys) == 0 {
		a.fail("a key to sort by")
	}
	return keys
}

// Charset takes the charset of SORT and THREAD, and what is searched for behind it.
func (a *Args) Charset() *Key {
	a.charset()
	a.Space()
	return a.Keys()
}

var (
	subjectTrailer = regexp.MustCompile(`(?i)\(fwd\)$`)
	subjectLeader  = regexp.MustCompile(`(?i)^(\[[^\[\]]*\]\s*)*(re|fwd?)\s*(\[[^\[\]]*\]\s*)?:`)
	subjectBlob    = regexp.MustCompile(`^\[[^\[\]]*\]\s*`)
	subjectForward = regexp.MustCompile(`(?i)^\[fwd:(.*)\]$`)
)

// BaseSubject is what a subject is about, whoever answered it or passed it on (RFC 5256 section 2.1); reply tells
// whether somebody did.
func BaseSubject(subject string) (base string, reply bool) {
	base = strings.Join(strings.Fields(subject), " ")
	for {
		rest := subjectLeader.ReplaceAllString(subjectTrailer.ReplaceAllString(base, ""), "")
		if forward := subjectForward.FindStringSubmatch(rest); forward != nil {
			rest = forward[1]
		}
		reply = reply || rest != base
		if blob := subjectBlob.ReplaceAllString(rest, ""); blob != "" { // else the whole subject stands in brackets
			rest = blob
		}
		if rest = strings.TrimSpace(rest); rest == base {
			return base, reply
		}
		base = rest
	}
}
