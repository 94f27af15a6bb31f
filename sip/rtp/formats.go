package rtp

import (
	"net/netip"
	"slices"

	"frontdesk/media"
)

// formats are the payload types of a session, each way. They are replaced as a whole.
type formats struct {
	codec             media.Codec
	inAudio, inEvent  uint8                      // what the peer sends
	others            map[uint8]*media.Converter // what else it may send, by payload type; of the reader
	outAudio, outKeys uint8                      // what it wants to get; noPT: it takes no telephone-events
	out               *media.Converter           // where it gets another codec; under the writers' lock
}

// Terms is what descriptions and signalling say of the peer's sound.
type Terms struct {
	Medium  *Medium       // of the peer's description
	Codec   media.Codec   // of the call
	Offered []media.Codec // ours, where that description is an answer
	Signal  netip.Addr    // where the peer's signalling comes from
	Strict  bool          // the description alone counts
	ByInfo  bool          // the peer gets keys by INFO, though it may take them in the sound
	Keys    Keys          // of what Session.Keys agreed on
}

func (t Terms) formats() formats {
	m, codec := t.Medium, t.Codec
	wire := m.Spoken(codec)
	f := formats{codec: codec, inAudio: m.Payload(codec), inEvent: m.Payload(TelephoneEvent()), others: t.others(),
		outAudio: m.Payload(wire), outKeys: m.Payload(TelephoneEvent())}
	if t.ByInfo {
		f.outKeys = NoPT
	}
	if t.Offered != nil { // what comes has the numbers of our own offer (RFC 3264 §6.1), mostly the same
		f.inAudio, f.inEvent = offeredPT(codec, f.inAudio), offeredEvent
	}
	if !wire.Is(codec) {
		f.out = media.NewConverter(codec, wire)
	}
	return f
}

// others is what the peer may send beside the call's codec: all that stands in both descriptions (RFC 3264 §6.1), and
// what we offered, because peers exist that answer with one codec and send another.
func (t Terms) others() map[uint8]*media.Converter {
	all := map[uint8]*media.Converter{}
	for _, c := range convertible() {
		pt := t.Medium.Payload(c)
		if pt == NoPT && slices.ContainsFunc(t.Offered, c.Is) {
			pt = offeredPT(c, NoPT)
		}
		if pt != NoPT && !c.Is(t.Codec) {
			all[pt] = media.NewConverter(c, t.Codec)
		}
	}
	return all
}

// offeredPT is the number we offered codec under.
func offeredPT(codec media.Codec, otherwise uint8) uint8 {
	if pt, ok := staticPT(codec); ok {
		return pt
	}
	return otherwise
}
