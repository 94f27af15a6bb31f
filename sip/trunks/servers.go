package trunks

import (
	"cmp"
	"context"
	"maps"
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
func (ts *Trunks) peersOf(ctx context.Context, row directory.Trunk, targets []stack.Target) (list []netip.Prefix) {
	name, port := stack.SplitHost(serverOf(row))
	if port == 0 && !row.Registers() {
		for _, transport := range spoken(row) {
			for _, s := range ts.Services(ctx, name, transport) {
				targets = append(targets[:len(targets):len(targets)], ts.Targets(ctx, s)...)
			}
		}
		plain, _ := ts.Hosts(ctx, name, 0, "")
		targets = append(targets, plain...)
	}
	for _, p := range stack.InOrder(targets) {
		if s := edge.Single(p.At.Addr()); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	if row.Proxy != "" { // calls come by it, and perhaps straight too
		row.Proxy = ""
		straight, _ := ts.Locate(ctx, row.Host, strings.ToUpper(row.Transport))
		return append(list, ts.peersOf(ctx, row, straight)...)
	}
	return append(list, Networks(row.Allow)...)
}

// spoken are the transports that a peer may have servers for.
func spoken(row directory.Trunk) []string {
	if strings.EqualFold(row.Transport, "tls") {
		return []string{"TLS"}
	}
	return []string{"UDP", "TCP"}
}

// Networks are those, and the addresses, of a list, which was checked when it was saved.
func Networks(texts []string) (list []netip.Prefix) {
	for _, a := range texts {
		if p, err := netip.ParsePrefix(a); err == nil {
			list = append(list, p.Masked())
		} else if ip, err := netip.ParseAddr(a); err == nil {
			list = append(list, edge.Single(ip))
		}
	}
	return list
}

// Places lists where a call can go, in the order in which they are tried: those that took none lately come last.
func (t *Trunk) Places() []edge.Place {
	t.mu.Lock()
	list := stack.InOrder(t.targets)
	t.mu.Unlock()
	rank := t.Ranks()
	slices.SortStableFunc(list, func(a, b edge.Place) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

// Ranks orders places: those that took no call lately come last.
func (t *Trunk) Ranks() func(edge.Place) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, down := time.Now(), maps.Clone(t.down)
	return func(p edge.Place) int {
		if now.Before(down[p]) {
			return 1
		}
		return 0
	}
}

// MayGo tells where a carrier may send a call: only to an address of its own.
func (t *Trunk) MayGo(uri proto.Uri) (edge.Place, bool) {
	addr, err := netip.ParseAddr(strings.Trim(uri.Host, "[]"))
	transport, ok := edge.TransportOf(uri, t.Wire())
	if err != nil || !ok || !t.Admits(addr.Unmap()) || t.Wire() == "TLS" && transport != "TLS" {
		return edge.Place{}, false
	}
	at, err := netip.ParseAddrPort(stack.HostPort(uri, transport))
	return edge.Place{Transport: transport, At: at}, err == nil
}

// Found looks once more for the servers of a trunk that had none at the last reload.
func (ts *Trunks) Found(ctx context.Context, t *Trunk) bool {
	targets, _ := ts.Locate(ctx, t.Server(), t.Wire())
	t.moved(&Trunk{targets: targets})
	return len(targets) > 0
}

// forgiven is how long a server that took no call comes last.
const forgiven = time.Minute

// Tried notes whether a server took what was sent there.
func (t *Trunk) Tried(p edge.Place, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.down, p)
	if !ok {
		t.down[p] = time.Now().Add(forgiven)
	}
}
