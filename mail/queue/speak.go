package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mjl-/mox/smtpclient"

	"frontdesk/mail/header"
	"frontdesk/mail/mime"
)

// speech is a message as one server takes it.
type speech struct {
	sender         string
	rcpts          []recipient
	addresses      []string // of rcpts
	content        io.Reader
	size           int64
	eightbit, utf8 bool
	refused        []outcome // what it can't be told
}

// speak writes a message anew, and signs it again, where the server lacks what it would need as it is: 8BITMIME (RFC
// 6152) or SMTPUTF8 (RFC 6531). What can't be said without comes back at once: no later attempt would fare better.
func (q *Queue) speak(ctx context.Context, client *smtpclient.Client, m *message, rcpts []recipient,
	content io.Reader) (*speech, error) {
	s := &speech{sender: m.sender, rcpts: rcpts, content: content, size: m.size, eightbit: m.eightbit, utf8: m.utf8}
	if lacksUTF8, lacks8bit := m.utf8 && !client.SupportsSMTPUTF8(), m.eightbit &&
		!client.Supports8BITMIME(); lacksUTF8 || lacks8bit {
		if err := q.narrow(ctx, s, m); err != nil {
			return nil, err
		}
	}
	for _, r := range s.rcpts {
		s.addresses = append(s.addresses, wire(r, s.utf8))
	}
	return s, nil
}

// wire is an address as it goes over the wire: with the domain in A-labels unless the message needs SMTPUTF8.
func wire(r recipient, utf8 bool) string {
	if utf8 {
		return r.address
	}
	return r.address[:strings.LastIndexByte(r.address, '@')+1] + r.domain
}

// narrow makes a speech of ASCII only.
func (q *Queue) narrow(ctx context.Context, s *speech, m *message) (err error) {
	raw, err := io.ReadAll(s.content)
	if err != nil {
		return err
	}
	if s.sender != "" {
		if s.sender, err = mime.NarrowAddress(m.sender); err != nil {
			s.refuse(s.rcpts, "5.6.7", err)
			return nil
		}
	}
	foreign := func(r recipient) bool { return !ascii([]byte(r.address[:strings.LastIndexByte(r.address, '@')])) }
	all := s.rcpts
	s.rcpts = slices.DeleteFunc(slices.Clone(all), foreign)
	s.refuse(slices.DeleteFunc(slices.Clone(all), func(r recipient) bool { return !foreign(r) }), "5.6.7",
		mime.ErrAddress)
	written, err := q.rewrite(ctx, m, raw)
	switch {
	case errors.Is(err, mime.ErrAddress):
		s.refuse(s.rcpts, "5.6.7", err)
	case errors.Is(err, mime.ErrSealed):
		s.refuse(s.rcpts, "5.6.3", err)
	case err != nil:
		return err
	}
	s.content, s.size, s.eightbit, s.utf8 = bytes.NewReader(written), int64(len(written)), false, false
	return nil
}

// refuse gives recipients up with the status that says why.
func (s *speech) refuse(rcpts []recipient, status string, why error) {
	for _, r := range rcpts {
		s.refused = append(s.refused, outcome{rcpt: r, state: failed, enhanced: status,
			answer: "the server there does not take this mail as it is: " + why.Error()})
	}
	s.rcpts = slices.DeleteFunc(slices.Clone(s.rcpts), func(r recipient) bool { return slices.Contains(rcpts, r) })
}

// rewrite is the message in ASCII under a new signature, which is of what leaves.
func (q *Queue) rewrite(ctx context.Context, m *message, raw []byte) ([]byte, error) {
	_, received, rest := header.Next(raw) // our own, see storeOutgoing
	fields, err := header.Read(bytes.NewReader(rest))
	if err != nil {
		return nil, err
	}
	unsigned := header.Without(fields, func(name string, _ []byte) bool { return name == "dkim-signature" })
	content, err := mime.SevenBit(slices.Concat(unsigned, rest[len(fields):]))
	if err != nil {
		return nil, err
	}
	head, err := mime.ReadHead(bytes.NewReader(content))
	if err != nil || len(head.From) == 0 {
		return slices.Concat(received, content), err
	}
	signature, err := q.sign(ctx, head.From[0].Address, false, content)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return slices.Concat(received, []byte(signature), content), nil
}
