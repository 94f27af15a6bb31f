package provision

import (
	"fmt"
	"strings"
)

// yealink is a file of Yealink's phones (its "Auto Provisioning Guide"): a setting a line.
func yealink(p Profile) []byte {
	b := &strings.Builder{}
	b.WriteString("#!version:1.0.0.1\n")
	set := func(name, value string) { fmt.Fprintf(b, "%s = %s\n", name, plain(value)) }
	set("account.1.enable", "1")
	set("account.1.label", p.Name)
	set("account.1.display_name", p.Name)
	set("account.1.user_name", p.Username)
	set("account.1.auth_name", p.Username)
	if p.Password != "" {
		set("account.1.password", p.Password)
	}
	set("account.1.sip_server.1.address", p.Host)
	set("account.1.sip_server.1.port", p.Port)
	set("account.1.sip_server.1.transport_type", choose(p.Over, "0", "1", "2"))
	set("account.1.srtp_encryption", secured(p.SRTP, "0", "1", "2"))
	set("account.1.subscribe_mwi", flag(p.Asks))
	set("features.pickup.direct_pickup_enable", flag(p.PickUp != ""))
	set("features.pickup.direct_pickup_code", p.PickUp)
	set("linekey.1.type", "15") // the line itself
	set("linekey.1.line", "1")
	for i, k := range p.Keys {
		key := fmt.Sprintf("linekey.%d.", i+2)
		set(key+"type", "16") // BLF
		set(key+"line", "1")
		set(key+"value", k.Number)
		set(key+"label", label(k))
		set(key+"extension", p.PickUp)
	}
	set("remote_phonebook.data.1.name", "Frontdesk")
	set("remote_phonebook.data.1.url", p.Book)
	set("static.auto_provision.server.url", p.Self)
	return []byte(b.String())
}
