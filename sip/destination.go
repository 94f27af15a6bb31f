package sip

import (
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// destination is one place to ring.
type destination struct {
	stack.Way
	from, to stack.Party
	contact  string // user part of our Contact
	headers  []proto.Header
	login    stack.Credentials
	tcpToo   bool // large requests may go over TCP
	strict   bool // see Leg
	byInfo   bool // see Leg
	hops     int  // how far the call may go that it goes on for (RFC 7332); 0: it does not say
	browser  bool // its sound is that of browsers (RFC 8827)
	encrypt  rtp.Encryption

	others []destination                      // tried in turn when this one can't take the call, or is silent too long
	waits  time.Duration                      // that long; 0: as long as the transaction lives
	tried  func(edge.Place, bool)             // told whether a place takes calls; may be nil
	mayGo  func(proto.Uri) (edge.Place, bool) // where a redirection of the call itself may lead; nil: nowhere
}

// hears is where the sound goes, as far as that can be told before the answer.
func (d destination) hears() string {
	if d.Sound != "" {
		return d.Sound
	}
	return d.Hop()
}

// at is the same at another place.
func (d destination) at(p edge.Place) destination {
	d.Transport, d.Flow, d.others = p.Transport, p.At.String(), nil
	return d
}
