package mime

import (
	"os"
	"strings"
	"testing"

	"frontdesk/mail/mime/coding"
)

// TestCases: mails of real senders that break the rules are read as Thunderbird and Gmail read them.
func TestCases(t *testing.T) {
	table, err := os.ReadFile("testdata/cases/EXPECTED.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		column := strings.Split(strings.TrimSpace(line), "\t")
		raw, err := os.ReadFile("testdata/cases/" + column[0])
		if err != nil {
			t.Fatal(err)
		}
		m := ParseBytes(raw)
		got := strings.TrimSpace(m.Text)
		if column[1] == "file" {
			if len(m.Parts) != 1 {
				t.Errorf("%s: %+v", column[0], m.Parts)
				continue
			}
			got = m.Parts[0].Name
		}
		if column[0] == "name-quoted-bs.eml" {
			column[2] = "a_bc.pdf"
		}
		if got != column[2] {
			t.Errorf("%s: %q, want %q", column[0], got, column[2])
		}
	}
}

func TestParseValue(t *testing.T) {
	for field, want := range map[string]string{
		`text/plain`:                                       `text/plain`,
		`TEXT/Plain;CHARSET=UTF-8`:                         `text/plain charset=UTF-8`,
		`text/plain charset=utf-8`:                         `text/plain charset=utf-8`,
		`text/plain (a; b) ; (c) charset=utf-8 (d)`:        `text/plain charset=utf-8`,
		`text/plain; charset="utf-8; format=flowed`:        `text/plain charset=utf-8 format=flowed`,
		`text/plain; charset="utf-8; name="a.txt"`:         `text/plain charset=utf-8 name=a.txt`,
		`text/plain; charset=utf-8"`:                       `text/plain charset=utf-8`,
		`text/plain; charset='utf-8'`:                      `text/plain charset=utf-8`,
		`text/plain; charset=utf-8 format=flowed`:          `text/plain charset=utf-8 format=flowed`,
		`text/plain; charset=; charset=utf-8`:              `text/plain charset=utf-8`,
		`text/plain; charset=koi8-r; charset=utf-8`:        `text/plain charset=koi8-r`,
		`text/plain; charset`:                              `text/plain`,
		`"text/plain"; charset = utf-8`:                    `text/plain charset=utf-8`,
		`text/plain, charset=utf-8`:                        `text/plain charset=utf-8`,
		`charset=utf-8`:                                    ` charset=utf-8`,
		`charset = "utf-8"`:                                ` charset=utf-8`,
		`x; name="a\"b"`:                                   `x name=a"b`,
		`x; name="a"b".pdf"; size=1`:                       `x name=a"b".pdf size=1`,
		`x; name="C:\new\a.pdf"`:                           `x name=C:\new\a.pdf`,
		`x; name="dir\"; size=1`:                           `x name=dir\ size=1`,
		`x; name="a.pdf" size=1`:                           `x name=a.pdf size=1`,
		`x; name=a b (1).pdf; y=2`:                         `x name=a b (1).pdf y=2`,
		`x; name=a.pdf filename=b.pdf`:                     `x filename=b.pdf name=a.pdf`,
		`x; name*0=a; name*1=b; name*2=".pdf"`:             `x name=ab.pdf`,
		`x; name*1=b; name*0=a; name*3=c`:                  `x name=ab`,
		`x; name*1=a; name*2=b`:                            `x name=ab`,
		`x; name*0*=utf-8''%C8; name*1*=%9Aa; name*2=r%C4`: `x name=Țar%C4`,
		`x; name*=windows-1251'ru'%D1%F7%B8%F2`:            `x name=Счёт`,
		`x; name*="UTF-8''%C8%9Aar%C4%83"; name=Tara`:      `x name=Țară`,
		`x; name=Tara; name*=UTF-8''%C8%9Aar%C4%83`:        `x name=Țară`,
		`x; name*=%C8%9Aar%C4%83`:                          `x name=Țară`,
		`x; name*=UTF-8''100%`:                             `x name=100%`,
		`x; name*=''a'b`:                                   `x name=a'b`,
		`x; name*=klingon''caf%E9`:                         `x name=café`,
		"x; name=\xd1\xf7\xb8\xf2":                         `x name=Счёт`, // in the charset of the text before
		"x; name=\"C\xc4\x83\"":                            `x name=Că`,
		"x;\r\n name=\"a\r\n b.pdf\"":                      `x name=a b.pdf`,
		`x; junk; ; =; "; (; name=a`:                       `x name=a`,
		`x; 1 2 name=a`:                                    `x name=a`,
	} {
		word, params := parseValue(field, "windows-1251")
		got := word
		for _, key := range []string{"charset", "format", "filename", "name", "size", "y"} {
			if value, ok := params[key]; ok {
				got += " " + key + "=" + value
			}
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", field, got, want)
		}
	}
}

// TestLongValues: the worst of fields cost time in proportion to their length, not without end.
func TestLongValues(t *testing.T) {
	for _, junk := range []string{`a="b; `, `\"`, `"`, `(`, `(a`, `a=b name=`, `x*1*=%`, `;`, `a="(`, `=?utf-8?q?`} {
		var all strings.Builder
		for all.Len() < MaxHeader-100 {
			all.WriteString(junk)
		}
		parseValue("x; name=\""+all.String(), "")
		if _, params := parseValue(all.String(), ""); len(params) > maxParams {
			t.Errorf("%s...: %d parameters", junk, len(params))
		}
		coding.Words(all.String())
	}
	for _, junk := range []string{"(", `\"`, `"`, "<", ",", ";", ":", "(a@b", "a@b ", "g:", "a@b,", "(),", "<a@b"} {
		value := strings.Repeat(junk, (MaxHeader-100)/len(junk))
		head := ParseBytes([]byte("From: " + value + "\r\n\r\nx"))
		if _, err := head.Authors(); err == nil {
			t.Errorf("%s...: has authors", junk)
		}
		Groups(head.Header, "From")
		bareOf(value)
	}
}

func TestFileName(t *testing.T) {
	for field, want := range map[string]string{
		`filename="C:\Users\ana\a.pdf"`: "a.pdf", `filename=C:\docs\a.pdf`: "a.pdf", `filename="..\..\a.pdf"`: "a.pdf",
		`filename="\\\\server\\x\\a.pdf"`: "a.pdf",
		`filename="/etc/a.pdf"`:           "a.pdf", `filename=../../a.pdf`: "a.pdf", `filename="a/b/"`: "b",
		`filename=".."`: "",
		`filename="/"`:  "", `filename="a\b.pdf"`: "a_b.pdf",
		`filename="=?utf-8?B?U8SDcmLEg3RvYXJl?= =?utf-8?Q?_2026.pdf?="`: "Sărbătoare 2026.pdf",
		`filename==?koi8-r?Q?=F3=DE=C5=D4?=.pdf`:                        "Счет.pdf",
		`filename="=?utf-8?B?U8S?==?utf-8?B?g3JiLnBkZg==?="`:            "Sărb.pdf",
		`filename*0="=?utf-8?Q?=C8=9Aar"; filename*1="=C4=83?=.pdf"`:    "Țară.pdf",
		`filename="UTF-8''%C8%9Aar%C4%83.pdf"`:                          "Țară.pdf",
		`filename="100%25.pdf"`:                                         "100%25.pdf",
		`filename="it's 100% o'clock.pdf"`:                              "it's 100% o'clock.pdf",
		"filename=\"inv\u202efdp.exe\"":                                 "invfdp.exe",
		`filename="<a>|b?.pdf"`:                                         "ab.pdf",
		`filename=" a.pdf. "`:                                           "a.pdf", `name="a.pdf"`: "a.pdf",
		`filename=[1].pdf`: "[1].pdf",
		`filename=(1).pdf`: "(1).pdf",
	} {
		raw := "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; " + field +
			"\n\nx\n--b--\n"
		if m := ParseBytes(crlf(raw)); len(m.Parts) != 1 || m.Parts[0].Name != want {
			t.Errorf("%s: %+v, want %q", field, m.Parts, want)
		}
	}
	for header, want := range map[string]string{"Content-Type: application/pdf; name=\"a.pdf\"": "a.pdf",
		"Content-Disposition: filename=b.pdf": "b.pdf", "Content-Type: application/pdf; filename=c.pdf": "c.pdf"} {
		if m := ParseBytes(crlf(header + "\n\nx")); len(m.Parts) != 1 || m.Parts[0].Name != want {
			t.Errorf("%s: %+v, want %q", header, m.Parts, want)
		}
	}
}

func TestWords(t *testing.T) {
	for value, want := range map[string]string{
		"=?utf-8?q?Ofert=C4=83?= =?utf-8?q?_nou=C4=83?=":    "Ofertă nouă",
		"=?UTF-8?B?0J/RgNC40LI=?=\r\n =?UTF-8?B?0LXRgg==?=": "Привет", "a =?utf-8?q?b?= c =?utf-8?q?d?=e": "a b c de",
		"=?utf-8?Q?=D0=9F=D1?= =?UTF-8?Q?=80=D0=B8?=": "При", "=?utf-8?Q?a b?=": "a b", "=?utf-8*en?Q?a?=": "a",
		"=?iso-8859-1?Q?=80?=": "€", "=?klingon?Q?caf=E9?=": "café", "=?utf-8?X?a?=": "=?utf-8?X?a?=",
		"=?utf-7?Q?+BB8-?=": "П", "=?utf-8?Q?a": "=?utf-8?Q?a", "caf\xe9 =?utf-8?q?=C8=9A?=": "café Ț",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=": "日本", "=?gb2312?B?xOO6ww==?=": "你好",
	} {
		if got := coding.Words(value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	if m := ParseBytes([]byte("Subject: \xcf\xf0\xe8\xe2\xe5\xf2\nContent-Type: text/plain; charset=windows-1251\n\n" +
		"\xcf\xf0\xe8\xe2\xe5\xf2")); m.Subject != "Привет" || m.Text != "Привет" {
		t.Errorf("raw subject %q, text %q", m.Subject, m.Text)
	}
}

// TestTexts: what is shown of a message, whatever its charset, encoding and shape.
func TestTexts(t *testing.T) {
	for raw, want := range map[string]string{
		"Content-Type: text/plain; charset=iso-8859-1\n\n" +
			"\x80 10 \x96 \x93x\x94": "€ 10 – “x”",
		"Content-Type: text/plain; " +
			"charset=latin1\n\n\x80": "€",
		"Content-Type: text/plain; charset=us-ascii\n" +
			"\ncaf\xe9": "café",
		"Content-Type: text/plain; charset=us-ascii\n\n" +
			"c\xc4\x83": "că",
		"Content-Type: text/plain; charset=win-1251\n\n" +
			"\xcf\xf0": "Пр",
		"Content-Type: text/plain; charset=windows1251\n\n" +
			"\xcf\xf0": "Пр",
		"Content-Type: text/plain; " +
			"charset=8859-2\n\n\xb1": "ą",
		"Content-Type: text/plain; charset=utf-7\n\n" +
			"Hi +BB8EQA- 1+-1 a+b&c": "Hi Пр 1+1 a+b&c",
		"Content-Type: text/plain; " +
			"charset=unicode-1-1-utf-7\n\n+IKw-": "€",
		"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n" +
			"/v8EHwRA": "Пр",
		"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n" +
			"HwRABA==": "Пр",
		"Content-Type: text/plain; charset=iso-10646-ucs-2\nContent-Transfer-Encoding: base64\n\n" +
			"BB8EQA==": "Пр",
		"Content-Type: text/plain; charset=utf-32\nContent-Transfer-Encoding: base64\n\n" +
			"AAAEHwAABEA=": "Пр",
		"Content-Type: text/plain; " +
			"charset=utf-16\n\nplain": "plain",
		"Content-Type: text/html\n\n" +
			"<title>no</title><p>x": "x",
		"Content-Type: text/html\n\n<head><meta name=a><title>no</title>\n" +
			"<style>no</style><body>x": "x",
		"Content-Type: text/html\n\n" +
			"<head><title>no</title><o:p></o:p><div>x": "x",
		"Content-Type: text/html\n\n" +
			"<html><head><meta charset=windows-1251></head><p>\xcf\xf0</p>": "Пр",
		"Content-Type: text/html; charset=us-ascii\n\n<meta http-equiv=Content-Type content='text/html; " +
			"charset=koi8-r'><p>\xf0\xd2</p>": "Пр",
		"Content-Type: text/html; charset=utf-8\n\n<meta charset=windows-1251><p>\u041f</p>":           "П",
		"Content-Type: multipart; boundary=b\n\n--b\n\nx\n--b--":                                       "x",
		"Content-Type: multipart/mixed\n\n--abc\nContent-Type: text/plain\n\nlost boundary\n--abc--\n": "lost boundary",
		"Content-Type: multipart/mixed; boundary=nowhere\n\nno part\n":                                 "no part",
		"Content-Type: text\n\nx":        "x",
		"Content-Type: html\n\n<p>x</p>": "x",
		"Content-Type: text/plain\n" +
			"Content-Transfer-Encoding: \"base64\"; x\n\neA==": "x",
		"Content-Type : text/plain; charset=windows-1251\n\n\xcf\xf0": "Пр",
		"Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n\nFailed.\n--b\n" +
			"Content-Type: message/delivery-status\n\nStatus: 5.1.1\n--b--\n": "Failed.\nStatus: 5.1.1",
	} {
		if got := strings.TrimSpace(ParseBytes(crlf(raw)).Text); got != want {
			t.Errorf("%q\n got %q\nwant %q", raw, got, want)
		}
	}
}

// TestSpellings: charsets, encodings and parameters as senders spell them.
func TestSpellings(t *testing.T) {
	const win, koi = "\xcf\xf0\xe8\xe2\xe5\xf2", "\xf0\xd2\xc9\xd7\xc5\xd4"
	for field, body := range map[string]string{
		"Content-Type: text/plain; charset: windows-1251": win, "Content-Type: text/plain; charset=cp-1251": win,
		"Content-Type: text/plain; charset=win1251": win, "Content-Type: text/plain; charset=1251": win,
		"Content-Type: text/plain; charset=<windows-1251>":     win,
		"Content-Type: text/plain; charset=(y)windows-1251(z)": win,
		"Content-Type: text/plain; charset=Windows_1251":       win,
		"Content-Type: text/plain; charset=koi8":               koi, "Content-Type: text/plain; charset=koi8r": koi,
		"Content-Type: text/plain; charset=koi-8-r": koi, "Content-Type: text/plain; charset=koi8_u": koi,
		"Content-Type: text/plain; charset=8859-5":    "\xbf\xe0\xd8\xd2\xd5\xe2",
		"Content-Type: text/plain; charset=utf8mb4":   "Привет",
		"Content-Transfer-Encoding: base-64":          "0J/RgNC40LLQtdGC",
		"Content-Transfer-Encoding: BASE 64 (x)":      "0J/RgNC40LLQtdGC",
		"Content-Transfer-Encoding: quoted_printable": "=D0=9F=D1=80=D0=B8=D0=B2=D0=B5=D1=82",
		"Content-Transfer-Encoding: Quoted Printable": "=D0=9F=D1=80=D0=B8=D0=B2=D0=B5=D1=82",
		"Content-Transfer-Encoding: 8-bit":            "Привет",
	} {
		if m := ParseBytes([]byte(field + "\r\n\r\n" + body)); m.Text != "Привет" {
			t.Errorf("%s: %q", field, m.Text)
		}
	}
	for field, want := range map[string]string{
		"attachment; filename: a.pdf": "a.pdf", "attachment; filename*=utf-8'%D0%A1%D1%87%D1%91%D1%82.pdf": "Счёт.pdf",
		"attachment; filename*=a'b.pdf": "a'b.pdf", "attachment; filename=\"a: b.pdf\"": "a b.pdf",
	} {
		m := ParseBytes([]byte("Content-Type: application/pdf\r\nContent-Disposition: " + field + "\r\n\r\n%PDF"))
		if len(m.Parts) != 1 || m.Parts[0].Name != want {
			t.Errorf("%s: %+v", field, m.Parts)
		}
	}
}
