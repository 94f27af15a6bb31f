package sip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"frontdesk/pbx"
)

// A peer that names itself or its proxy is reached where it sent from; no name server is asked, whose answer the call
// would have to wait for.
func TestNamesOfPeersAreNotLookedUp(t *testing.T) {
	nobody := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name server is asked")
		return nil, errors.New("no name server")
	}}
	b := newBed(t, func(c *Config) { c.Resolver = nobody }, nil, loopback())
	for name, headers := range map[string]string{
		"contact":              "Contact: <sip:ana@nowhere.test>\n",
		"contact with port":    "Contact: <sip:ana@nowhere.test:{port}>\n",
		"proxy":                "Contact: <sip:ana@10.9.9.9>\nRecord-Route: <sip:proxy.nowhere.test;lr>\n",
		"proxy of the old way": "Contact: <sip:ana@10.9.9.9>\nRecord-Route: <sip:proxy.nowhere.test:{port}>\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, b.addr("udp"))
			_, port, _ := net.SplitHostPort(w.conn.LocalAddr().String())
			invite := request("INVITE", "sip:100@{there}", "", "n-"+port, 1,
				strings.ReplaceAll(headers, "{port}", port), offer)
			w.send(strings.Replace(invite, "Contact: <sip:ana@{here}>\n", "", 1))
			g := b.arrival()
			g.Answer(g.Offer()[0])
			_, tag, _ := strings.Cut(field(w.get("SIP/2.0 200"), "To"), ">")
			w.send(request("ACK", "sip:100@{there}", tag, "n-"+port, 1, "", ""))
			g.Hangup(pbx.CauseNormal)
			w.reply(w.get("BYE"), "200 OK", "", "")
			expect[pbx.Gone](t, g)
		})
	}
	if ip := b.server.Facing("nowhere.test:5060", netip.IPv4Unspecified()); ip.IsUnspecified() {
		t.Errorf("we are %s", ip)
	}
}
