package smtpd

import (
	"strings"
	"testing"

	"frontdesk/mail/filter/dnstest"
)

// However From names good.test, who asks to reject what it did not send, nothing of it stands in the Inbox as
// good.test's; an address that is only in words, a comment or another field is nobody's.
func TestWaysToWriteAnAuthor(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{Limits: Limits{MailPerMinute: 1000}},
		dnstest.TXT("_dmarc.good.test", "v=DMARC1; p=reject"))
	for head, harmless := range map[string]bool{
		"From: boss@good.test": false, "From: <boss@good.test>": false, "From: boss@GOOD.Test": false,
		"From: boss@good.test.": false, "From : boss@good.test": false, "From: <boss@good.test.>": false,
		"From: Boss <boss@good.test..>": false, "From: boss@sub.good.test.": false, "FROM:boss@good.test": false,
		"From: a@other.test, Boss <boss@good.test>": false, "From: boss@good.test <a@other.test>": false,
		"From: \"Boss\" boss@good.test": false, "From: boss@good.test (a@other.test)": false,
		"From: boss(x)@good.test": false, "From: boss@(x)good.test": false, "From: \"boss\"@good.test": false,
		"From: boss @ good.test": false, "From: <boss@good.test": false, "From: boss@good.test>": false,
		"From: <boss@good.test> a@other.test": false, "From: <@other.test:boss@good.test>": false,
		"From: g: boss@good.test;, a@other.test": false, "From: a@other.test; boss@good.test": false,
		"From: boss@sub.good.test": false, "From: =?utf-8?q?Boss?= <boss@good.test>": false,
		"From: =?utf-8?q?boss=40good.test?=": false, "From: a@other.test\r\nJunk\r\nFrom: boss@good.test": false,
		"From: boss@good.test\r\n\tx <a@other.test>": false, "From:\r\n\tboss@good.test": false,
		"From: ,boss@good.test": false, "From: boss@good.test,": false, "From: <boss@good.test>, <>": false,
		"From: a@other.test, boss@good": true,
		"Junk\r\nFrom: boss@good.test":  false, " From: boss@good.test": true, "From: boss@good.test\r\nFrom:": false,
		"From: a@other.test\r\nFrom: a@other.test": false,
		"From: boss@good.test\x00":                 false, "From: boss\u200b@good.test": false,
		"From: boss@\uff47ood.test": false,
		"From: boss@good\u3002test": false, "From: boss@good.test\u200b": false,
		"From: \"boss@good.test\" <a@other.test>": true, "From: =?utf-8?q?boss=40good.test?= <a@other.test>": true,
		"From: a@other.test (boss@good.test)": true, "From: =?utf-8?b?Ym9zc0Bnb29kLnRlc3Q=?= <a@other.test>": true,
		"From: a@other.test\r\nSender: boss@good.test": true, "From: a@other.test\r\nReply-To: boss@good.test": true,
		"From: a@other.test\r\nResent-From: boss@good.test": true,
		"Sender: boss@good.test":                            true, "X-From: boss@good.test\r\nFrom: a@other.test": true,
		"From: boss@good.test.other.test": true, "From: \"boss@good.test\"@other.test": true,
		"From: boss%good.test@other.test": true,
	} {
		before := len(o.in(t, o.anna, "INBOX"))
		o.send(t, head+"\r\nSubject: x\r\n\r\nx", "")
		list := o.in(t, o.anna, "INBOX")
		if !harmless && len(list) > before {
			t.Errorf("%q stands in the Inbox, from %+v", head, list[0].From)
		}
		if len(list) > before && strings.Contains(strings.ToLower(list[0].From.Name+" "+list[0].From.Address),
			"@good.test") && !strings.HasSuffix(list[0].From.Address, "other.test") {
			t.Errorf("%q is shown as %+v", head, list[0].From)
		}
	}
}
