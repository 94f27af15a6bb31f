package mime

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Whoever reads a From field must find the same authors, or the message is refused.
func TestAuthors(t *testing.T) {
	for header, want := range map[string]string{
		"Boss <boss@good.test>\nFrom: a@other.test":              "refused",
		"Boss <boss@good.test>\nX: y\nno field\nfrom : a@b.test": "refused",
		"\n Boss <boss@good.test>":                               "[{Boss boss@good.test}]",
		"Boss <boss@good.test>, a@other.test":                    "[{Boss boss@good.test} { a@other.test}]",
		"Group: boss@good.test;":                                 "[{ boss@good.test}]",
		"Group: boss@good.test, x <a@other.test>;":               "[{ boss@good.test} {x a@other.test}]",
		"undisclosed-recipients:;":                               "refused",
		"boss@good.test (x) <":                                   "refused",
		"boss@good.test (x":                                      "refused",
		"Boss <boss@good.test> <a@other.test>":                   "refused",
		"boss@good.test <a@other.test>":                          "refused",
		"boss@good.test a@other.test":                            "refused",
		"a@other.test: boss@good.test":                           "refused",
		"Boss <a@other.test> boss@good.test":                     "refused",
		"<boss@good.test":                                        "refused",
		"=?utf-8?q?boss=40good.test?=":                           "refused",
		"Boss":                                                   "refused",
		"Boss <boss@good.test\x01>":                              "refused",
		"boss@good.\x7ftest":                                     "refused",
		"=?utf-8?q?boss@good.test?=":                             "refused",
		"Boss <boss@=?utf-8?q?good.test?=>":                      "refused",
		"\"boss@good.test\"@other.test":                          "refused",
		"":                                                       "refused",
		"<>":                                                     "refused",
		"\"" + strings.Repeat("x", 300) + "@good.test\"@b.test":  "refused",
		"\"Boss <boss@good.test>\" <a@other.test>":               "[{Boss <boss@good.test> a@other.test}]",
		"(boss@good.test) a@other.test":                          "[{ a@other.test}]",
		"boss @ good.test <a@other.test>":                        "refused",
		"\\@good.test <a@other.test>":                            "refused",
		"<a@other.test> @good.test":                              "refused",
		`\"Boss" <boss@good.test> "a@other.test"`:                "refused",
		"Ana @ Firm <a@b.test>":                                  "[{Ana @ Firm a@b.test}]",
		"boss (x) @ good.test":                                   "refused",
		"boss(comment)@good.test":                                "[{ boss@good.test}]",
		"a@other.test <A@other.test>":                            "[{ A@other.test}]",
		"Firm, Inc. <a@b.test>":                                  "[{Firm, Inc. a@b.test}]",
		"Dr. J\xfcrgen [Sales] <j@b.test>":                       "[{Dr. Jürgen [Sales] j@b.test}]",
		"Ana; Ltd. <a@b.test>;":                                  "[{Ana, Ltd. a@b.test}]",
		"Илья Иванов <i@b.test>":                                 "[{Илья Иванов i@b.test}]",
	} {
		m, err := ReadHead(strings.NewReader("From: " + strings.ReplaceAll(header, "\n", "\r\n") +
			"\r\nTo: x@y\r\n\r\nFrom: body@b.test\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		authors, err := m.Authors()
		got := people(authors)
		if errors.Is(err, ErrAuthors) {
			got = "refused"
		}
		if got != want {
			t.Errorf("From: %s\n got %s\nwant %s", header, got, want)
		}
		if err == nil && people(m.From) != got {
			t.Errorf("From: %s\nshown as %v, evaluated as %v", header, m.From, authors)
		}
	}
	if m, _ := ReadHead(strings.NewReader("Subject: x\r\n\r\n")); m == nil {
		t.Error("no header")
	} else if authors, err := m.Authors(); err != nil || len(authors) > 0 {
		t.Errorf("no From: %v %v", authors, err)
	}
	if m, err := ReadHead(strings.NewReader("Sender: boss@good.test\r\n\r\n")); err != nil {
		t.Error(err)
	} else if _, err := m.Authors(); !errors.Is(err, ErrAuthors) {
		t.Errorf("a Sender in place of From: %v", err)
	}
}

// people as a list of names and addresses.
func people(list []Person) string {
	short := [][2]string{}
	for _, p := range list {
		short = append(short, [2]string{p.Name, p.Address})
	}
	return strings.NewReplacer("[[", "[{", "] [", "} {", "]]", "}]").Replace(fmt.Sprint(short))
}

// TestRoute: a route is no part of the address, and an author with one is not believed.
func TestRoute(t *testing.T) {
	for value, want := range map[string]Person{
		"<@a:u@c>":             {Address: "u@c", Route: "@a"},
		"Uma <@a, @b.x : u@c>": {Name: "Uma", Address: "u@c", Route: "@a,@b.x"},
		"<@[IPv6:::1]:u@c>":    {Address: "u@c", Route: "@[IPv6:::1]"},
		"<@a:@b>":              {Address: "@a:@b"}, "<u@c>": {Address: "u@c"},
	} {
		m, _ := ReadHead(strings.NewReader("From: " + value + "\r\n\r\n"))
		_, err := m.Authors()
		if len(m.From) != 1 || m.From[0] != want || (err != nil) != strings.Contains(value, "<@") {
			t.Errorf("%s: %+v, %v", value, m.From, err)
		}
	}
}

func TestHonest(t *testing.T) {
	for name, want := range map[string]string{"Boss <boss@good.test>": "", "boss\uff20good.test": "",
		"A (a@b.test)": "A (a@b.test)", "Ana @ Firm": "Ana @ Firm"} {
		if got := (Person{Name: name, Address: "a@b.test"}).Honest().Name; got != want {
			t.Errorf("%q is shown as %q", name, got)
		}
	}
}
