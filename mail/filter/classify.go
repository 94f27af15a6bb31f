package filter

import (
	"bytes"
	"fmt"

	"frontdesk/mail"
	"frontdesk/mail/mime"
)

// JunkAbove is the score from which mail is junk: a wanted mail in Junk costs a client, junk in the inbox one click.
const JunkAbove = 0.9

// certainAbove is the score from which junk may be kept from a mailbox altogether, where the company wants that.
const certainAbove = 0.999

// gtube is the "Generic Test for Unsolicited Bulk Email": anybody may send it to see a filter work.
var gtube = []byte("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X")

// classify completes the verdict: first what is certain, then what the model thinks.
func (f *Filter) classify(v *mail.Verdict, a *authentication, head []byte, parsed *mime.Message) {
	switch {
	case bytes.Contains(head, gtube):
		condemn(v, 1, "it contains the GTUBE test string")
		v.Cause = mail.Spam
	case a.dmarc.Reject:
		condemn(v, 1, fmt.Sprintf("%s asks not to deliver what it can't be proven to have sent (DMARC policy %s)",
			a.from.Name(), a.dmarc.Record.Policy))
		v.Cause = mail.Forged
	case a.pretends != "":
		condemn(v, 1, string(a.pretends))
		v.Cause = mail.Forged
	default:
		f.judge(v, a, head, parsed)
	}
}

func condemn(v *mail.Verdict, score float64, reason string) {
	v.Junk, v.Score = true, score
	v.Reasons = append([]string{reason}, v.Reasons...)
}

// judge asks the model. What isn't junk counts as wanted until a person says otherwise; that is how the model learns
// what this company's ordinary mail looks like.
func (f *Filter) judge(v *mail.Verdict, a *authentication, head []byte, parsed *mime.Message) {
	s := f.scratch.Get().(*scratch)
	defer f.scratch.Put(s)
	features := s.readParsed(signalsOf(a.results(f.config.Hostname)), head, parsed)
	v.Score = f.model.score(features)
	if v.Score >= JunkAbove {
		condemn(v, v.Score, fmt.Sprintf("it reads like mail that was moved to Junk here (%.0f %%)", 100*v.Score))
		if v.Score >= certainAbove {
			v.Cause = mail.Spam
		}
		return
	}
	f.model.assume(features)
}
