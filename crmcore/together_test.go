package crmcore

import (
	"testing"

	"frontdesk/crmcore/record"
)

// Touches that come together are what they are one after the other: a stranger's two mails make one lead, who continues
// a mail of the same group is in its conversation, one that is none fails alone, and all of it is once.
func TestReceivedTogether(t *testing.T) {
	each(t, func(o *office) {
		ion := o.contact("Ion", "ion@x.ro")
		first, second := o.mail("m1", "new@x.ro"), o.mail("m2", "new@x.ro")
		third, answer := o.mail("m3", "ion@x.ro"), o.mail("m4", "colleague@else.ro")
		third.MessageID, answer.Reply = "m3@x.ro", []string{"m3@x.ro"}
		broken := o.mail("", "new@x.ro")
		for range 2 {
			cards, errs := o.ReceiveTogether(o.ctx, []Touch{first, broken, third, second, answer})
			for i, err := range errs {
				if (err != nil) != (i == 1) {
					o.Fatalf("touch %d: %v", i, err)
				}
			}
			lead := cards[0].Cards[0].Ref
			if lead.Kind != record.Lead || cards[3].Cards[0].Ref != lead {
				o.Errorf("the stranger is %+v and %+v", lead, cards[3].Cards[0].Ref)
			}
			if n := len(o.timeline(lead)); n != 2 || o.leadsCount() != 1 {
				o.Errorf("%d entries of the stranger, %d leads", n, o.leadsCount())
			}
			if got := o.timeline(record.Contact.Ref(ion.ID)); len(got) != 2 || !got[0].Newcomer {
				o.Errorf("Ion's conversation: %+v", got)
			}
		}
	})
}
