package imapd

import (
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/mail"
	"frontdesk/mail/header"
	"frontdesk/mail/mime"
)

// Search answers SEARCH. What the view knows is looked at first; messages are opened only where the criteria need it.
func (s *session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria,
	o *imap.SearchOptions) (_ *imap.SearchData, err error) {
	defer s.rescue("search", &err)
	q := &query{session: s, stored: map[uint32]mail.Stored{}, sets: map[any]func(seq, uid uint32) bool{}}
	all := s.view.pick(imap.UIDSet{{Start: 1, Stop: 0}})
	if needsRow(criteria) {
		if err := q.load(all); err != nil {
			return nil, s.fault("search", err)
		}
	}
	var seqs imap.SeqSet
	var uids imap.UIDSet
	data := &imap.SearchData{}
	for _, p := range all {
		q.picked, q.parsed = p, nil
		if !q.matches(criteria) {
			continue
		}
		number := p.seq
		if kind == imapserver.NumKindUID {
			number = p.state.UID
		}
		if data.Min == 0 {
			data.Min = number
		}
		data.Max = number
		data.Count++
		seqs.AddNum(p.seq)
		uids.AddNum(imap.UID(p.state.UID))
	}
	if q.err != nil {
		return nil, s.fault("search", q.err)
	}
	data.All = seqs
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	if o.ReturnSave {
		s.view.save(uids)
	}
	return data, nil
}

func (v *view) save(uids imap.UIDSet) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.saved = uids
}

// needsRow tells whether criteria ask for more than numbers and flags.
func needsRow(c *imap.SearchCriteria) bool {
	own := !c.Since.IsZero() || !c.Before.IsZero() || !c.SentSince.IsZero() || !c.SentBefore.IsZero() ||
		len(c.Header)+len(c.Body)+len(c.Text) > 0 || c.Larger != 0 || c.Smaller != 0
	return own || slices.ContainsFunc(c.Not, func(n imap.SearchCriteria) bool { return needsRow(&n) }) ||
		slices.ContainsFunc(c.Or, func(o [2]imap.SearchCriteria) bool { return needsRow(&o[0]) || needsRow(&o[1]) })
}

// query matches one message after the other.
type query struct {
	session *session
	stored  map[uint32]mail.Stored
	sets    map[any]func(seq, uid uint32) bool // resolved once, by their address in the criteria
	picked  picked
	parsed  *mime.Message // of the picked message, once it was needed
	err     error
}

func (q *query) load(all []picked) error {
	list, err := q.session.core.box.WithHeads(q.session.ctx, q.session.view.folder.ID, uidsOf(all))
	for _, m := range list {
		q.stored[m.UID] = m
	}
	return err
}

func (q *query) matches(c *imap.SearchCriteria) bool {
	return q.matchesNumbers(c) && q.matchesFlags(c) && q.matchesRow(c) && q.matchesCombined(c) && q.matchesContent(c)
}

func (q *query) matchesNumbers(c *imap.SearchCriteria) bool {
	for i := range c.SeqNum {
		if !q.inSet(&c.SeqNum[i], c.SeqNum[i]) {
			return false
		}
	}
	for i := range c.UID {
		if !q.inSet(&c.UID[i], c.UID[i]) {
			return false
		}
	}
	return true
}

func (q *query) inSet(key any, set imap.NumSet) bool {
	contains := q.sets[key]
	if contains == nil {
		contains = q.session.view.contains(set)
		q.sets[key] = contains
	}
	return contains(q.picked.seq, q.picked.state.UID)
}

func (q *query) matchesFlags(c *imap.SearchCriteria) bool {
	names := flagsTold(q.picked.state.Flags, q.picked.recent)
	has := func(flag imap.Flag) bool {
		return slices.ContainsFunc(names, func(n imap.Flag) bool { return strings.EqualFold(string(n), string(flag)) })
	}
	return !slices.ContainsFunc(c.Flag, func(f imap.Flag) bool { return !has(f) }) &&
		!slices.ContainsFunc(c.NotFlag, has)
}

func (q *query) matchesRow(c *imap.SearchCriteria) bool {
	m := q.stored[q.picked.state.UID]
	return within(m.Received, c.Since, c.Before) && (c.Larger == 0 || m.Size > c.Larger) &&
		(c.Smaller == 0 || m.Size < c.Smaller)
}

// within compares dates without regard to time and zone (RFC 9051 section 6.4.4).
func within(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func (q *query) matchesCombined(c *imap.SearchCriteria) bool {
	for i := range c.Not {
		if q.matches(&c.Not[i]) {
			return false
		}
	}
	for i := range c.Or {
		if !q.matches(&c.Or[i][0]) && !q.matches(&c.Or[i][1]) {
			return false
		}
	}
	return true
}

func (q *query) matchesContent(c *imap.SearchCriteria) bool {
	if c.SentSince.IsZero() && c.SentBefore.IsZero() && len(c.Header)+len(c.Body)+len(c.Text) == 0 {
		return true
	}
	if q.parsed == nil && onlyHead(c) {
		if head := q.stored[q.picked.state.UID].Head; head != nil {
			return headMatches(head, c.Header)
		}
	}
	m := q.message()
	if m == nil || !within(m.Date, c.SentSince, c.SentBefore) {
		return false
	}
	for _, field := range c.Header {
		if !m.FieldContains(field.Key, field.Value) {
			return false
		}
	}
	for _, text := range c.Body {
		if !bodyContains(m, text) {
			return false
		}
	}
	for _, text := range c.Text {
		if !bodyContains(m, text) && !m.FieldContains("", text) {
			return false
		}
	}
	return true
}

// onlyHead tells whether criteria ask of a message's content only what is kept beside it.
func onlyHead(c *imap.SearchCriteria) bool {
	return c.SentSince.IsZero() && c.SentBefore.IsZero() && len(c.Body)+len(c.Text) == 0 &&
		!slices.ContainsFunc(c.Header, func(f imap.SearchCriteriaHeaderField) bool { return !mail.InHead(f.Key) })
}

// headMatches looks at each field alone: most have nothing to do with the criteria.
func headMatches(head []byte, criteria []imap.SearchCriteriaHeaderField) bool {
	for _, c := range criteria {
		m := mime.Message{Header: mime.ParseHeader(header.Only(head, []string{strings.ToLower(c.Key)}))}
		if !m.FieldContains(c.Key, c.Value) {
			return false
		}
	}
	return true
}

func bodyContains(m *mime.Message, text string) bool {
	return strings.Contains(strings.ToLower(m.Text), strings.ToLower(text))
}

// message opens the picked message; nil when it can't be read or the search has failed.
func (q *query) message() *mime.Message {
	m, ok := q.stored[q.picked.state.UID]
	if q.parsed != nil || q.err != nil || !ok {
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
