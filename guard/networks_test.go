package guard

import (
	"net/netip"
	"testing"
)

func TestNetworks(t *testing.T) {
	n, err := ParseNetworks([]string{"10.1.2.3/8", "203.0.113.7", "2001:db8::/32", "::ffff:192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{"10.200.0.1": true, "::ffff:10.0.0.1": true, "203.0.113.7": true,
		"203.0.113.8": false, "2001:db8:1::1": true, "2001:db9::1": false, "192.0.2.1": true, "11.0.0.1": false} {
		if got := n.Contain(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if n.Contain(netip.Addr{}) {
		t.Error("what is no address is in one of them")
	}
	for _, text := range []string{"", "office", "10.0.0.0/33"} {
		if _, err := ParseNetworks([]string{text}); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
