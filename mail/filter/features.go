package filter

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/mjl-/mox/message"

	"frontdesk/mail/header"
)

const (
	headBytes   = 64 << 10 // of a message that the classifier looks at to find
	textBytes   = 3 << 10  // of text that it reads, of which
	fieldBytes  = textBytes / 2
	weightBits  = 20
	buckets     = 1 << weightBits // of the 4-grams, and as many of the words
	signalVotes = 16              // a signal counts as much as that many 4-grams
)

// readHead reads the beginning of a message.
func readHead(r io.ReaderAt) ([]byte, error) {
	head := make([]byte, headBytes)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head[:n], nil
}

// splitTrace separates the trace fields that we put on top at reception from the message as it came.
func splitTrace(message []byte, hostname string) (signals []string, rest []byte) {
	results, at := "", message
	for range 4 {
		name, field, next := header.Next(at)
		switch {
		case name == "authentication-results" && results == "":
			results = string(field)
		case name == "received" && bytes.Contains(field, []byte("by "+hostname)):
			return parseSignals(results, hostname), next
		case name != "return-path":
			return nil, message
		}
		at = next
	}
	return nil, message
}

// WithoutForged is the header of a message that arrives, less the Authentication-Results that claim to be ours (RFC
// 8601 section 5).
func (f *Filter) WithoutForged(fields []byte) []byte {
	return header.Without(fields, func(name string, field []byte) bool {
		if name != "authentication-results" {
			return false
		}
		_, value, _ := strings.Cut(string(field), ":")
		server, _, _ := strings.Cut(value, ";")
		return strings.Contains(strings.ToLower(server), strings.ToLower(f.config.Hostname))
	})
}

func parseSignals(field, hostname string) []string {
	_, value, _ := strings.Cut(field, ":")
	results, err := message.ParseAuthResults(strings.TrimSuffix(value, "\n") + "\n")
	if err != nil || !strings.EqualFold(results.Hostname, hostname) {
		return nil
	}
	return signalsOf(results)
}

func signalsOf(results message.AuthResults) (signals []string) {
	for _, m := range results.Methods {
		signals = append(signals, m.Method+"="+m.Result)
	}
	return signals
}

// quiet are fields that say nothing about whether a message is wanted, or that differ for every message.
var quiet = map[string]bool{
	"authentication-results": true, "dkim-signature": true, "arc-seal": true, "arc-message-signature": true,
	"arc-authentication-results": true, "received-spf": true, "date": true, "message-id": true, "return-path": true,
	"delivered-to": true, "x-google-dkim-signature": true, "x-gm-message-state": true,
}

// features are what the model knows of a message, seen in two ways: the byte 4-grams of its beginning as it came, and
// the words of what a person reads. Each is a list of distinct places among the weights.
type features struct {
	grams, words []uint32
}

// scratch is the memory for one message's features, reused.
type scratch struct {
	features
	seen [2 * buckets / 64]uint64 // a bit per feature in the lists
	text []byte
}

// read tells the features of a message, with signals that are not part of it. They are valid until the next call.
func (s *scratch) read(signals []string, message []byte) features {
	s.clear()
	signals = append(signals, s.fill(message)...)
	for i := 0; i+4 <= len(s.text); i++ {
		s.addGram(uint32(s.text[i])<<24 | uint32(s.text[i+1])<<16 | uint32(s.text[i+2])<<8 | uint32(s.text[i+3]))
	}
	s.readWords(message)
	for _, signal := range signals {
		sum := hash(signal)
		for vote := range uint32(signalVotes) {
			s.addGram(sum + vote*0x9e3779b1)
			s.addWord(sum + vote*0x9e3779b1)
		}
	}
	return s.features
}

func (s *scratch) clear() {
	for _, list := range [][]uint32{s.grams, s.words} {
		for _, feature := range list {
			s.seen[feature/64] = 0
		}
	}
	s.grams, s.words, s.text = s.grams[:0], s.words[:0], s.text[:0]
}

func (s *scratch) addGram(value uint32) { s.grams = s.add(s.grams, spread(value)) }

// addWord notes a word or pair of words; their weights stand behind those of the 4-grams.
func (s *scratch) addWord(value uint32) { s.words = s.add(s.words, buckets+spread(value)) }

func (s *scratch) add(list []uint32, feature uint32) []uint32 {
	if word, bit := feature/64, uint64(1)<<(feature%64); s.seen[word]&bit == 0 {
		s.seen[word] |= bit
		list = append(list, feature)
	}
	return list
}

// spread is Fibonacci hashing, so that neighbouring values do not stand together.
func spread(value uint32) uint32 { return value * 2654435761 >> (32 - weightBits) }

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
