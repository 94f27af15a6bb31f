package sip

import (
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/guard"
	"frontdesk/sip/edge"
)

// door is what the listeners need to know.
func (c *core) door() edge.Door {
	return edge.Door{Net: c.net, Log: c.log, Admit: c.admit, Drop: func(why string) { c.drop(why) }}
}

// admit decides on a datagram before anything else looks at it.
func (c *core) admit(data []byte, from netip.AddrPort) bool {
	switch {
	case edge.KeepAlive(data):
		return false
	case edge.Unfit(data) != "":
		return c.drop(edge.Unfit(data))
	case c.runs(edge.CallIDIn(data)):
		return true
	case edge.Scanner(data):
		return c.drop("scanner")
	}
	return c.admits(from)
}

// admits applies the rate to a source; trunks are known, and may send as much as they like. What our proxies bring is judged when it
// is parsed.
func (c *core) admits(from netip.AddrPort) bool {
	if c.proxies.Trust(from.Addr()) || c.exempt != nil && c.exempt(from.Addr()) || c.guard.Allow(from, time.Now()) {
		return true
	}
	return c.drop("shield")
}

// Elsewhere takes what another node told of a log-in there, so that a guesser gets no more tries by asking all of them.
func (s *Server) Elsewhere(o guard.Outcome) { s.guard.Elsewhere(o) }

func (c *core) drop(why string) bool {
	c.stats.dropped.WithLabelValues(why).Inc()
	return false
}

// origin is where a request came from before our proxies.
func (c *core) origin(req *proto.Request) edge.Place { return c.proxies.Origin(req) }

// forwarded tells whether a proxy of ours brought req.
func (c *core) forwarded(req *proto.Request) bool { return c.proxies.Forwarded(req) }
