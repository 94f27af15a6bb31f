package provision

import "fmt"

// poly is a file of Poly's phones (UC Software): settings are attributes.
func poly(p Profile) []byte {
	var all []string
	set := func(name, value string) { all = append(all, name, plain(value)) }
	set("reg.1.displayName", p.Name)
	set("reg.1.label", p.Name)
	set("reg.1.address", p.Username)
	set("reg.1.auth.userId", p.Username)
	set("reg.1.auth.password", p.Password)
	set("reg.1.server.1.address", p.Host)
	set("reg.1.server.1.port", p.Port)
	set("reg.1.server.1.transport", choose(p.Over, "UDPOnly", "TCPOnly", "TLS"))
	set("reg.1.srtp.offer", secured(p.SRTP, "0", "1", "1"))
	set("reg.1.srtp.require", secured(p.SRTP, "0", "0", "1"))
	if p.Asks {
		set("msg.mwi.1.subscribe", p.Username)
	}
	set("attendant.reg", "1")
	for i, k := range p.Keys {
		resource := fmt.Sprintf("attendant.resourceList.%d.", i+1)
		set(resource+"address", k.Number+"@"+p.Host)
		set(resource+"label", label(k))
		set(resource+"type", "normal")
	}
	set("call.directedCallPickupMethod", "legacy")
	set("call.directedCallPickupString", p.PickUp)
	set("device.set", "1")
	set("device.prov.serverName.set", "1")
	set("device.prov.serverName", p.Self)
	set("voIpProt.SIP.specialEvent.checkSync.alwaysReboot", "0")
	return around("polycomConfig", element{name: "frontdesk", attributes: all}).file()
}

// polyMaster is the first file that a Poly phone asks for: it names the one with the settings.
func polyMaster(settings string) []byte {
	return element{name: "APPLICATION", attributes: []string{"CONFIG_FILES", settings}}.file()
}
