package guard

import (
	"errors"
	"net/netip"
	"testing"
)

func TestEgress(t *testing.T) {
	e, err := NewEgress([]string{"10.1.0.0/16", "192.168.7.7", "fd00:1::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		addr       string
		tls, plain bool
	}{
		{"93.184.216.34", true, false}, {"2606:4700::1111", true, false}, {"::ffff:93.184.216.34", true, false},
		{"10.1.2.3", true, true}, {"192.168.7.7", true, true}, {"fd00:1::5", true, true},
		{"::ffff:10.1.2.3", true, true},
		{"10.2.0.1", false, false}, {"192.168.7.8", false, false}, {"127.0.0.1", false, false}, {"::1", false, false},
		{"::ffff:127.0.0.1", false, false}, {"0.0.0.0", false, false}, {"::", false, false},
		{"169.254.169.254", false, false}, {"100.100.100.200", false, false}, {"172.31.255.1", false, false},
		{"224.0.0.1", false, false}, {"255.255.255.255", false, false}, {"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"fd12::1", false, false}, {"64:ff9b::7f00:1", false, false}, {"2002:7f00:1::1", false, false},
		{"2001:0:7f00:1::", false, false}, {"::127.0.0.1", false, false}, {"ff02::1", false, false},
	} {
		a := netip.MustParseAddr(c.addr)
		if err := e.Check(a, false); (err == nil) != c.tls {
			t.Errorf("%s with TLS: %v", c.addr, err)
		}
		if err := e.Check(a, true); (err == nil) != c.plain {
			t.Errorf("%s without: %v", c.addr, err)
		}
	}
	if _, err := NewEgress([]string{"somewhere"}); err == nil {
		t.Error("a name is taken for a network")
	}
	none, err := NewEgress(nil)
	if err != nil {
		t.Fatal(err)
	}
	var forbidden *Forbidden
	if _, err := none.Dialer(false).Dial("tcp", "127.0.0.1:1"); !errors.As(err, &forbidden) {
		t.Errorf("this machine is reached: %v", err)
	}
}
