package filter

import (
	"bytes"
	"strings"

	"github.com/mjl-/mox/message"

	"frontdesk/mail/header"
)

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
