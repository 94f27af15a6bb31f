package domain

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/mjl-/mox/dns"

	"frontdesk/mail/filter/dnstest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

const (
	host    = "mail.acme.example"
	address = "93.184.216.34"
)

func place() Place {
	return Place{Host: host, Sends: true, Services: map[string]uint16{"imaps": 993, "submission": 587}}
}

// policies is an https server of policies, and the client that finds it under any name.
func policies(t *testing.T, text func(host string) string) *http.Client {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == PolicyPath {
			w.Write([]byte(text(r.Host)))
		}
	}))
	t.Cleanup(s.Close)
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
		}}}
}

// findings are what is not as it should be, by purpose.
func findings(c Check) map[string]string {
	found := map[string]string{}
	for _, f := range c.Findings {
		if f.State != OK {
			found[f.Purpose] = strings.TrimSpace(f.State + " " + f.Problem)
		}
	}
	return found
}

// A domain of which everything that is wanted is published has nothing to complain of.
func TestCheckOfADomainThatIsAsItShouldBe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(db)
		if _, err := b.CreateDomain(t.Context(), "acme.example"); err != nil {
			t.Fatal(err)
		}
		d, err := b.SetSTS(t.Context(), "acme.example", STSEnforce)
		if err != nil {
			t.Fatal(err)
		}
		b.Seen(t.Context(), "n1", netip.MustParseAddr("9.9.9.9"))
		c := NewChecker(Config{Place: place(), Lists: []string{"list.test", "silent.test", "names.test"},
			Resolver: zone(t, place().Wanted(d), dnstest.A(host, address), dnstest.PTR(address, host),
				dnstest.A("2.0.0.127.list.test", "127.0.0.2"), dnstest.A("34.216.184.93.silent.test",
					"127.255.255.254"),
				dnstest.A("34.216.184.93.names.test", "127.0.0.4"), dnstest.TXT("34.216.184.93.names.test",
					"seen sending junk")),
			HTTP: policies(t, func(string) string { return d.Policy(host) })}, b, silent)
		check, err := c.Check(t.Context(), "acme.example")
		if err != nil || len(check.Findings) != 14 || len(findings(check)) != 0 {
			t.Fatalf("%v: %+v", err, check.Findings)
		}
		if check.Reach.State != OK || check.Host != host {
			t.Errorf("reach %+v", check.Reach)
		}
		want := map[string]Verdict{"list.test": {State: OK}, "silent.test": {State: Unknown, Problem: "list_silent",
			Detail: "127.255.255.254"},
			"names.test": {State: Wrong, Problem: "listed", Detail: "seen sending junk"}}
		for _, l := range check.Listings {
			if l.Verdict != want[l.List] || l.Address != address {
				t.Errorf("%+v", l)
			}
		}
		for _, line := range []string{"acme.example. 3600 IN MX 10 mail.acme.example.\n", host + ". 3600 IN A " +
			address + "\n",
			"_imaps._tcp.acme.example. 3600 IN SRV 0 1 993 mail.acme.example.\n", "IN TXT \"v=spf1 mx -all\"\n"} {
			if !strings.Contains(check.Zone, line) {
				t.Errorf("the zone has no %q:\n%s", line, check.Zone)
			}
		}
	})
}

// What is wrong is told by what it is.
func TestCheckTellsWhatIsWrong(t *testing.T) {
	b := newBook(storetest.SQLite(t))
	b.Seen(t.Context(), "n1", netip.MustParseAddr("9.9.9.9"))
	d, err := b.CreateDomain(t.Context(), "acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if d, err = b.SetSTS(t.Context(), d.Name, STSEnforce); err != nil {
		t.Fatal(err)
	}
	stale := d
	stale.STS = STSTesting
	at := func(purpose string) string {
		for _, r := range place().Wanted(d) {
			if r.Purpose == purpose {
				return r.Name
			}
		}
		return ""
	}
	for _, test := range []struct {
		name    string
		records []string
		want    map[string]string
	}{
		{"nothing is published", nil, map[string]string{"mx": "missing", "a": "missing", "spf": "missing",
			"dkim":  "missing",
			"dmarc": "missing", "mta_sts": "missing", "mta_sts_host": "missing", "tls_report": "missing",
			"setup": "missing", "service": "missing"}},
		{"of somebody else", []string{"mx-host=acme.example,mx.provider.example,10", dnstest.A(host, "10.1.2.3"),
			dnstest.PTR("10.1.2.3", "static.provider.example"), dnstest.TXT("acme.example",
				"v=spf1 ip4:192.0.2.1 -all"),
			dnstest.TXT(at(forDKIM), "v=DKIM1; p=AAAA"), dnstest.TXT(at(forDMARC), "v=DMARC1; p=none"),
			dnstest.TXT(at(forSTS), "v=STSv1; id=1"), dnstest.A(at(forSTSHost), "10.9.9.9"),
			dnstest.TXT(at(forTLSReport), "v=TLSRPTv1; rua=here"),
			dnstest.A("autoconfig.acme.example", "10.9.9.9"),
			"srv-host=_imaps._tcp.acme.example,mail.acme.example,994,0,1"},
			map[string]string{"mx": "wrong mx_other", "a": "wrong address_private", "ptr": "wrong ptr_other",
				"spf":  "wrong spf_not_us",
				"dkim": "missing", "dmarc": "weak dmarc_none", "mta_sts": "wrong sts_other",
				"mta_sts_host": "wrong leads_elsewhere",
				"tls_report":   "wrong broken", "setup": "missing", "service": "missing"}},
		{"not enough", []string{"mx-host=acme.example,mx.provider.example,5", dnstest.MX("acme.example", host),
			dnstest.A(host, address),
			dnstest.PTR(address, host), dnstest.TXT("acme.example", "v=spf1 a:mail.acme.example ?all"),
			dnstest.TXT(at(forDMARC), "v=DMARC1; p=reject"), dnstest.A(at(forSTSHost), address)},
			map[string]string{"mx": "weak mx_second", "spf": "weak spf_anybody", "dkim": "missing",
				"dmarc":   "weak dmarc_silent",
				"mta_sts": "missing", "mta_sts_host": "wrong policy_other", "tls_report": "missing",
				"setup": "missing", "service": "missing"}},
		{"twice", []string{dnstest.MX("acme.example", host), dnstest.A(host, address), dnstest.PTR(address, host),
			dnstest.TXT("acme.example", "v=spf1 mx -all"), dnstest.TXT("acme.example", "v=spf1 a -all")},
			map[string]string{"spf": "wrong several", "dkim": "missing", "dmarc": "missing", "mta_sts": "missing",
				"mta_sts_host": "missing",
				"tls_report":   "missing", "setup": "missing", "service": "missing"}},
	} {
		c := NewChecker(Config{Place: place(), Resolver: zone(t, nil, test.records...),
			HTTP: policies(t, func(string) string { return stale.Policy(host) })}, b, silent)
		check, err := c.Check(t.Context(), d.Name)
		if err != nil {
			t.Fatal(err)
		}
		got := findings(check)
		for purpose, want := range test.want {
			if got[purpose] != want {
				t.Errorf("%s: %s is %q, want %q", test.name, purpose, got[purpose], want)
			}
			delete(got, purpose)
		}
		if len(got) > 0 {
			t.Errorf("%s: besides %v", test.name, got)
		}
	}
}

// DNS that does not answer is no missing record.
func TestCheckWithoutDNS(t *testing.T) {
	b := newBook(storetest.SQLite(t))
	if _, err := b.CreateDomain(t.Context(), "acme.example"); err != nil {
		t.Fatal(err)
	}
	c := NewChecker(Config{Place: place(), Resolver: func() dns.Resolver {
		return dns.MockResolver{AllAuthentic: true, Fail: []string{"mx acme.example.", "txt acme.example.",
			"host mail.acme.example.", "ip mail.acme.example."}}
	}}, b, silent)
	check, err := c.Check(t.Context(), "acme.example")
	if got := findings(check); err != nil || got["mx"] != "unknown no_answer" || got["spf"] != "unknown no_answer" {
		t.Errorf("%v, %v", got, err)
	}
}

// Our own door says who is behind it; another's at our address is told.
func TestKnock(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	greetings := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(<-greetings))
			conn.Close()
		}
	}()
	defer func() { l.Close(); <-done }()
	c := NewChecker(Config{Port: l.Addr().(*net.TCPAddr).Port}, newBook(storetest.SQLite(t)), silent)
	for greeting, want := range map[string]string{"220 Mail.Acme.Example ESMTP\r\n": "unknown port_own",
		"220 router ESMTP\r\n": "wrong port_other"} {
		greetings <- greeting
		r := c.reach(t.Context(), host, []net.IP{net.IPv4(127, 0, 0, 1)})
		if r.State+" "+r.Problem != want {
			t.Errorf("%q: %+v", greeting, r)
		}
	}
}
