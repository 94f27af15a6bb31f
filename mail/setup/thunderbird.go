package setup

import "encoding/xml"

type (
	clientConfig struct {
		XMLName  xml.Name      `xml:"clientConfig"`
		Version  string        `xml:"version,attr"`
		Provider emailProvider `xml:"emailProvider"`
	}
	emailProvider struct {
		ID       string       `xml:"id,attr"`
		Domain   string       `xml:"domain"`
		Name     string       `xml:"displayName"`
		Short    string       `xml:"displayShortName"`
		Incoming configServer `xml:"incomingServer"`
		Outgoing configServer `xml:"outgoingServer"`
	}
	configServer struct {
		Type           string `xml:"type,attr"`
		Hostname       string `xml:"hostname"`
		Port           uint16 `xml:"port"`
		Socket         string `xml:"socketType"`
		Authentication string `xml:"authentication"`
		Username       string `xml:"username"`
	}
)

// Thunderbird is a configuration file (version 1.1), which K-9, Evolution, KMail and others read, too.
func Thunderbird(a Account) []byte {
	server := func(kind string, d Door) configServer {
		s := configServer{Type: kind, Hostname: a.Host, Port: d.Port, Socket: "STARTTLS",
			Authentication: "password-cleartext", Username: "%EMAILADDRESS%"} // inside of TLS
		if d.TLS {
			s.Socket = "SSL"
		}
		return s
	}
	return file(clientConfig{Version: "1.1", Provider: emailProvider{ID: a.Domain, Domain: a.Domain, Name: a.Company,
		Short: a.Company, Incoming: server("imap", a.In), Outgoing: server("smtp", a.Out)}})
}
