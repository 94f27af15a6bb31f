package domain

import (
	"fmt"
	"strings"
)

// What a record is for.
const (
	forMX        = "mx"
	forAddress   = "a"
	forPTR       = "ptr"
	forSPF       = "spf"
	forDKIM      = "dkim"
	forDMARC     = "dmarc"
	forSTS       = "mta_sts"      // the record that tells of a policy
	forSTSHost   = "mta_sts_host" // the name whose https server has it
	forTLSReport = "tls_report"
	forSetup     = "setup" // names that mail programs look for
	forService   = "service"
)

// DNSRecord is one that has to stand in DNS.
type DNSRecord struct {
	Name     string `json:"name" doc:"Without the last dot"`
	Type     string `json:"type"`
	Value    string `json:"value" doc:"As it is written in a zone, but for the quotes of texts; empty where only the provider of the server knows it"`
	Purpose  string `json:"purpose" enum:"mx,a,ptr,spf,dkim,dmarc,mta_sts,mta_sts_host,tls_report,setup,service"`
	Optional bool   `json:"optional" doc:"Mail comes and goes without it"`
}

// Place is what this server is to the world.
type Place struct {
	Host     string            // the name that MX records lead to; "": "mail." and the domain
	Services map[string]uint16 // what mail programs reach, by the name of RFC 6186 and RFC 8314: ports
	Sends    bool              // it sends straight to others' servers, not through a smart host
}

// HostOf is the name of the server that takes a domain's mail.
func (p Place) HostOf(domain string) string {
	if p.Host == "" {
		return "mail." + domain
	}
	return p.Host
}

// services in the order in which they are told.
func services() []string { return []string{"imaps", "imap", "submissions", "submission"} }

// Wanted are the records that a domain has to have, all but those of our own addresses.
func (p Place) Wanted(d Domain) []DNSRecord {
	host := p.HostOf(d.Name)
	list := []DNSRecord{
		{Name: d.Name, Type: "MX", Value: "10 " + host + ".", Purpose: forMX},
		{Name: d.Name, Type: "TXT", Value: "v=spf1 mx -all", Purpose: forSPF},
	}
	for _, k := range d.Keys {
		list = append(list, DNSRecord{Name: k.Selector + "._domainkey." + d.Name, Type: "TXT", Value: k.Record,
			Purpose: forDKIM, Optional: k.Algorithm != RSA || k.State == Old})
	}
	list = append(list,
		DNSRecord{Name: "_dmarc." + d.Name, Type: "TXT", Value: "v=DMARC1; p=quarantine; rua=mailto:postmaster@" +
			d.Name, Purpose: forDMARC},
		DNSRecord{Name: "_smtp._tls." + d.Name, Type: "TXT", Value: "v=TLSRPTv1; rua=mailto:postmaster@" + d.Name,
			Purpose: forTLSReport, Optional: true})
	if policy := d.Policy(host); policy != "" {
		list = append(list,
			DNSRecord{Name: "_mta-sts." + d.Name, Type: "TXT", Value: policyRecord(policy), Purpose: forSTS,
				Optional: true},
			DNSRecord{Name: PolicyHost(d.Name), Type: "CNAME", Value: host + ".", Purpose: forSTSHost, Optional: true})
	}
	for _, name := range []string{"autoconfig.", "autodiscover."} {
		list = append(list, DNSRecord{Name: name + d.Name, Type: "CNAME", Value: host + ".", Purpose: forSetup,
			Optional: true})
	}
	for _, name := range services() {
		if port := p.Services[name]; port != 0 {
			list = append(list, DNSRecord{Name: "_" + name + "._tcp." + d.Name, Type: "SRV",
				Value: fmt.Sprintf("0 1 %d %s.", port, host), Purpose: forService, Optional: true})
		}
	}
	return list
}

// Zone is how records are written in a zone file (RFC 1035 section 5.1). What has no value is left out, as what stands
// in the zone of whoever gave us our addresses.
func Zone(records []DNSRecord) string {
	var b strings.Builder
	for _, r := range records {
		if r.Value == "" || r.Type == "PTR" {
			continue
		}
		value := r.Value
		if r.Type == "TXT" {
			value = quoted(value)
		}
		fmt.Fprintf(&b, "%s. 3600 IN %s %s\n", r.Name, r.Type, value)
	}
	return b.String()
}

// quoted cuts a text into the strings of at most 255 bytes that a TXT record is made of.
func quoted(text string) string {
	var parts []string
	for len(text) > 255 {
		parts, text = append(parts, `"`+text[:255]+`"`), text[255:]
	}
	return strings.Join(append(parts, `"`+text+`"`), " ")
}
