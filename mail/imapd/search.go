package imapd

import (
	"slices"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
)

// search answers SEARCH (RFC 9051 section 6.4.4, RFC 4731).
func (s *session) search(c *imap.Command) (string, error) {
	c.Args.Space()
	want := c.Args.Return()
	keys := c.Args.Keys()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	found, err := s.find(keys)
	if err != nil {
		return "", err
	}
	if want.Save {
		s.view.saved = imap.SetOf(uidsOf(found))
	}
	s.knows.modseq = s.knows.modseq || keys.Asks("MODSEQ")
	highest := int64(0)
	for _, p := range found {
		if keys.Asks("MODSEQ") {
			highest = max(highest, p.modseq)
		}
	}
	numbers := make([]uint32, len(found))
	for i, p := range found {
		if numbers[i] = p.seq; byUID(c) {
			numbers[i] = p.uid
		}
	}
	if want.Extended || s.rev2 {
		s.writeExtended(c, want, numbers, highest)
		return "", nil
	}
	s.writeFound("SEARCH", numbers, highest)
	return "", nil
}

// writeFound writes the numbers of what was found, and the highest mod-sequence of it where that was asked for.
func (s *session) writeFound(kind string, numbers []uint32, modseq int64) {
	s.out.Text("* ").Text(kind)
	for _, n := range numbers {
		s.out.Text(" ").Number(int64(n))
	}
	if modseq > 0 {
		s.out.Text(" (MODSEQ ").Number(modseq).Text(")")
	}
	s.out.End()
}

func (s *session) writeExtended(c *imap.Command, want imap.Return, numbers []uint32, modseq int64) {
	s.out.Text("* ESEARCH (TAG ").String(c.Tag).Text(")")
	if byUID(c) {
		s.out.Text(" UID")
	}
	if n := len(numbers); n > 0 {
		if want.Min {
			s.out.Text(" MIN ").Number(int64(numbers[0]))
		}
		if want.Max {
			s.out.Text(" MAX ").Number(int64(numbers[n-1]))
		}
		if want.All {
			s.out.Text(" ALL ").Text(imap.SetOf(numbers).String())
		}
	}
	if want.Count {
		s.out.Text(" COUNT ").Number(int64(len(numbers)))
	}
	if modseq > 0 {
		s.out.Text(" MODSEQ ").Number(modseq)
	}
	s.out.End()
}

// searchBatch is how many messages are looked at together.
const searchBatch = 2000

// find picks the messages that fit. What the view knows is looked at first; messages are opened only where the keys
// need it.
func (s *session) find(keys *imap.Key) (found []picked, err error) {
	q := &query{session: s, sets: map[*imap.Key]imap.Set{}}
	q.resolve(keys)
	all := s.view.pick(imap.Set{Ranges: []imap.Range{{First: 1}}}, true)
	for list := range slices.Chunk(all, searchBatch) {
		if keys.Asks("SINCE", "BEFORE", "SENTSINCE", "SENTBEFORE", "HEADER", "BODY", "TEXT", "LARGER", "SMALLER") {
			q.quick = true
			list = slices.DeleteFunc(slices.Clone(list), func(p picked) bool { return q.matches(keys, p) == no })
			if q.quick = false; len(list) == 0 {
				continue
			}
			if err := q.load(list); err != nil {
				return nil, s.fault("search", err)
			}
		}
		for _, p := range list {
			if q.parsed = nil; q.matches(keys, p) == yes {
				found = append(found, p)
			}
		}
		if q.err != nil {
			return nil, s.fault("search", q.err)
		}
	}
	return found, nil
}

// query matches one message after the other.
type query struct {
	session *session
	quick   bool // only by what the view knows
	stored  map[uint32]*mail.Stored
	sets    map[*imap.Key]imap.Set // resolved
	parsed  *mime.Message          // of the message that is looked at, once it was needed
	err     error
}

// verdict on a message.
type verdict int

const (
	no verdict = iota
	yes
	unknown // not to be known from what the view knows
)

func verdictOf(is bool) verdict { return verdict(btoi(is)) }

// resolve finds out what the sets in keys mean.
func (q *query) resolve(k *imap.Key) {
	v := q.session.view
	switch {
	case k.Set.Saved:
		k.Op = "UID"
		q.sets[k] = v.saved
	case k.Op == "SEQ":
		q.sets[k] = k.Set.Resolved(uint32(v.known))
	case k.Op == "UID":
		highest := uint32(0)
		if v.known > 0 {
			highest = v.entries[v.known-1].uid
		}
		q.sets[k] = k.Set.Resolved(highest)
	}
	for i := range k.Keys {
		q.resolve(&k.Keys[i])
	}
}

func (q *query) load(list []picked) error {
	rows, err := q.session.kept(list, mail.Kept{Head: true})
	q.stored = make(map[uint32]*mail.Stored, len(list))
	for _, m := range rows {
		if m != nil {
			q.stored[m.UID] = m
		}
	}
	return err
}

func (q *query) matches(k *imap.Key, p picked) verdict {
	switch k.Op {
	case "ALL", "OR", "NOT":
		return q.combined(k, p)
	case "FLAG":
		return verdictOf(hasFold(q.session.view.names(p.entry), k.Flag))
	case "SEQ":
		return verdictOf(q.sets[k].Contains(p.seq))
	case "UID":
		return verdictOf(q.sets[k].Contains(p.uid))
	case "MODSEQ":
		return verdictOf(p.modseq >= k.Number)
	}
	if q.quick {
		return unknown
	}
	m, there := q.stored[p.uid]
	return verdictOf(there && q.matchesRow(k, *m))
}

// combined is what several keys say together. One that settles it is enough.
func (q *query) combined(k *imap.Key, p picked) verdict {
	settles, result := no, yes
	if k.Op == "OR" {
		settles, result = yes, no
	}
	for i := range k.Keys {
		switch v := q.matches(&k.Keys[i], p); {
		case k.Op == "NOT" && v != unknown:
			return 1 - v
		case v == settles:
			return v
		case v == unknown:
			result = unknown
		}
	}
	return result
}

// matchesRow looks at what stands beside a message, and at the message where it must.
func (q *query) matchesRow(k *imap.Key, m mail.Stored) bool {
	switch k.Op {
	case "SINCE":
		return !day(m.Received).Before(k.Day)
	case "BEFORE":
		return day(m.Received).Before(k.Day)
	case "LARGER":
		return m.Size > k.Number
	case "SMALLER":
		return m.Size < k.Number
	case "HEADER":
		if m.Head != nil && mail.InHead(k.Field) {
			return headContains(m.Head, k.Field, k.Text)
		}
	}
	if m.Head != nil && (k.Op == "SENTSINCE" || k.Op == "SENTBEFORE") {
		return day(mime.Date(mime.ParseHeader(m.Head))).Before(k.Day) == (k.Op == "SENTBEFORE")
	}
	parsed := q.message(m)
	return parsed != nil && contentFits(k, parsed)
}

// contentFits looks at a message that was opened.
func contentFits(k *imap.Key, parsed *mime.Message) bool {
	switch k.Op {
	case "SENTSINCE":
		return !day(parsed.Date).Before(k.Day)
	case "SENTBEFORE":
		return day(parsed.Date).Before(k.Day)
	case "HEADER":
		return parsed.FieldContains(k.Field, k.Text)
	case "BODY":
		return bodyContains(parsed, k.Text)
	}
	return bodyContains(parsed, k.Text) || parsed.FieldContains("", k.Text) // TEXT
}

// day is a date without regard to time and zone (RFC 9051 section 6.4.4).
func day(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }

func bodyContains(m *mime.Message, text string) bool {
	return strings.Contains(strings.ToLower(m.Text), strings.ToLower(text))
}

// message opens a message; nil when it can't be read or the search has failed.
func (q *query) message(m mail.Stored) *mime.Message {
	if q.parsed != nil || q.err != nil {
		return q.parsed
	}
	r, err := q.session.core.box.Open(q.session.ctx, m)
	if err != nil {
		q.err = err
		return nil
	}
	defer r.Close()
	q.parsed, q.err = mime.Parse(r)
	return q.parsed
}
