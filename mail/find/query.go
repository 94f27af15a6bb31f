package find

import (
	"strings"
	"time"
	"unicode"
)

// maxWords of a query that count, and how long it may be.
const (
	maxWords = 10
	maxQuery = 400
)

// Query is what somebody looks for; all of it must be so.
type Query struct {
	Words   []string // begin words of its people, subject, text or names of files
	From    []string // of its sender's name or address
	To      []string // of its recipients'
	Subject []string
	Files   []string // of the names of its files

	Attachment, Unseen, Flagged bool

	Label string    // an IMAP keyword
	Since time.Time // received then or later; zero: whenever
	Until time.Time // received before; zero: whenever
}

// Parse reads a query as people type it: words, and from:ana to:sales@ subject:offer file:plan label:hot
// has:attachment is:unread is:flagged after:2026-03-01 before:2026-04-01, with quotes around what has spaces. Days are
// of zone; before: is the end of the day before. What means nothing is searched for.
func Parse(text string, zone *time.Location) (q Query) {
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	for _, piece := range pieces(text) {
		name, value, tagged := strings.Cut(piece, ":")
		if !tagged || !q.take(strings.ToLower(name), value, zone) {
			q.Words = append(q.Words, Words(piece)...)
		}
	}
	for _, list := range []*[]string{&q.Words, &q.From, &q.To, &q.Subject, &q.Files} {
		*list = (*list)[:min(len(*list), maxWords)]
	}
	return q
}

// take reads name:value, and tells whether it means something.
func (q *Query) take(name, value string, zone *time.Location) bool {
	if value == "" {
		return false
	}
	switch name {
	case "from":
		q.From = append(q.From, Words(value)...)
	case "to":
		q.To = append(q.To, Words(value)...)
	case "subject":
		q.Subject = append(q.Subject, Words(value)...)
	case "file":
		q.Files = append(q.Files, Words(value)...)
	case "label":
		q.Label = value
	case "has", "is":
		return q.state(strings.ToLower(value))
	case "after", "before":
		return q.day(name, value, zone)
	default:
		return false
	}
	return true
}

func (q *Query) state(value string) bool {
	switch value {
	case "attachment":
		q.Attachment = true
	case "unread":
		q.Unseen = true
	case "flagged":
		q.Flagged = true
	default:
		return false
	}
	return true
}

func (q *Query) day(name, value string, zone *time.Location) bool {
	at, err := time.ParseInLocation(time.DateOnly, value, zone)
	if err != nil {
		return false
	}
	if name == "after" {
		q.Since = at
	} else {
		q.Until = at
	}
	return true
}

// pieces of a query: what spaces divide that are in no quotes.
func pieces(text string) (list []string) {
	quoted := false
	fields := strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && unicode.IsSpace(r)
	})
	for _, f := range fields {
		if f = strings.ReplaceAll(f, `"`, ""); f != "" {
			list = append(list, f)
		}
	}
	return list
}

// Empty tells whether everything fits.
func (q Query) Empty() bool {
	return !q.HasWords() && q.Label == "" && !q.Attachment && !q.Unseen && !q.Flagged && q.Since.IsZero() &&
		q.Until.IsZero()
}

// HasWords tells whether the index can be asked for it.
func (q Query) HasWords() bool { return len(q.words()) > 0 }

// words are all that the index can be asked for.
func (q Query) words() (all []string) {
	for _, list := range [][]string{q.Words, q.From, q.To, q.Subject, q.Files} {
		all = append(all, list...)
	}
	return all
}

// Texts are those of a message that a query is held against.
type Texts struct {
	All                      func() string // what Words are looked for in
	From, To, Subject, Files string
}

// Matches tells whether a message has all the words.
func (q Query) Matches(t Texts) bool {
	for _, part := range []struct {
		wanted []string
		text   string
	}{{q.From, t.From}, {q.To, t.To}, {q.Subject, t.Subject}, {q.Files, t.Files}} {
		if len(part.wanted) > 0 && !hasAll(Words(part.text), part.wanted) {
			return false
		}
	}
	return len(q.Words) == 0 || hasAll(Words(t.All()), q.Words)
}

func hasAll(words, wanted []string) bool {
	for _, w := range wanted {
		if !has(words, w) {
			return false
		}
	}
	return true
}
