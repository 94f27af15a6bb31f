package setup

import (
	"encoding/xml"
	"io"
)

// Schemas of Microsoft's autodiscovery ([MS-OXDSCLI], POX).
const (
	outlookRequest  = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
	outlookAnswer   = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
	outlookSettings = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
)

type (
	autodiscover struct {
		XMLName  xml.Name `xml:"Autodiscover"`
		NS       string   `xml:"xmlns,attr"`
		Response any      `xml:"Response"`
	}
	discovered struct {
		NS      string         `xml:"xmlns,attr"`
		User    discoveredUser `xml:"User"`
		Account discoveredBox  `xml:"Account"`
	}
	discoveredUser struct {
		Name string `xml:"DisplayName"`
	}
	discoveredBox struct {
		Type      string     `xml:"AccountType"`
		Action    string     `xml:"Action"`
		Protocols []protocol `xml:"Protocol"`
	}
	protocol struct {
		Type           string `xml:"Type"`
		Server         string `xml:"Server"`
		Port           uint16 `xml:"Port"`
		DomainRequired string `xml:"DomainRequired"`
		Login          string `xml:"LoginName"`
		SPA            string `xml:"SPA"`
		SSL            string `xml:"SSL"`
		Encryption     string `xml:"Encryption"`
		Auth           string `xml:"AuthRequired"`
		POPAuth        string `xml:"UsePOPAuth,omitempty"`
		Last           string `xml:"SMTPLast,omitempty"`
	}
	undiscovered struct {
		Error discoveryError `xml:"Error"`
	}
	discoveryError struct {
		Code    int    `xml:"ErrorCode"`
		Message string `xml:"Message"`
	}
)

// OutlookAsks reads whose settings Outlook wants; "" when the request is none.
func OutlookAsks(r io.Reader) string {
	var ask struct {
		XMLName xml.Name `xml:"Autodiscover"`
		Request struct {
			Address string `xml:"EMailAddress"`
			Schema  string `xml:"AcceptableResponseSchema"`
		} `xml:"Request"`
	}
	if err := xml.NewDecoder(r).Decode(&ask); err != nil || ask.XMLName.Space != outlookRequest ||
		ask.Request.Schema != outlookSettings {
		return ""
	}
	return ask.Request.Address
}

// Outlook is the answer with an account.
func Outlook(a Account) []byte {
	way := func(kind string, d Door) protocol {
		p := protocol{Type: kind, Server: a.Host, Port: d.Port, DomainRequired: "off", Login: a.Address, SPA: "off",
			SSL: "on", Encryption: "TLS", Auth: "on"}
		if d.TLS {
			p.Encryption = "SSL"
		}
		return p
	}
	out := way("SMTP", a.Out)
	out.POPAuth, out.Last = "off", "off"
	return file(autodiscover{NS: outlookAnswer, Response: discovered{NS: outlookSettings,
		User:    discoveredUser{a.Company},
		Account: discoveredBox{Type: "email", Action: "settings", Protocols: []protocol{way("IMAP", a.In), out}}}})
}

// Codes of OutlookError.
const (
	OutlookUnknown = 500 // no such address
	OutlookInvalid = 600 // the request is none
)

// OutlookError is the answer without an account.
func OutlookError(code int, message string) []byte {
	return file(autodiscover{NS: outlookAnswer, Response: undiscovered{discoveryError{code, message}}})
}
