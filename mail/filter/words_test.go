package filter

import (
	"slices"
	"strings"
	"testing"
)

// noted tells what of a list of marks a message has.
func noted(message string, marks ...string) (there []string) {
	s := newScratch(modelBits)
	words := s.read(nil, []byte(strings.ReplaceAll(message, "\n", "\r\n"))).words
	for _, mark := range marks {
		if slices.Contains(words, 1<<modelBits+s.spread(hash(mark))) {
			there = append(there, mark)
		}
	}
	return there
}

// What a mail says is seen through its encodings, and so is what it links to and is made of.
func TestWordsAreThoseThatAreRead(t *testing.T) {
	const encoded = "From: a@b.test\nContent-Type: multipart/mixed; boundary=x\n\n" +
		"--x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n" +
		"PGEgaHJlZj0iaHR0cDovL2J1eS5waWxscy50ZXN0L3giPjxmb250IGNvbG9yPXJlZD5DaGVhcCBQSUxMUzwvZm9udD48L2E+\n" +
		"--x\nContent-Type: application/zip; name=\"bill.ZIP\"\n\nPK\n--x--\n" // Cheap PILLS, in red, with a link
	marks := []string{"cheap", "pills", "PILLS", "shouted", "host buy.pills.test", "host pills.test", "tag font",
		"looks color=red", "part application/zip", "file .zip", "field from"}
	if got := noted(encoded, marks...); !slices.Equal(got, marks) {
		t.Errorf("of %q there are %q", marks, got)
	}
	got := noted("Subject: Cheap\n\nOffer of 40€ at http://shop.test:80/x\n", "cheap", "offer", "40€",
		"host shop.test", "PILLS")
	if !slices.Equal(got, []string{"offer", "40€", "host shop.test"}) { // the subject's words are the subject's
		t.Error(got)
	}
}

func TestWordsAreBounded(t *testing.T) {
	s := newScratch(modelBits)
	for _, text := range []string{strings.Repeat("ab ", 1e5), strings.Repeat("ж", 1e5),
		"http://" + strings.Repeat("a.", 1e5),
		strings.Repeat("\xff\xfe\x80", 100)} {
		message := []byte("Subject: " + text + "\n\n<html>" + text)
		if n := len(s.read(nil, message[:min(len(message), headBytes)]).words); n > 5000 {
			t.Errorf("%d words of %.20q…", n, text)
		}
	}
}
