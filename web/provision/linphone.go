package provision

import "strings"

// linphone is a file of Linphone (lpconfig): its camera reads the address from a picture.
func linphone(p Profile) []byte {
	host := hostPort(p)
	entry := func(name, value string) element {
		return leaf("entry", plain(value), "name", name, "overwrite", "true")
	}
	section := func(name string, entries ...element) element {
		return element{name: "section", attributes: []string{"name", name}, inner: entries}
	}
	name := strings.NewReplacer(`"`, "", `\`, "").Replace(plain(p.Name))
	login := []element{entry("username", p.Username), entry("userid", p.Username)}
	if p.Password != "" {
		login = append(login, entry("passwd", p.Password), entry("domain", p.Host))
	}
	return element{name: "config", attributes: []string{"xmlns", "http://www.linphone.org/xsds/lpconfig.xsd"}, inner: []element{
		section("proxy_0", entry("reg_proxy", "<sip:"+host+";transport="+p.Over+">"),
			entry("reg_identity", `"`+name+`" <sip:`+p.Username+"@"+p.Host+">"), entry("reg_sendregister", "1"),
			entry("reg_expires", "600")),
		section("auth_info_0", login...),
		section("sip", entry("default_proxy", "0"), entry("media_encryption", secured(p.SRTP, "none", "none", "srtp"))),
		section("misc", entry("config-uri", p.Self+"linphone.xml")),
	}}.file()
}
