package setup

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

// dict is a dictionary of a property list: keys and values by turns.
type dict []any

// Apple is a configuration profile that sets a mailbox up on an iPhone, iPad or Mac; it asks for the password.
func Apple(a Account) []byte {
	const of = "com.frontdesk.mail."
	mail := dict{
		"PayloadType", "com.apple.mail.managed", "PayloadVersion", 1,
		"PayloadIdentifier", of + a.Address + ".account", "PayloadUUID", uuid("account " + a.Address),
		"PayloadDisplayName", a.Company, "EmailAccountDescription", a.Company,
		"EmailAccountName", a.Name, "EmailAccountType", "EmailTypeIMAP", "EmailAddress", a.Address,
		"IncomingMailServerAuthentication", "EmailAuthPassword", "IncomingMailServerHostName", a.Host,
		"IncomingMailServerPortNumber", int(a.In.Port), "IncomingMailServerUseSSL", true,
		"IncomingMailServerUsername", a.Address,
		"OutgoingMailServerAuthentication", "EmailAuthPassword", "OutgoingMailServerHostName", a.Host,
		"OutgoingMailServerPortNumber", int(a.Out.Port), "OutgoingMailServerUseSSL", true,
		"OutgoingMailServerUsername", a.Address,
		"OutgoingPasswordSameAsIncomingPassword", true, "SMIMEEnabled", false,
	}
	profile := dict{
		"PayloadType", "Configuration", "PayloadVersion", 1, "PayloadIdentifier", of + a.Address,
		"PayloadUUID", uuid("profile " + a.Address), "PayloadDisplayName", a.Company + " (" + a.Address + ")",
		"PayloadDescription", "Mail of " + a.Address, "PayloadOrganization", a.Company, "PayloadRemovalDisallowed",
		false,
		"PayloadContent", []dict{mail},
	}
	b := bytes.NewBufferString(xml.Header)
	b.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n")
	b.WriteString(`<plist version="1.0">` + "\n")
	list(b, profile)
	b.WriteString("</plist>\n")
	return b.Bytes()
}

// list writes a value of a property list.
func list(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case dict:
		b.WriteString("<dict>\n")
		for i := 0; i+1 < len(v); i += 2 {
			tagged(b, "key", v[i].(string))
			list(b, v[i+1])
		}
		b.WriteString("</dict>\n")
	case []dict:
		b.WriteString("<array>\n")
		for _, d := range v {
			list(b, d)
		}
		b.WriteString("</array>\n")
	case string:
		tagged(b, "string", v)
	case int:
		tagged(b, "integer", strconv.Itoa(v))
	case bool:
		b.WriteString("<" + strconv.FormatBool(v) + "/>\n")
	}
}

func tagged(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	xml.EscapeText(b, []byte(text)) // to a buffer, which takes all
	b.WriteString("</" + name + ">\n")
}
