package rules

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail/mime"
)

const offer = `From: "Pop, Ion" <ion@clients.example>
To: Ana <ana@acme.example>, sales@acme.example
Cc: Eva <eva@clients.example>
Subject: =?utf-8?q?Cerere_ofert=C4=83?=
List-Id: Clients <all.clients.example>
X-Priority: 1 (Highest)
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Bună ziua, vă rog o ofertă.
--b
Content-Type: application/pdf; name=Plan.PDF
Content-Disposition: attachment; filename=Plan.PDF

x
--b--
`

func is(field, match, value string) Condition {
	return Condition{Op: "is", Field: field, Match: match, Value: value}
}

func TestConditions(t *testing.T) {
	l := mailed{mime.ParseBytes([]byte(strings.ReplaceAll(offer, "\n", "\r\n"))), 5000}
	header := func(name, match, value string) Condition {
		return Condition{Op: "is", Field: "header", Header: name, Match: match, Value: value}
	}
	for _, test := range []struct {
		c    Condition
		want bool
	}{
		{is("from", "equals", "ION@clients.example"), true},
		{is("from", "begins", "pop, i"), true},
		{is("from", "ends", "@clients.example"), true},
		{is("from", "contains", "acme"), false},
		{is("to", "equals", "eva@clients.example"), true},
		{is("subject", "equals", "cerere ofertă"), true},
		{is("words", "contains", "VĂ ROG"), true},
		{is("words", "contains", "plan.pdf"), false},
		{is("attachment", "ends", ".pdf"), true},
		{is("attachment", "exists", ""), true},
		{is("list", "contains", "all.clients"), true},
		{is("list", "exists", ""), true},
		{is("size", "over", "4999"), true},
		{is("size", "over", "5000"), false},
		{header("x-priority", "begins", "1"), true},
		{header("X-Spam", "exists", ""), false},
		{Condition{Op: "all"}, true},
		{Condition{Op: "any"}, false},
		{Condition{Op: "none"}, true},
		{Condition{Op: "all", Of: []Condition{is("subject", "contains", "ofert"), {Op: "none", Of: []Condition{is("from", "contains", "acme")}}}}, true},
		{Condition{Op: "any", Of: []Condition{is("subject", "contains", "x"), is("size", "over", "1")}}, true},
		{Condition{Op: "none", Of: []Condition{is("size", "over", "1")}}, false},
	} {
		if got := test.c.holds(l); got != test.want {
			t.Errorf("%+v: %v", test.c, got)
		}
	}
}

func TestWhatRulesDoTogether(t *testing.T) {
	l := mailed{mime.ParseBytes([]byte("Subject: a\r\n\r\nx")), 1}
	yes, no := Condition{Op: "all"}, Condition{Op: "any"}
	got, folders := resolve([]Rule{{Active: true, If: yes, Then: Action{Folder: "1", Labels: []string{"a"}}},
		{Active: true, If: no, Then: Action{Discard: true}}, {If: yes, Then: Action{Discard: true}},
		{Active: true, If: yes, Then: Action{Folder: "2", Labels: []string{"b"}, Seen: true, Stop: true}},
		{Active: true, If: yes, Then: Action{Folder: "3"}}}, l)
	if want := (Action{Labels: []string{"a", "b"}, Seen: true}); !reflect.DeepEqual(got, want) ||
		!slices.Equal(folders, []string{"1", "2"}) {
		t.Errorf("%+v to %v", got, folders)
	}
}

func TestRulesAreChecked(t *testing.T) {
	deep := is("size", "over", "1")
	for range maxDepth + 1 {
		deep = Condition{Op: "all", Of: []Condition{deep}}
	}
	for _, c := range []Condition{{}, {Op: "is"}, is("size", "over", "x"), is("size", "contains", "1"), is("from",
		"contains", ""),
		is("nose", "contains", "x"), {Op: "is", Field: "header", Header: "a b", Match: "exists"}, deep,
		is("from", "contains", strings.Repeat("x", maxText+1)), {Op: "any", Of: make([]Condition, 1)}} {
		if err := (Rule{Name: "r", If: c}).check(); err == nil {
			t.Errorf("kept %+v", c)
		}
	}
	for _, to := range []string{"x", "Ion <ion@x.test>", "a@b, c@d"} {
		if err := (Rule{Name: "r", If: is("list", "exists", ""),
			Then: Action{Forward: []string{to}}}).check(); err == nil {
			t.Errorf("forwards to %q", to)
		}
	}
}

func TestLanguages(t *testing.T) {
	for text, want := range map[string]string{"Добрый день, пришлите цену": "ru",
		"Bună ziua, vă rog o ofertă pentru noi": "ro",
		"Hello, please send the offer":          "en", "Guten Tag": "", "": ""} {
		if got := languageOf(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
}
