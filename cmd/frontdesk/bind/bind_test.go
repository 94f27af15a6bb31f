package bind

import (
	"net/netip"
	"testing"
)

// Browsers are told an address that they reach.
func TestNamed(t *testing.T) {
	for _, address := range []string{"0.0.0.0:3478", "[::]:3478"} {
		at, err := netip.ParseAddrPort(Named(address))
		if err != nil || at.Port() != 3478 || at.Addr().IsUnspecified() ||
			at.Addr().Is4() != (address == "0.0.0.0:3478") {
			t.Errorf("%s is %v, %v", address, at, err)
		}
	}
	for _, address := range []string{"", "203.0.113.10:3478", "127.0.0.1:0"} {
		if got := Named(address); got != address {
			t.Errorf("%s is %s", address, got)
		}
	}
}
