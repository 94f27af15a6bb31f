package remote

import (
	"net"
	"strings"

	"github.com/mjl-/mox/message"
	"golang.org/x/net/publicsuffix"

	"frontdesk/mail"
	"frontdesk/mail/mime"
)

// verdict is what the account's server found out about a message's author, in the topmost Authentication-Results (RFC
// 8601). It counts where that names a server of the domain whose IMAP server we asked: others' a sender may have made
// up. Whose server says nothing that counts is not verified.
func verdict(m *mime.Message, imapServer string) mail.Verdict {
	v := mail.Verdict{Reasons: []string{}, SPF: "none", DKIM: "none", DMARC: "none"}
	field := strings.TrimSpace(m.Header.Get("Authentication-Results"))
	if field == "" {
		return v
	}
	if strings.HasPrefix(imapServer, microsoft+":") && strings.HasPrefix(field, "spf=") {
		field = microsoft + "; " + field // it leaves its name out, and takes others' fields of that form away
	}
	results, err := message.ParseAuthResults(field + "\r\n")
	if err != nil || !sameOwner(results.Hostname, imapServer) {
		return v
	}
	for _, method := range results.Methods {
		result := method.Result
		switch method.Method {
		case "spf":
			v.SPF = result
		case "dkim":
			if v.DKIM != "pass" {
				v.DKIM = result
			}
		case "dmarc":
			v.DMARC = result
		}
	}
	v.Verified = v.DMARC == "pass"
	return v
}

const microsoft = "outlook.office365.com"

// sameOwner tells whether a host is of the organisation that runs a server, host:port.
func sameOwner(host, server string) bool {
	name, _, err := net.SplitHostPort(server)
	if err != nil {
		return false
	}
	host = strings.ToLower(host)
	if strings.HasSuffix(name, ".gmail.com") && (host == "mx.google.com" || strings.HasSuffix(host, ".google.com")) {
		return true
	}
	owner, err := publicsuffix.EffectiveTLDPlusOne(name)
	other, err2 := publicsuffix.EffectiveTLDPlusOne(host)
	return err == nil && err2 == nil && owner == other
}
