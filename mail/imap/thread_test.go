package imap

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBaseSubject(t *testing.T) {
	for subject, want := range map[string]string{
		"Offer": "Offer", " Re:  offer ": "offer|re", "RE: Fw: [list] Re[2] : a b (fwd) (FWD)": "a b|re",
		"[list] Offer":  "Offer",
		"[a] [b] Offer": "Offer", "[fwd: Re: Offer]": "Offer|re", "[list]": "[list]", "": "", "Re:": "|re",
		"reply":         "reply",
		"[x] Re: [y] z": "z|re", "fwd: " + strings.Repeat("re:", 1000) + "x": "x|re",
	} {
		base, reply := BaseSubject(subject)
		if reply {
			base += "|re"
		}
		if base != want {
			t.Errorf("%.40q: %q, want %q", subject, base, want)
		}
	}
}

// mails reads "number id <refs refs subject", sent one minute after the other.
func mails(text string) (list []Threaded) {
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		m := Threaded{Sent: time.Unix(int64(60*i), 0)}
		var refs string
		fmt.Sscan(line, &m.Number, &m.ID, &refs)
		_, m.Subject, _ = strings.Cut(line, " s:")
		if refs != "-" {
			m.References = strings.Split(refs, ",")
		}
		list = append(list, m)
	}
	return list
}

func TestThreads(t *testing.T) {
	for name, c := range map[string]struct{ mails, references, subjects string }{
		"a line and a fork": {"1 a - s:x\n2 b a s:Re: x\n3 c a,b s:Re: x\n4 d a s:Re: x\n5 e - s:y",
			"(1 (2 3)(4))(5)", "(1 (2)(3)(4))(5)"},
		"what is missing holds its answers together": {"1 a z s:one\n2 b z s:two\n3 c q s:three", "((1)(2))(3)", "(1)(2)(3)"},
		"the same subject":                           {"1 a - s:x\n2 b - s:Re: x\n3 c - s:x", "((1 2)(3))", "(1 (2)(3))"},
		"a circle":                                   {"1 a b s:x\n2 b a s:y", "(2 1)", "(1)(2)"},
		"the same id twice":                          {"1 a - s:x\n2 a - s:y\n3 b a s:z", "(1 3)(2)", "(1)(2)(3)"},
		"an answer came first":                       {"1 b a s:Re: x\n2 a - s:x", "(2 1)", "(1 2)"},
	} {
		if got := string(AppendByReferences(nil, mails(c.mails))); got != c.references {
			t.Errorf("%s: %s, want %s", name, got, c.references)
		}
		if got := string(AppendBySubject(nil, mails(c.mails))); got != c.subjects {
			t.Errorf("%s by subject: %s, want %s", name, got, c.subjects)
		}
	}
}

// Whatever mails say they answer, each is in one thread, and long chains end.
func TestThreadsOfLongChains(t *testing.T) {
	var list []Threaded
	for n := range 5000 {
		m := Threaded{Number: uint32(n + 1), ID: fmt.Sprint(n), Subject: "x"}
		for back := max(0, n-5); back < n; back++ {
			m.References = append(m.References, fmt.Sprint(back))
		}
		list = append(list, m)
	}
	got := string(AppendByReferences(nil, list))
	if n := len(strings.FieldsFunc(got, func(r rune) bool { return r < '0' || r > '9' })); n != len(list) {
		t.Errorf("%d of %d mails", n, len(list))
	}
}
