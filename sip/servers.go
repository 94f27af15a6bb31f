package sip

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// peersOf are the addresses of the servers, over whatever transport, and the allowed networks.
func (c *core) peersOf(ctx context.Context, row directory.Trunk, targets []stack.Target) (list []netip.Prefix) {
	name, port := stack.SplitHost(row.Host)
	if port == 0 && !row.Registers() {
		for _, transport := range []string{"UDP", "TCP"} {
			for _, s := range c.Services(ctx, name, transport) {
				targets = append(targets[:len(targets):len(targets)], c.Targets(ctx, s)...)
			}
		}
		plain, _ := c.Hosts(ctx, name, 0, "")
		targets = append(targets, plain...)
	}
	for _, p := range stack.InOrder(targets) {
		if s := edge.Single(p.At.Addr()); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return append(list, networks(row.Allow)...)
}

// networks are those, and the addresses, of a list, which was checked when it was saved.
func networks(texts []string) (list []netip.Prefix) {
	for _, a := range texts {
		if p, err := netip.ParsePrefix(a); err == nil {
			list = append(list, p.Masked())
		} else if ip, err := netip.ParseAddr(a); err == nil {
			list = append(list, edge.Single(ip))
		}
	}
	return list
}

// places lists where a call can go, in the order in which they are tried: those that took none lately come last.
func (t *trunk) places() []edge.Place {
	t.mu.Lock()
	defer t.mu.Unlock()
	list, now := stack.InOrder(t.targets), time.Now()
	slices.SortStableFunc(list, func(a, b edge.Place) int { return cmp.Compare(t.rank(a, now), t.rank(b, now)) })
	return list
}

func (t *trunk) rank(p edge.Place, now time.Time) int {
	if now.Before(t.down[p]) {
		return 1
	}
	return 0
}

// mayGo tells where a carrier may send a call: only to an address of its own.
func (t *trunk) mayGo(uri proto.Uri) (edge.Place, bool) {
	addr, err := netip.ParseAddr(strings.Trim(uri.Host, "[]"))
	if err != nil || uri.Scheme != "sip" || !t.admits(addr.Unmap()) {
		return edge.Place{}, false
	}
	transport := strings.ToUpper(uri.UriParams.GetOr("transport", t.wire()))
	if transport != "UDP" && transport != "TCP" {
		return edge.Place{}, false
	}
	at, err := netip.ParseAddrPort(stack.HostPort(uri, transport))
	return edge.Place{Transport: transport, At: at}, err == nil
}

// forgiven is how long a server that took no call comes last.
const forgiven = time.Minute

// tried notes whether a server took what was sent there.
func (t *trunk) tried(p edge.Place, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.down, p)
	if !ok {
		t.down[p] = time.Now().Add(forgiven)
	}
}
