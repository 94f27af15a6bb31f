package certificate

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"

	"frontdesk/guard/acme"
)

// The servers' names have certificates, and those of mail domains that lead to them.
func TestPlace(t *testing.T) {
	dns := map[string]string{"mail.acme.test": "192.0.2.1", "mta-sts.acme.test": "192.0.2.1",
		"autoconfig.acme.test": "192.0.2.99", "desk.acme.test": "192.0.2.2"}
	p := Place{Own: []string{"Mail.acme.test", "desk.acme.test", "localhost", "192.0.2.7", "mail.acme.test."},
		Domains: func(context.Context) ([]string, error) { return []string{"acme.test"}, nil },
		Lookup: func(_ context.Context, name string) ([]net.IP, error) {
			if ip := net.ParseIP(dns[name]); ip != nil {
				return []net.IP{ip}, nil
			}
			return nil, errors.New("no such host")
		}}
	p.Own[0] = "mail.acme.test"
	names, err := p.Names(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []acme.Wanted{{Name: "mail.acme.test", Sure: true}, {Name: "desk.acme.test", Sure: true},
		{Name: "autoconfig.acme.test"}, {Name: "autodiscover.acme.test"}, {Name: "mta-sts.acme.test"}}
	if !slices.Equal(names, want) {
		t.Errorf("%+v", names)
	}
	for name, code := range map[string]string{"mta-sts.acme.test": "", "autoconfig.acme.test": acme.Elsewhere,
		"autodiscover.acme.test": acme.NoAddress} {
		var trouble *acme.Trouble
		err := p.Here(t.Context(), acme.Wanted{Name: name})
		if errors.As(err, &trouble) != (code != "") || trouble != nil && trouble.Code != code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := p.Here(t.Context(), acme.Wanted{Name: "autoconfig.acme.test", Sure: true}); err != nil {
		t.Errorf("behind another's address, as it was named: %v", err)
	}
}
