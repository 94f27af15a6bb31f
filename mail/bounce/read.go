// Package bounce understands the notices of other servers that a mail could not be delivered, and keeps the addresses
// that don't exist, so that nobody writes to them again and again: that costs the good name of who sends.
package bounce

import (
	"regexp"
	"slices"
	"strings"
)

// Failure is an address that a mail could not be delivered to, for good.
type Failure struct {
	Address string
	Status  string // RFC 3463, such as "5.1.1"
	Answer  string // what the other side said
}

// Dead tells whether a status means that there is no such address, or that nobody reads it any more: whoever writes
// again gets the same answer. A full mailbox, or a server that distrusts us, is another matter.
func Dead(status string) bool {
	return strings.HasPrefix(status, "5.1.") && status != "5.1.7" && status != "5.1.8" || status == "5.2.1"
}

// maxFailures of one notice, and maxRead bytes of it.
const (
	maxFailures = 100
	maxRead     = 256 << 10
)

var (
	field    = regexp.MustCompile(`(?m)^([A-Za-z-]+):[ \t]*((?:.*)(?:\n[ \t]+.*)*)`)
	status   = regexp.MustCompile(`\b5\.\d{1,3}\.\d{1,3}\b`)
	angled   = regexp.MustCompile(`(?m)^[ \t]*<([^<>\s]+@[^<>\s]+)>:?[ \t]*\n((?:.+\n?)+)`)
	indented = regexp.MustCompile(`(?m)^[ \t]+<?([^<>\s]+@[^<>\s]+?)>?[ \t]*\n((?:[ \t]+.+\n?)+)`)
)

// Read finds the failures that a notice tells of: as RFC 3464 has it, however it is packed, else as qmail and Exim
// write
// to people.
func Read(raw []byte) (list []Failure) {
	text := strings.ReplaceAll(string(raw[:min(len(raw), maxRead)]), "\r\n", "\n")
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if f, ok := recipientOf(paragraph); ok {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		list = told(text)
	}
	slices.SortFunc(list, func(a, b Failure) int { return strings.Compare(a.Address, b.Address) })
	list = slices.CompactFunc(list, func(a, b Failure) bool { return a.Address == b.Address })
	return list[:min(len(list), maxFailures)]
}

// recipientOf reads the fields of one recipient (RFC 3464 section 2.3). ok is false where it is none that failed for
// good.
func recipientOf(paragraph string) (f Failure, ok bool) {
	fields := map[string]string{}
	for _, m := range field.FindAllStringSubmatch(paragraph, -1) {
		fields[strings.ToLower(m[1])] = strings.Join(strings.Fields(m[2]), " ")
	}
	final := fields["final-recipient"]
	if final == "" {
		final = fields["original-recipient"]
	}
	action := strings.ToLower(fields["action"])
	code := status.FindString(fields["status"])
	if final == "" || code == "" || action != "" && action != "failed" {
		return f, false
	}
	f = Failure{Address: addressOf(final), Status: code, Answer: afterType(fields["diagnostic-code"])}
	if better := status.FindString(f.Answer); strings.HasSuffix(code, ".0.0") &&
		better != "" { // as many say when they pass it on
		f.Status = better
	}
	return f, f.Address != ""
}

// told reads notices that are written for people only.
func told(text string) (list []Failure) {
	shape := indented
	switch {
	case strings.Contains(text, "qmail-send program"):
		shape = angled
	case !strings.Contains(text, "\nX-Failed-Recipients:") && !strings.HasPrefix(text, "X-Failed-Recipients:"):
		return nil
	}
	for _, m := range shape.FindAllStringSubmatch(text, -1) {
		answer := strings.Join(strings.Fields(m[2]), " ")
		f := Failure{Address: addressOf(m[1]), Status: status.FindString(answer), Answer: answer}
		if f.Status == "" && unknown(answer) {
			f.Status = "5.1.1"
		}
		if f.Address != "" && f.Status != "" {
			list = append(list, f)
		}
	}
	return list
}

// unknown tells whether words without a code say that an address does not exist.
func unknown(answer string) bool {
	answer = strings.ToLower(answer)
	return slices.ContainsFunc([]string{"unknown user", "user unknown", "no such user", "no mailbox here by that name",
		"unrouteable address", "does not exist", "mailbox unavailable", "unknown recipient"},
		func(words string) bool { return strings.Contains(answer, words) })
}

// afterType is a value without the type in front of it.
func afterType(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && !strings.ContainsAny(kind, " <@") {
		return strings.TrimSpace(rest)
	}
	return value
}

func addressOf(text string) string {
	address := strings.ToLower(strings.Trim(afterType(text), " <>"))
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(address, " ,;<>") ||
		len(address) > 320 {
		return ""
	}
	return address
}

var about = regexp.MustCompile(`(?im)^(?:Message-ID|References|In-Reply-To):\s*((?:.*)(?:\n[ \t]+.*)*)`)

// About are the ids of messages that a notice names, without angle brackets: the one that it is about is among them.
func About(raw []byte) (ids []string) {
	text := strings.ReplaceAll(string(raw[:min(len(raw), maxRead)]), "\r\n", "\n")
	for _, m := range about.FindAllStringSubmatch(text, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if id = strings.Trim(id, "<>"); id != "" && len(ids) < 50 {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
