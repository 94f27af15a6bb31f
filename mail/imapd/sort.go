package imapd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
)

// sorted is a message that SORT and THREAD put in order, with what its header says.
type sorted struct {
	picked
	message *mime.Message
	arrived time.Time
	size    int64
}

// sort answers SORT (RFC 5256).
func (s *session) sort(c *imap.Command) (string, error) {
	c.Args.Space()
	keys := c.Args.SortKeys()
	c.Args.Space()
	search := c.Args.Charset()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	list, err := s.sorted(search)
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(list, func(x, y sorted) int {
		for _, key := range keys {
			if order := x.compare(y, key.Name); order != 0 && key.Reverse {
				return -order
			} else if order != 0 {
				return order
			}
		}
		return 0
	})
	numbers := make([]uint32, len(list))
	for i, m := range list {
		numbers[i] = m.number(byUID(c))
	}
	s.writeFound("SORT", numbers, 0)
	return "", nil
}

// sorted finds messages, with their headers.
func (s *session) sorted(keys *imap.Key) (list []sorted, err error) {
	found, err := s.find(keys)
	if err != nil {
		return nil, err
	}
	for batch := range slices.Chunk(found, searchBatch) {
		rows, err := s.kept(batch, mail.Kept{Head: true})
		if err != nil {
			return nil, s.fault("sort", err)
		}
		for at, m := range rows {
			if m == nil {
				continue
			}
			message, err := s.header(*m)
			if err != nil {
				return nil, s.fault("sort", err)
			}
			list = append(list, sorted{batch[at], message, m.Received, m.Size})
		}
	}
	return list, nil
}

// header of a message, which is opened only where its fields aren't kept.
func (s *session) header(m mail.Stored) (*mime.Message, error) {
	if m.Head != nil {
		return mime.ReadHeader(mime.ParseHeader(m.Head)), nil
	}
	r, err := s.core.box.Open(s.ctx, m)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return mime.ReadHead(r)
}

func (m sorted) number(byUID bool) uint32 {
	if byUID {
		return m.uid
	}
	return m.seq
}

// sent is when a message was written, or where it doesn't say so came.
func (m sorted) sent() time.Time {
	if m.message.Date.IsZero() {
		return m.arrived
	}
	return m.message.Date
}

func (m sorted) compare(o sorted, key string) int {
	switch key {
	case "ARRIVAL":
		return m.arrived.Compare(o.arrived)
	case "DATE":
		return m.sent().Compare(o.sent())
	case "SIZE":
		return cmp.Compare(m.size, o.size)
	case "FROM":
		return cmp.Compare(firstLocal(m.message.From), firstLocal(o.message.From))
	case "TO":
		return cmp.Compare(firstLocal(m.message.To), firstLocal(o.message.To))
	case "CC":
		return cmp.Compare(firstLocal(m.message.Cc), firstLocal(o.message.Cc))
	}
	mine, _ := imap.BaseSubject(m.message.Subject)
	others, _ := imap.BaseSubject(o.message.Subject)
	return cmp.Compare(strings.ToUpper(mine), strings.ToUpper(others))
}

// firstLocal is what the first address has before its "@".
func firstLocal(list []mime.Person) string {
	if len(list) == 0 {
		return ""
	}
	local, _, _ := strings.Cut(list[0].Address, "@")
	return strings.ToUpper(local)
}

// thread answers THREAD (RFC 5256).
func (s *session) thread(c *imap.Command) (string, error) {
	c.Args.Space()
	algorithm := c.Args.Keyword()
	if algorithm != "REFERENCES" && algorithm != "ORDEREDSUBJECT" {
		c.Args.Fail("THREAD knows REFERENCES and ORDEREDSUBJECT")
	}
	c.Args.Space()
	search := c.Args.Charset()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	found, err := s.sorted(search)
	if err != nil {
		return "", err
	}
	list := make([]imap.Threaded, len(found))
	for i, m := range found {
		references := m.message.References
		if len(references) == 0 {
			references = m.message.InReplyTo[:min(1, len(m.message.InReplyTo))]
		}
		list[i] = imap.Threaded{Number: m.number(byUID(c)), ID: m.message.MessageID, References: references,
			Sent: m.sent(), Subject: m.message.Subject}
	}
	appendThreads := imap.AppendByReferences
	if algorithm == "ORDEREDSUBJECT" {
		appendThreads = imap.AppendBySubject
	}
	s.out.Text("* THREAD")
	if len(list) > 0 {
		s.out.Text(" ").Bytes(appendThreads(nil, list))
	}
	s.out.End()
	return "", nil
}
