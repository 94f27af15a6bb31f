package sip

import (
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/sip/edge"
)

// door is what the listeners need to know.
func (s *Stack) door() edge.Door {
	return edge.Door{Net: s.net, Log: s.log, Admit: s.admit, Drop: func(why string) { s.drop(why) }}
}

// admit decides on a datagram before anything else looks at it.
func (s *Stack) admit(data []byte, from netip.AddrPort) bool {
	switch {
	case edge.KeepAlive(data):
		return false
	case edge.Unfit(data) != "":
		return s.drop(edge.Unfit(data))
	case s.above.runs(edge.CallIDIn(data)):
		return true
	case edge.Scanner(data):
		return s.drop("scanner")
	}
	return s.admits(from)
}

// admits applies the rate to a source; trunks are known, and may send as much as they like. What our proxies bring is judged when it
// is parsed.
func (s *Stack) admits(from netip.AddrPort) bool {
	if s.proxies.Trust(from.Addr()) || s.above.exempt != nil && s.above.exempt(from.Addr()) || s.guard.Allow(from, time.Now()) {
		return true
	}
	return s.drop("shield")
}

func (s *Stack) drop(why string) bool {
	s.dropped(why).Inc()
	return false
}

// dropped counts messages and connections that got no answer, by the reason.
func (s *Stack) dropped(why string) prometheus.Counter { return s.stats.dropped.WithLabelValues(why) }

// origin is where a request came from before our proxies.
func (s *Stack) origin(req *proto.Request) edge.Place { return s.proxies.Origin(req) }

// forwarded tells whether a proxy of ours brought req.
func (s *Stack) forwarded(req *proto.Request) bool { return s.proxies.Forwarded(req) }
