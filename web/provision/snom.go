package provision

import (
	"strconv"

	"frontdesk/pbx/directory"
)

// snom is a file of Snom's phones (its "XML settings" format).
func snom(p Profile) []byte {
	var all []element
	set := func(name, value string, attributes ...string) {
		all = append(all, leaf(name, plain(value), append(attributes, "perm", "")...))
	}
	line := []string{"idx", "1"}
	set("user_active", "on", line...)
	set("user_realname", p.Name, line...)
	set("user_name", p.Username, line...)
	set("user_pname", p.Username, line...)
	if p.Password != "" {
		set("user_pass", p.Password, line...)
	}
	set("user_host", p.Host, line...)
	set("user_outbound", "sip:"+hostPort(p)+";transport="+p.Over, line...)
	set("user_srtp", secured(p.SRTP, "off", "on", "on"), line...)
	set("user_savp", secured(p.SRTP, "off", "optional", "mandatory"), line...)
	set("user_subscription_expiry", "600", line...)
	set("user_mailbox", map[bool]string{true: p.Username}[p.Asks], line...)
	set("setting_server", p.Self+p.File)
	set("dkey_directory", "url "+p.Book)
	keys := []element{leaf("fkey", "line", "idx", "0", "context", "active", "label", "", "perm", "")}
	for i, k := range p.Keys {
		keys = append(keys, leaf("fkey", snomLamp(p, k), "idx", strconv.Itoa(i+1), "context", "1", "label", label(k),
			"perm", ""))
	}
	return around("settings", element{name: "phone-settings", attributes: []string{"e", "2"}, inner: all},
		element{name: "functionKeys", attributes: []string{"e", "2"}, inner: keys}).file()
}

func snomLamp(p Profile, k directory.Key) string {
	lamp := "blf sip:" + k.Number + "@" + p.Host
	if p.PickUp != "" {
		lamp += "|" + p.PickUp
	}
	return lamp
}
