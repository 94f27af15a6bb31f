package filter

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"

	"frontdesk/mail/header"
	"frontdesk/mail/mime"
)

// readHead reads the beginning of a message.
func readHead(r io.ReaderAt) ([]byte, error) {
	room := int64(headBytes)
	if sized, ok := r.(interface{ Size() int64 }); ok {
		room = min(room, sized.Size())
	}
	head := make([]byte, room)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head[:n], nil
}

// read tells the features of a message, with signals that are not part of it. They are valid until the next call.
func (s *scratch) read(signals []string, message []byte) features {
	return s.readParsed(signals, message, mime.ParseBytes(message))
}

// readParsed is read of a message that was parsed already.
func (s *scratch) readParsed(signals []string, message []byte, parsed *mime.Message) features {
	s.clear()
	signals = append(signals, s.fill(message)...)
	for i := 0; i+4 <= len(s.text); i++ {
		s.addGram(uint32(s.text[i])<<24 | uint32(s.text[i+1])<<16 | uint32(s.text[i+2])<<8 | uint32(s.text[i+3]))
	}
	s.readWords(message, parsed)
	for _, signal := range signals {
		sum := hash(signal)
		for vote := range uint32(signalVotes) {
			s.addGram(sum + vote*0x9e3779b1)
			s.addWord(sum + vote*0x9e3779b1)
		}
	}
	return s.features
}

// fill fills text with the telling header fields and the start of the body, and returns what the header's shape
// signals.
func (s *scratch) fill(message []byte) []string {
	shape := shape{}
	for {
		name, field, rest := header.Next(message)
		if name == "" {
			break
		}
		shape.field(name, field)
		if !quiet[name] && len(s.text)+len(field) <= fieldBytes {
			s.text = append(s.text, field...)
		}
		message = rest
	}
	body := bytes.TrimLeft(message, "\r\n")
	s.text = append(s.text, body[:min(len(body), textBytes-len(s.text))]...)
	return shape.signals()
}

// shape is what the header looks like, apart from what it says.
type shape struct {
	date, id, to, html, shouting bool
	from, replyTo                string // domains
}

func (h *shape) field(name string, field []byte) {
	switch name {
	case "date":
		h.date = true
	case "message-id":
		h.id = true
	case "to", "cc":
		h.to = true
	case "content-type":
		h.html = bytes.Contains(bytes.ToLower(field), []byte("text/html"))
	case "subject":
		h.shouting = shouts(string(field[len("subject:"):]))
	case "from":
		h.from = domainOf(field)
	case "reply-to":
		h.replyTo = domainOf(field)
	}
}

func (h *shape) signals() (signals []string) {
	for signal, present := range map[string]bool{
		"shape=no-date": !h.date, "shape=no-message-id": !h.id, "shape=no-to": !h.to, "shape=html-only": h.html,
		"shape=shouting": h.shouting, "shape=reply-elsewhere": h.replyTo != "" && h.replyTo != h.from,
	} {
		if present {
			signals = append(signals, signal)
		}
	}
	return signals
}

// shouts tells whether a subject is written in capitals.
func shouts(subject string) bool {
	upper, lower := 0, 0
	for _, r := range subject {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	return upper > 8 && upper > 4*lower
}

// domainOf finds the domain of the last address in a field, well enough to compare two.
func domainOf(field []byte) string {
	at := bytes.LastIndexByte(field, '@')
	domain := field[at+1:]
	if end := bytes.IndexAny(domain, "> \t\r\n;,"); end >= 0 {
		domain = domain[:end]
	}
	if at < 0 {
		return ""
	}
	return strings.ToLower(string(domain))
}
