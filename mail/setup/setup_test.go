package setup

import (
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"frontdesk/mail/xmltest"
)

var account = Account{Company: "Acme & Söhne", Address: "ana@acme.example", Name: "Ana Pop", Domain: "acme.example",
	Host: "mail.acme.example", In: Door{993, true}, Out: Door{587, false}}

// flat reads a file as those who don't know our types: the text at each path, whose steps are names, with a type or
// Type
// in brackets; attributes have an @.
func flat(t *testing.T, file []byte) map[string]string {
	t.Helper()
	found, path, text := map[string]string{}, []string{}, ""
	for d := xml.NewDecoder(bytes.NewReader(file)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return found
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		switch e := token.(type) {
		case xml.StartElement:
			path, text = append(path, e.Name.Local), ""
			for _, a := range e.Attr {
				if a.Name.Local == "type" {
					path[len(path)-1] += "[" + a.Value + "]"
				}
				found[strings.Join(path, "/")+"/@"+a.Name.Local] = a.Value
			}
		case xml.CharData:
			text += string(e)
		case xml.EndElement:
			if e.Name.Local == "Type" {
				path[len(path)-2] += "[" + text + "]"
			}
			found[strings.Join(path, "/")], text = strings.TrimSpace(text), ""
			path = path[:len(path)-1]
		}
	}
}

func expect(t *testing.T, file []byte, want map[string]string) {
	t.Helper()
	found := flat(t, file)
	for path, value := range want {
		if got, ok := found[path]; got != value || !ok {
			t.Errorf("%s is %q, want %q", path, got, value)
		}
	}
}

// The file is as Mozilla's documentation of its format (version 1.1) has it: elements in order, values of its lists.
func TestThunderbirdSchema(t *testing.T) {
	one := func(name, text string) xmltest.Element {
		return xmltest.Element{Name: name, Min: 1, Max: 1, Text: text}
	}
	server := func(name, kind string) xmltest.Element {
		return xmltest.Element{Name: name, Min: 1, Attr: map[string]string{"type": kind}, In: []xmltest.Element{
			one("hostname", `[a-z0-9.-]+`), one("port", `[1-9]\d{0,4}`), one("socketType", "plain|SSL|STARTTLS"),
			{Name: "authentication", Min: 1, Text: "password-cleartext|password-encrypted|NTLM|GSSAPI|" +
				"client-IP-address|TLS-client-cert|OAuth2|none"},
			one("username", `.+`)}}
	}
	schema := xmltest.Element{Name: "clientConfig", Attr: map[string]string{"version": `1\.1`},
		In: []xmltest.Element{{Name: "emailProvider", Min: 1, Max: 1, Attr: map[string]string{"id": `[a-z0-9.-]+`},
			In: []xmltest.Element{{Name: "domain", Min: 1, Text: `[a-z0-9.-]+`}, one("displayName", ".+"),
				{Name: "displayShortName", Max: 1, Text: ".+"}, server("incomingServer", "imap|pop3|jmap|exchange"),
				server("outgoingServer", "smtp")}}}}
	for _, tls := range []bool{true, false} {
		a := account
		a.In.TLS, a.Out.TLS = tls, !tls
		if err := xmltest.Check(Thunderbird(a), schema); err != nil {
			t.Errorf("%v in\n%s", err, Thunderbird(a))
		}
	}
}

// What Thunderbird's readFromXML (version 1.1) asks for, by its paths and words.
func TestThunderbird(t *testing.T) {
	const at, in, out = "clientConfig/emailProvider", "/incomingServer[imap]", "/outgoingServer[smtp]"
	expect(t, Thunderbird(account), map[string]string{
		"clientConfig/@version": "1.1", at + "/@id": "acme.example", at + "/domain": "acme.example", at +
			"/displayName": "Acme & Söhne",
		at + in + "/hostname": "mail.acme.example", at + in + "/port": "993", at + in + "/socketType": "SSL",
		at + in + "/username": "%EMAILADDRESS%", at + in + "/authentication": "password-cleartext",
		at + out + "/hostname": "mail.acme.example", at + out + "/port": "587", at + out + "/socketType": "STARTTLS",
		at + out + "/username": "%EMAILADDRESS%", at + out + "/authentication": "password-cleartext",
	})
}

// Outlook's request, as it sends it, and our answer in the namespaces that it insists on.
func TestOutlook(t *testing.T) {
	const ask = `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
		<Request><EMailAddress>ana@acme.example</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`
	if who := OutlookAsks(strings.NewReader(ask)); who != "ana@acme.example" {
		t.Errorf("asked for %q", who)
	}
	for _, none := range []string{"", "<x/>", strings.ReplaceAll(ask, "2006a", "2006b"), ask[:100],
		`<!DOCTYPE a [<!ENTITY b "c">]><Autodiscover>&b;</Autodiscover>`} {
		if who := OutlookAsks(strings.NewReader(none)); who != "" {
			t.Errorf("%q asks for %q", none, who)
		}
	}
	const box = "Autodiscover/Response/Account"
	expect(t, Outlook(account), map[string]string{
		"Autodiscover/@xmlns":          "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006",
		"Autodiscover/Response/@xmlns": "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a",
		box + "/AccountType":           "email", box + "/Action": "settings",
		box + "/Protocol[IMAP]/Server": "mail.acme.example", box + "/Protocol[IMAP]/Port": "993", box +
			"/Protocol[IMAP]/SSL": "on",
		box + "/Protocol[IMAP]/Encryption": "SSL", box + "/Protocol[IMAP]/LoginName": "ana@acme.example",
		box + "/Protocol[SMTP]/Port": "587", box + "/Protocol[SMTP]/Encryption": "TLS", box +
			"/Protocol[SMTP]/SPA": "off",
	})
	expect(t, OutlookError(OutlookUnknown, "no"), map[string]string{"Autodiscover/Response/Error/ErrorCode": "500"})
}

// A profile is a property list: pairs of a key and what it is, with the names of Apple's reference. The same account
// has
// the same ids, another has others.
func TestApple(t *testing.T) {
	f := string(Apple(account))
	flat(t, []byte(f))
	for _, pair := range []string{"PayloadType</key>\n<string>Configuration<",
		"PayloadType</key>\n<string>com.apple.mail.managed<",
		"EmailAccountType</key>\n<string>EmailTypeIMAP<", "IncomingMailServerPortNumber</key>\n<integer>993<",
		"OutgoingMailServerUseSSL</key>\n<true/>", "EmailAccountDescription</key>\n<string>Acme &amp; Söhne<",
		"IncomingMailServerUsername</key>\n<string>ana@acme.example<"} {
		if !strings.Contains(f, "<key>"+pair) {
			t.Errorf("no %q in\n%s", pair, f)
		}
	}
	ids := regexp.MustCompile(`<key>PayloadUUID</key>\n<string>([0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12})<`)
	other := account
	other.Address = "ion@acme.example"
	mine, others := ids.FindAllStringSubmatch(f, -1), ids.FindAllStringSubmatch(string(Apple(other)), -1)
	if len(mine) != 2 || len(others) != 2 || mine[0][1] == mine[1][1] || mine[0][1] == others[0][1] ||
		string(Apple(account)) != f {
		t.Errorf("ids %v and %v", mine, others)
	}
}

// Ports that encrypt from the first byte come first; without a way in or out there is nothing to set up.
func TestDoors(t *testing.T) {
	in, out, ok := Doors(map[string]uint16{"imap": 143, "imaps": 993, "submission": 587})
	if in != (Door{993, true}) || out != (Door{587, false}) || !ok {
		t.Errorf("%v %v %v", in, out, ok)
	}
	if _, _, ok := Doors(map[string]uint16{"imap": 143}); ok {
		t.Error("nobody can send by it")
	}
}
