package imap

import (
	"strings"
	"time"
)

// Key is something that a search asks of a message (RFC 9051 section 6.4.4).
type Key struct {
	// Op is ALL (every one of Keys), OR (one of Keys), NOT (not its only one of Keys); FLAG; SEQ, UID; SINCE, BEFORE,
	// SENTSINCE, SENTBEFORE; HEADER, BODY, TEXT; LARGER, SMALLER; MODSEQ (at least Number).
	Op     string
	Keys   []Key
	Set    Set
	Flag   string
	Day    time.Time
	Field  string // of HEADER
	Text   string
	Number int64
}

// maxNested is how deep keys may stand in brackets and behind NOT and OR.
const maxNested = 50

// Asks tells whether an Op is among the keys.
func (k *Key) Asks(ops ...string) bool {
	for _, op := range ops {
		if k.Op == op {
			return true
		}
	}
	for i := range k.Keys {
		if k.Keys[i].Asks(ops...) {
			return true
		}
	}
	return false
}

// Return is what SEARCH RETURN asks for (RFC 4731, RFC 5182).
type Return struct {
	Extended                   bool // answer with ESEARCH
	Min, Max, All, Count, Save bool
}

// Return takes the options of a search, if there are any, with the space behind them.
func (a *Args) Return() (r Return) {
	if r.Extended = a.skipWord("RETURN "); r.Extended {
		a.List(func() { r.option(a, a.Keyword()) })
		a.Space()
	}
	r.All = r.All || !r.Min && !r.Max && !r.Count && !r.Save // what only saves answers nothing
	return r
}

func (r *Return) option(a *Args, name string) {
	switch name {
	case "MIN":
		r.Min = true
	case "MAX":
		r.Max = true
	case "ALL":
		r.All = true
	case "COUNT":
		r.Count = true
	case "SAVE":
		r.Save = true
	default:
		a.Fail("Unknown option of RETURN")
	}
}

// Keys takes what is searched for, up to the end, with the charset before it.
func (a *Args) Keys() *Key {
	if a.skipWord("CHARSET ") {
		a.charset()
		a.Space()
	}
	all := &Key{Op: "ALL", Keys: []Key{a.key(0)}}
	for a.err == nil && a.Skip(' ') {
		all.Keys = append(all.Keys, a.key(0))
	}
	return all
}

// charset takes one that we know.
func (a *Args) charset() {
	switch strings.ToUpper(a.AString()) {
	case "US-ASCII", "UTF-8":
	default:
		if a.err == nil {
			a.err = No("BADCHARSET (US-ASCII UTF-8)", "Only US-ASCII and UTF-8 can be searched in")
		}
	}
}

func (a *Args) key(depth int) (k Key) {
	if depth > maxNested {
		a.Fail("Too deep a search")
		return k
	}
	switch c := a.next(); {
	case c == '(':
		k.Op = "ALL"
		a.List(func() { k.Keys = append(k.Keys, a.key(depth+1)) })
		if len(k.Keys) == 0 {
			a.fail("something to search for")
		}
		return k
	case c == '*', c == '$', isDigit(c):
		return Key{Op: "SEQ", Set: a.Set()}
	}
	switch k.Op = a.Keyword(); k.Op {
	case "ALL":
	case "NOT":
		a.Space()
		k.Keys = []Key{a.key(depth + 1)}
	case "OR":
		a.Space()
		k.Keys = []Key{a.key(depth + 1)}
		a.Space()
		k.Keys = append(k.Keys, a.key(depth+1))
	default:
		k.flag(a)
	}
	return k
}

func not(k Key) Key { return Key{Op: "NOT", Keys: []Key{k}} }

func (k *Key) flag(a *Args) {
	switch k.Op {
	case "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "RECENT", "SEEN":
		*k = Key{Op: "FLAG", Flag: `\` + k.Op}
	case "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN":
		*k = not(Key{Op: "FLAG", Flag: `\` + strings.TrimPrefix(k.Op, "UN")})
	case "NEW":
		*k = Key{Op: "ALL", Keys: []Key{{Op: "FLAG", Flag: `\RECENT`}, not(Key{Op: "FLAG", Flag: `\SEEN`})}}
	case "OLD":
		*k = not(Key{Op: "FLAG", Flag: `\RECENT`})
	case "KEYWORD":
		a.Space()
		*k = Key{Op: "FLAG", Flag: a.Flag()}
	case "UNKEYWORD":
		a.Space()
		*k = not(Key{Op: "FLAG", Flag: a.Flag()})
	default:
		a.Space()
		k.argument(a)
	}
}

func (k *Key) argument(a *Args) {
	switch k.Op {
	case "UID":
		k.Set = a.Set()
	case "BCC", "CC", "FROM", "SUBJECT", "TO":
		k.Op, k.Field, k.Text = "HEADER", k.Op, a.AString()
	case "HEADER":
		k.Field = a.AString()
		a.Space()
		k.Text = a.AString()
	case "BODY", "TEXT":
		k.Text = a.AString()
	case "SINCE", "BEFORE", "SENTSINCE", "SENTBEFORE":
		k.Day = a.Date()
	case "ON", "SENTON":
		day, sent := a.Date(), strings.TrimSuffix(k.Op, "ON")
		*k = Key{Op: "ALL",
			Keys: []Key{{Op: sent + "SINCE", Day: day}, {Op: sent + "BEFORE", Day: day.AddDate(0, 0, 1)}}}
	case "LARGER", "SMALLER":
		k.Number = a.Number()
	case "MODSEQ":
		k.modseq(a)
	default:
		a.Fail("Unknown search key")
	}
}

// modseq takes RFC 7162 section 3.1.5; we keep one mod-sequence for all flags of a message.
func (k *Key) modseq(a *Args) {
	if a.next() == '"' {
		_ = a.String() // the flag it is about
		a.Space()
		switch a.Keyword() {
		case "PRIV", "SHARED", "ALL":
		default:
			a.fail("priv, shared or all")
		}
		a.Space()
	}
	k.Number = a.Number()
}
