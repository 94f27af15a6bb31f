package provision

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"frontdesk/pbx/directory"
)

// hostile is a name that breaks out of formats that don't escape it.
const hostile = "Ana \"x\" & <b>\nregister = 1\r\x00;='"

// tamed is how it may be read again.
const tamed = `Ana "x" & <b> register = 1 ;='`

func profile() Profile {
	return Profile{Name: hostile, Username: "phone-1", Password: "pass&<\"word", Host: "desk.example.com", Port: "5061",
		Over: "tls", SRTP: directory.SRTPRequired, MAC: "0015651234ab", Asks: true, PickUp: "*8",
		Keys: []directory.Key{{Number: "202", Label: hostile}, {Number: "*681"}},
		Self: "https://desk.example.com/provision/KEEP/", Book: "https://desk.example.com/provision/KEEP/phonebook.xml"}
}

// settings are the values of an XML file by the names of their elements, with what tells those of one name apart, and
// its attributes by their names.
func settings(t *testing.T, file []byte) map[string]string {
	t.Helper()
	all := map[string]string{}
	d := xml.NewDecoder(bytes.NewReader(file))
	d.Strict = true
	var path []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			for _, a := range e.Attr {
				if a.Name.Local == "idx" || a.Name.Local == "index" || a.Name.Local == "name" {
					name += "#" + a.Value
				}
				all["@"+a.Name.Local] = a.Value
			}
			path = append(path, name)
			for _, a := range e.Attr {
				all[name+"@"+a.Name.Local] = a.Value
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if text := string(e); strings.TrimSpace(text) != "" {
				all[path[len(path)-1]] = text
				if len(path) > 1 {
					all[path[len(path)-2]+"/"+path[len(path)-1]] = text
				}
			}
		}
	}
}

// lines are the values of a file with a setting a line.
func lines(t *testing.T, file []byte) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(string(file)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, " = ")
		if _, again := all[name]; !ok || again {
			t.Errorf("line %q", line)
		}
		all[name] = value
	}
	return all
}

// Each make reads its own file: who it is, where it registers, by what, the lamps, where it asks next. A name can't
// break out of it.
func TestSettingsOfEachMake(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"yealink": {"account.1.display_name": tamed, "account.1.user_name": "phone-1", "account.1.password": `pass&<"word`,
			"account.1.sip_server.1.address": "desk.example.com", "account.1.sip_server.1.port": "5061",
			"account.1.sip_server.1.transport_type": "2", "account.1.srtp_encryption": "2",
			"account.1.subscribe_mwi": "1",
			"linekey.2.type":          "16", "linekey.2.value": "202", "linekey.2.label": tamed,
			"linekey.3.label":     "*681",
			"linekey.3.extension": "*8", "static.auto_provision.server.url": "https://desk.example.com/provision/KEEP/",
			"remote_phonebook.data.1.url": "https://desk.example.com/provision/KEEP/phonebook.xml"},
		"snom": {"user_realname#1": tamed, "user_name#1": "phone-1", "user_pass#1": `pass&<"word`, "user_host#1": "desk.example.com",
			"user_outbound#1": "sip:desk.example.com:5061;transport=tls", "user_srtp#1": "on",
			"user_savp#1": "mandatory",
			"fkey#0":      "line", "fkey#1": "blf sip:202@desk.example.com|*8", "fkey#1@label": tamed,
			"fkey#2": "blf sip:*681@desk.example.com|*8", "setting_server": "https://desk.example.com/provision/KEEP/snom-0015651234ab.xml"},
		"grandstream": {"mac": "0015651234ab", "P270": tamed, "P35": "phone-1", "P34": `pass&<"word`, "P47": "desk.example.com:5061",
			"P130": "2", "P183": "2", "P99": "1", "P323": "1", "P302": tamed, "P303": "202", "P306": "*681",
			"P23008": "*681",
			"P212":   "2", "P237": "desk.example.com/provision/KEEP", "P330": "3",
			"P331": "desk.example.com/provision/KEEP"},
		"fanvil": {"DisplayName": tamed, "RegisterUser": "phone-1", "RegisterPswd": `pass&<"word`,
			"RegisterAddr": "desk.example.com",
			"RegisterPort": "5061", "EnableReg": "1", "Transport": "3", "Fkey#1/Value": "SIP1",
			"Fkey#2/Value": "202@1/ba*8202",
			"Fkey#2/Title": tamed, "Fkey#3/Value": "*681@1/ba*8*681", "FlashServerIP": "https://desk.example.com/provision/KEEP",
			"FlashFileName": "0015651234ab.cfg"},
		"cisco": {"Display_Name_1_": tamed, "User_ID_1_": "phone-1", "Password_1_": `pass&<"word`,
			"Proxy_1_":         "desk.example.com:5061",
			"SIP_Transport_1_": "TLS", "Extension_2_": "Disabled",
			"Extended_Function_2_": `fnc=blf+sd+cp;sub=202@$PROXY;ext=202@$PROXY;nme=Ana "x" & <b> register   1   '`,
			"Profile_Rule":         "https://desk.example.com/provision/KEEP/$MA.xml"},
		"poly": {"@reg.1.displayName": tamed, "@reg.1.auth.userId": "phone-1", "@reg.1.auth.password": `pass&<"word`,
			"@reg.1.server.1.address": "desk.example.com", "@reg.1.server.1.port": "5061",
			"@reg.1.server.1.transport": "TLS",
			"@reg.1.srtp.require":       "1", "@attendant.resourceList.1.address": "202@desk.example.com",
			"@attendant.resourceList.1.label": tamed, "@device.prov.serverName": "https://desk.example.com/provision/KEEP/"},
		"linphone": {"entry#username": "phone-1", "entry#passwd": `pass&<"word`,
			"entry#reg_proxy":    "<sip:desk.example.com:5061;transport=tls>",
			"entry#reg_identity": `"Ana x & <b> register = 1 ;='" <sip:phone-1@desk.example.com>`, "entry#media_encryption": "srtp",
			"entry#config-uri": "https://desk.example.com/provision/KEEP/linphone.xml"},
	} {
		p := profile()
		p.File = makers()[name].file(p.MAC)
		file := makers()[name].write(p)
		read := settings
		if name == "yealink" {
			read = lines
		}
		got := read(t, file)
		for setting, value := range want {
			if got[setting] != value {
				t.Errorf("%s: %s is %q, want %q", name, setting, got[setting], value)
			}
		}
		later := profile()
		if later.Password = ""; !makers()[name].forgets && bytes.Contains(makers()[name].write(later), []byte("pass")) {
			t.Errorf("%s: a password is set where there is none", name)
		}
	}
	if len(makers()) != len(directory.Makes()) {
		t.Errorf("%d makers for %d makes", len(makers()), len(directory.Makes()))
	}
}

// A phone book is read by each make; names are as they are.
func TestBookOfEachMake(t *testing.T) {
	book := []Entry{{Name: hostile, Numbers: []string{"+40311000001", "+40311000002"}},
		{Name: "Bob", Numbers: []string{"202"}}}
	for name, m := range makers() {
		file := m.book(book)
		settings(t, file)
		for _, part := range []string{"+40311000001", "+40311000002", "Bob", "202",
			"Ana &#34;x&#34; &amp; &lt;b&gt; register = 1 ;=&#39;"} {
			if !bytes.Contains(file, []byte(part)) {
				t.Errorf("%s: no %q in\n%s", name, part, file)
			}
		}
	}
}
