package pbx

import (
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

// lead has the caller go through a program from its beginning.
func lead(c *call.Call, first dialplan.Step) {
	p := program{Scene: call.Scene{Call: c}, who: c.Caller, acts: actOf}
	p.way = hunt.NewWay(c, first, &c.Record, c.Ledger, c.In.Party, c.In.From)
	p.over("")
}

// actOf is the act of a step; nil: there is none. A new kind of step has its act named here.
func actOf(p program, step dialplan.Step) call.Act {
	switch s := step.(type) {
	case dialplan.Announce:
		return &announce{program: p, item: s.Prompt, prompt: s.Prompt}
	case dialplan.Ask:
		if len(s.Menu.Keys) == 0 {
			return &announce{program: p, item: s.Menu.ID, prompt: s.Menu.Prompt}
		}
		return &ask{program: p, step: s}
	case dialplan.Voicemail:
		return &leave{program: p, box: s.Box}
	case dialplan.Code:
		switch s.Feature {
		case dialplan.Park:
			if p.who == p.Caller && p.who.By == "" { // nobody parks himself
				return &parking{program: p}
			}
			return &park{program: p, device: p.phone}
		case dialplan.Messages:
			return &messages{program: p}
		case dialplan.Greeting:
			return &greeting{program: p}
		}
		return &feature{program: p, code: s}
	case dialplan.Enqueue:
		return &queued{program: p, step: s}
	case dialplan.Ring, dialplan.Dial, dialplan.Hunt, dialplan.Join:
		return &ring{program: p, first: s}
	}
	return nil
}
