package mime

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/mail/mime/coding"
)

// crlf gives a literal the line breaks of mail.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestParse(t *testing.T) {
	m := ParseBytes(crlf(`From: =?koi8-r?B?6dfBziDw1dDLyc4=?= <Ivan@X.example>
To: "Pop, Ana" <ana@acme.example>, support@acme.example
Cc: broken list <c@x.example
Subject: =?utf-8?q?Ofert=C4=83?= =?utf-8?q?_nou=C4=83?=
Message-ID: <m1@x.example>
In-Reply-To: <r2@x.example>
References: <r1@x.example>
	<r2@x.example>
Date: Thu, 05 Nov 2026 10:00:00 +0200
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-2
Content-Transfer-Encoding: quoted-printable

Bun=E3 ziua,=
 Ana
--inner
Content-Type: text/html; charset=utf-8

<p>Bună ziua, Ana <img src="cid:logo@x"></p>
--inner--
--outer
Content-Type: image/png; name="logo.png"
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--outer
Content-Type: application/pdf
Content-Disposition: attachment; filename*=UTF-8''ofert%C4%83.pdf
Content-Transfer-Encoding: base64

JVBE
!!Ri0=
--outer
Content-Type: message/rfc822

Subject: inner one
Content-Type: multipart/mixed; boundary=deep

--deep

x
--deep--
--outer--
epilogue
`))
	if m.From[0] != (Person{Name: "Иван Пупкин", Address: "Ivan@X.example"}) ||
		m.To[0] != (Person{Name: "Pop, Ana", Address: "ana@acme.example"}) || len(m.To) != 2 ||
		m.Cc[0].Address != "c@x.example" {
		t.Errorf("people: %+v %+v %+v", m.From, m.To, m.Cc)
	}
	if m.Subject != "Ofertă nouă" || m.MessageID != "m1@x.example" ||
		!slices.Equal(m.References, []string{"r1@x.example", "r2@x.example"}) ||
		!m.Date.Equal(time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("header: %+v", m)
	}
	if m.Text != "Bună ziua, Ana" || m.Snippet != "Bună ziua, Ana" || !strings.Contains(m.HTML, "<p>Bună ziua") {
		t.Errorf("text %q, html %q", m.Text, m.HTML)
	}
	want := []Part{{"2", "logo.png", "image/png", "logo@x", 8, true},
		{"3", "ofertă.pdf", "application/pdf", "", 5, false}, {"4", "inner one.eml", "message/rfc822", "", 89, false}}
	if !slices.Equal(m.Parts, want) {
		t.Errorf("parts %+v", m.Parts)
	}
}

func TestScanOffsets(t *testing.T) {
	raw := crlf("Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n\n--b  \nA: b\n\ntwo\n--b\n--b\n" +
		"no header\n--b--\npost\n")
	root, truncated := Scan(raw)
	if truncated || len(root.Parts) != 4 {
		t.Fatalf("%+v %v", root, truncated)
	}
	for i, want := range []string{"|one\r\n", "A: b\r\n\r\n|two", "|", "|no header"} {
		p := root.Parts[i]
		if got := string(raw[p.Start:p.Body]) + "|" +
			string(raw[p.Body:p.End]); strings.TrimPrefix(got, "\r\n") != want {
			t.Errorf("part %d: %q, want %q", i+1, got, want)
		}
	}
	if root.End != int64(len(raw)) || root.Parts[0].Lines != 1 || root.Parts[1].Lines != 0 {
		t.Errorf("root ends at %d of %d; lines %d %d", root.End, len(raw), root.Parts[0].Lines, root.Parts[1].Lines)
	}
}

// TestBroken: what is broken is read as far as it makes sense.
func TestBroken(t *testing.T) {
	for name, c := range map[string]struct{ raw, text string }{
		"no header":              {"just text\n", "just text\n"},
		"line that is no field":  {"Subject: x\nrubbish\nTo: a@b\n\nbody", "body"},
		"unknown charset":        {"Content-Type: text/plain; charset=klingon\n\ncaf\xe9", "café"},
		"8-bit without charset":  {"Subject: caf\xe9\n\ncaf\xe9", "café"},
		"bad UTF-8":              {"Content-Type: text/plain; charset=utf-8\n\na\xffb", "a\ufffdb"},
		"NUL":                    {"\na\x00b", "ab"},
		"missing boundary":       {"Content-Type: multipart/mixed\n\nbody", "body"},
		"never closed":           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody", "body"},
		"bad base64":             {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nYm9*k\neQ", "body"},
		"equals sign in QP":      {"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n1+1=2 =3D =", "1+1=2 = ="},
		"bad content type":       {"Content-Type: ; ;\n\nbody", "body"},
		"only HTML":              {"Content-Type: text/html\n\n<style>p{}</style><p>one</p><p>two&nbsp;three</p>", "one\ntwo three"},
		"windows-1251, mixed up": {"Content-Type: text/plain; charset=CP1251\n\n\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
	} {
		if got := ParseBytes(crlf(c.raw)).Text; got != c.text {
			t.Errorf("%s: %q, want %q", name, got, c.text)
		}
	}
}

// TestLimits: bombs cost neither memory nor time: the worst takes a second, on a busy machine some.
func TestLimits(t *testing.T) {
	var deep, wide strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	wide.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for range 50_000 {
		wide.WriteString("--b\r\n\r\nx\r\n")
	}
	for name, raw := range map[string]string{
		"deep":   deep.String(),
		"wide":   wide.String(),
		"header": "X: " + strings.Repeat("y\r\n ", 500_000) + "\r\n\r\nbody",
		"text":   "Subject: x\r\n\r\n" + strings.Repeat("0123456789\r\n", 400_000),
		"rfc822": strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 5000),
	} {
		began := time.Now()
		m := ParseBytes([]byte(raw))
		if d := time.Since(began); !m.Truncated || len(m.Parts) > MaxParts || len(m.Text) > coding.MaxText ||
			d > 30*time.Second {
			t.Errorf("%s: truncated %v, %d parts, %d bytes of text, %v", name, m.Truncated, len(m.Parts), len(m.Text),
				d)
		}
	}
}

func TestAuto(t *testing.T) {
	for header, want := range map[string]bool{
		"Subject: hello": false, "Auto-Submitted: no": false, "Auto-Submitted: (really) no": false,
		"Auto-Submitted: auto-replied (vacation)": true, "auto-submitted: auto-generated; x=y": true,
		"Precedence: bulk": true, "Precedence: auto-reply": true, "Precedence: first-class": false,
		"List-Id: <a.b>": true, "List-Help: <mailto:x@y>": true, "Return-Path: <>": true, "Return-Path: <a@b>": false,
		"X-Auto-Response-Suppress: All": false, "X-Autoreply: yes": true, "X-Auto-Reply: no": false,
		"X-Mail-Autoreply: 1": true, "X-Autoresponder: x": true, "X-FC-MachineGenerated: true": true,
		"X-Failed-Recipients: a@b": true,
		"Content-Type: multipart/report; report-type=delivery-status; boundary=x": true,
		"Content-Type: message/disposition-notification":                          true,
		"From: MAILER-DAEMON@b.test (Mail Delivery System)":                       true,
		"From: postmaster@b.test":                                                 true,
		"From: No Reply <no_reply+7@b.test>":                                      true,
		"From: calendar-noreply@b.test":                                           true,
		"From: Ana <ana@b.test>":                                                  false,
		"From: noreply@b.test\nReply-To: Ana <ana@c.test>":                        false,
		"From: noreply@b.test\nReply-To: noreply@b.test":                          true,
		"From: noreply@b.test\nReply-To: do-not-reply@c.test":                     true,
		"Subject: Automatic reply: your offer":                                    true,
		"Subject: Re: Automatic reply: your offer":                                false,
		"Subject: =?utf-8?q?R=C4=83spuns_automat=3A?= oferta":                     true,
		"Subject: Raspuns automat: oferta":                                        true,
		"Subject: =?utf-8?b?0JDQstGC0L7QvNCw0YLQuNGH0LXRgdC60LjQuSDQvtGC0LLQtdGCOiDQv9GA0LXQtNC70L7Q" +
			"ttC10L3QuNC1?=": true,
		"Subject: Réponse automatique : devis": true, "Subject: 自动回复: 报价": true,
		"Subject: Out of Office": true, "Subject: Out of office until 5 May": true,
		"Subject: [Out of the office] Re: x": true, "Subject: Out of office furniture wanted": false,
		"Subject: Abwesend: Angebot": true,
		"Subject: Undeliverable: x":  true, "Subject: Undeliverable parcel": false,
		"Subject: Answering machines, how much?": false, "Subject: Absent": true, "Subject: Absenteeism report": false,
	} {
		if got := ParseBytes(crlf(header + "\n\n.")).Auto; got != want {
			t.Errorf("%s: %v", header, got)
		}
	}
}

func TestStripQuote(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"top posting":   {"Yes.\n\nOn Thu, 5 Nov 2026 at 10:00, Ana Pop <ana@acme.example> wrote:\n\n> Agreed?\n", "Yes."},
		"wrapped":       {"Yes.\n\nOn Thu, 5 Nov 2026 at 10:00, Ana Pop\n<ana@acme.example> wrote:\n> Agreed?\n", "Yes."},
		"bottom":        {"On 5.11.2026, Ana wrote:\n> Agreed?\n\nYes.", "Yes."},
		"in between":    {"Pe joi, 5 nov. 2026 la 10:00, Ana a scris:\n> Unu?\nDa.\n> Doi?\nNu.", "Da.\nNu."},
		"Romanian":      {"Da, mulțumesc.\n\nÎn joi, 5 nov. 2026 la 10:00, Ana Pop <ana@acme.example> a scris:\n\nBună ziua", "Da, mulțumesc."},
		"Russian":       {"Да\n\nчт, 5 нояб. 2026 г. в 10:00, Анна <ana@acme.example>:\n", "Да\n\nчт, 5 нояб. 2026 г. в 10:00, Анна <ana@acme.example>:"},
		"Russian wrote": {"Да\n\n5 ноября 2026 г., Анна <ana@acme.example> написал(а):\n> Согласны?", "Да"},
		"Outlook":       {"Yes.\n\n________________________________\nFrom: Ana Pop\nSent: Thursday\nTo: Client\nSubject: Offer\n\nAgreed?", "Yes."},
		"Outlook RO":    {"Da.\n\nDe la: Ana\nTrimis: joi\nCătre: Client\nSubiect: x\n\nDe acord?", "Da."},
		"Outlook RU":    {"Да.\n\nОт: Анна\nОтправлено: чт\nКому: Клиент\nТема: x\n\nСогласны?", "Да."},
		"original":      {"Ok\n\n-----Original Message-----\nold", "Ok"},
		"signature":     {"Ok\n-- \nAna\n", "Ok"},
		"phone":         {"Ok\n\nSent from my iPhone\n", "Ok"},
		"all quoted":    {"> only\n> this", "> only\n> this"},
		"no quote":      {"As he wrote:\nFrom: here\nto there", "As he wrote:\nFrom: here\nto there"},
	} {
		if got := StripQuote(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSanitise(t *testing.T) {
	s := NewSanitiser()
	inline := func(id string) (string, bool) { return "data:image/png;base64,AAAA", id == "known" }
	for source, want := range map[string]string{
		`<p style="color: red">Hi <b>you</b></p>`:            `<p style="color: red">Hi <b>you</b></p>`,
		`<img src="cid:known">`:                              `<img src="data:image/png;base64,AAAA">`,
		`<img src="cid:other" alt="x">`:                      `<img alt="x">`,
		`<a href="https://x.example/?a=1&amp;b=2">go</a>`:    `<a href="https://x.example/?a=1&amp;b=2" rel="nofollow noreferrer noopener" target="_blank">go</a>`,
		`<table><tr><td width="10" bgcolor="#fff">1</table>`: `<table><tr><td width="10" bgcolor="#fff">1</table>`,
	} {
		if got, _ := s.Sanitise(source, Options{Inline: inline}); got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
	pixel := `<img src="https://t.example/p.gif" srcset="https://t.example/2.gif 2x">`
	if got, remote := s.Sanitise(pixel, Options{}); strings.Contains(got, "t.example") || !remote {
		t.Errorf("%q %v", got, remote)
	}
	if got, remote := s.Sanitise(pixel, Options{Remote: true}); got != `<img src="https://t.example/p.gif">` || remote {
		t.Errorf("%q %v", got, remote)
	}
}

// TestXSS: nothing that runs, loads, submits or navigates comes through.
func TestXSS(t *testing.T) {
	s := NewSanitiser()
	forbidden := []string{"script", "javascript", "onerror", "onload", "onclick", "onmouseover", "<iframe", "<form",
		"<input", "<object", "<embed", "<link", "<meta", "<base", "<svg", "<math",
		"<style", "url(", "expression", "evil.example", "data:text", "vbscript", "position", "srcdoc", "<video",
		"<audio", "@import", "behavior"}
	for _, source := range []string{
		`<script>alert(1)</script>`, `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`, `<img src=x onerror=alert(1)>`,
		`<img src="javascript:alert(1)">`, `<a href="javascript:alert(1)">x</a>`,
		`<a href="jAvAsCrIpT&colon;alert(1)">x</a>`, `<a href="&#106;avascript:alert(1)">x</a>`,
		`<a href=" &#14; javascript:alert(1)">x</a>`, `<a href="java&#10;script:alert(1)">x</a>`,
		`<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`, `<a href="vbscript:x">x</a>`, `<svg onload=alert(1)>`,
		`<svg><script>alert(1)</script></svg>`, `<math><mtext><img src=x onerror=alert(1)></math>`,
		`<iframe src="https://evil.example"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>">`,
		`<form action="https://evil.example"><input name=p></form>`, `<object data="https://evil.example"></object>`,
		`<embed src="https://evil.example">`, `<link rel=stylesheet href="https://evil.example/x.css">`,
		`<meta http-equiv=refresh content="0;url=https://evil.example">`, `<base href="https://evil.example/">`,
		`<style>@import "https://evil.example/x.css"</style>`,
		`<style>body{background:url(https://evil.example)}</style>`,
		`<p style="background:url(https://evil.example)">x</p>`,
		`<p style="background-image:url('https://evil.example')">x</p>`, `<p style="width:expression(alert(1))">x</p>`,
		`<p style="behavior:url(x)">x</p>`, `<p style="position:fixed;top:0">x</p>`,
		`<p style="color:\75\72\6c(https://evil.example)">x</p>`, `<img src="https://evil.example/p.gif">`,
		`<img srcset="https://evil.example/p.gif 2x">`, `<table background="https://evil.example/b.gif"><td>x</table>`,
		`<video src="https://evil.example"></video>`, `<audio src="https://evil.example">`,
		`<img src="data:image/svg+xml;base64,PHN2Zz4=">`, `<img src="data:text/html,x">`,
		`<img src="//evil.example/p.gif">`,
		`<div onclick=alert(1)>x</div>`, `<b onmouseover="alert(1)">x</b>`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<!--><script>alert(1)</script>-->`,
		`<<script>alert(1)//<</script>`,
		`<img """><script>alert(1)</script>">`, `<p title="<script>alert(1)</script>">x</p>`,
		`<template><script>alert(1)</script></template>`, `<xmp><img src=x onerror=alert(1)></xmp>`,
		`<plaintext><img src=x onerror=alert(1)>`,
		`<textarea><img src=x onerror=alert(1)></textarea>`, `<title><img src=x onerror=alert(1)></title>`,
		"<img\x00src=x\x00onerror=alert(1)>",
		`<a href="https://ok.example" onclick="alert(1)" style="position:absolute">x</a>`,
		`<input type=image src=https://evil.example>`, `<body background=https://evil.example onload=alert(1)>`,
		`<font style="font-family:'x';background:url(https://evil.example)">x</font>`,
		`<q cite="https://evil.example">x</q>`,
		`<del cite="javascript:alert(1)">x</del>`, `<img src="cid:x" onerror="alert(1)">`, `<a href="cid:x">x</a>`,
		`<img lowsrc="https://evil.example">`, `<img dynsrc="https://evil.example">`,
	} {
		safe, _ := s.Sanitise(source, Options{Inline: func(string) (string, bool) {
			return "javascript:alert(1)",
				false
		}})
		lower := strings.ToLower(safe)
		for _, bad := range forbidden {
			if at := strings.Index(lower, bad); at >= 0 && insideTag(lower, at) {
				t.Errorf("%s\nlets %q through: %s", source, bad, safe)
			}
		}
	}
}

// insideTag tells whether a place is within a tag rather than in shown text.
func insideTag(html string, at int) bool {
	return html[at] == '<' || strings.LastIndexByte(html[:at], '<') > strings.LastIndexByte(html[:at], '>')
}

func TestTextToHTML(t *testing.T) {
	got := TextToHTML("a <b> & \"c\"\nsee https://x.example/?a=1&b=2. <script>")
	want := `<div style="white-space: pre-wrap">a &lt;b&gt; &amp; &#34;c&#34;` + "\n" +
		`see <a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>. &lt;script&gt;</div>`
	if got != want {
		t.Errorf("%s", got)
	}
	if safe, _ := NewSanitiser().Sanitise(got, Options{}); !strings.Contains(safe, "white-space: pre-wrap") {
		t.Errorf("line breaks are lost: %s", safe)
	}
}

func TestHTMLToText(t *testing.T) {
	got := HTMLToText(`<html><head><title>no</title></head><body><p>One <b>bold</b>, two.</p><ul><li>a</li><li>b</li></ul><blockquote>quoted<br>twice</blockquote>end</body>`)
	if want := "One bold, two.\n- a\n- b\n> quoted\n> twice\nend"; got != want {
		t.Errorf("%q", got)
	}
}

func TestReadPart(t *testing.T) {
	raw := crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n" +
		"Content-Type: application/octet-stream; name=\"..\\\\x\u202efdp.exe\"\nContent-Transfer-Encoding: base64\n\n" +
		"AAEC\n--b--\n")
	p, data, ok := ReadPart(raw, "2", 100)
	if !ok || !bytes.Equal(data, []byte{0, 1, 2}) || p.Name != "xfdp.exe" {
		t.Errorf("%+v %v %v", p, data, ok)
	}
	for _, path := range []string{"", "3", "0", "x", "2.2", strings.Repeat("1.", 100) + "1"} {
		if _, _, ok := ReadPart(raw, path, 100); ok {
			t.Errorf("there is a part %q", path)
		}
	}
}
