package stack

import (
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/sip/edge"
)

// door is what the listeners need to know.
func (s *Stack) door() door {
	return door{net: s.Net, log: s.Log, admit: s.admit, drop: func(why string) { s.drop(why) }}
}

// admit decides on a datagram before anything else looks at it.
func (s *Stack) admit(data []byte, from netip.AddrPort) bool {
	switch {
	case keepAlive(data):
		return false
	case unfit(data) != "":
		return s.drop(unfit(data))
	case s.above.Runs(callIDIn(data)):
		return true
	case scanner(data):
		return s.drop("scanner")
	}
	return s.Admits(from)
}

// Admits applies the rate to a source; trunks are known, and may send as much as they like. What our proxies bring is
// judged when it is parsed.
func (s *Stack) Admits(from netip.AddrPort) bool {
	if s.proxies.trust(from.Addr()) || s.above.Exempt != nil && s.above.Exempt(from.Addr()) ||
		s.Guard.Allow(from, time.Now()) {
		return true
	}
	return s.drop("shield")
}

func (s *Stack) drop(why string) bool {
	s.Dropped(why).Inc()
	return false
}

// Dropped counts messages and connections that got no answer, by the reason.
func (s *Stack) Dropped(why string) prometheus.Counter { return s.stats.dropped.WithLabelValues(why) }

// Origin is where a request came from before our proxies.
func (s *Stack) Origin(req *proto.Request) edge.Place { return s.proxies.origin(req) }

// Forwarded tells whether a proxy of ours brought req.
func (s *Stack) Forwarded(req *proto.Request) bool { return s.proxies.forwarded(req) }
