package provision

import (
	"fmt"
	"strings"
)

// cisco is a file of Cisco's multiplatform phones (flat-profile).
func cisco(p Profile) []byte {
	var all []element
	set := func(name, value string) { all = append(all, leaf(name, plain(value), "ua", "na")) }
	set("Station_Display_Name", p.Name)
	set("Display_Name_1_", p.Name)
	set("User_ID_1_", p.Username)
	set("Auth_ID_1_", p.Username)
	if p.Password != "" {
		set("Password_1_", p.Password)
	}
	set("Line_Enable_1_", "Yes")
	set("Register_1_", "Yes")
	set("Proxy_1_", hostPort(p))
	set("SIP_Transport_1_", choose(p.Over, "UDP", "TCP", "TLS"))
	set("Secure_Call_Option_1_", secured(p.SRTP, "Off", "Optional", "Required"))
	set("Message_Waiting_1_", map[bool]string{true: "Yes", false: "No"}[p.Asks])
	set("Voice_Mail_Subscribe_Interval_1_", "600")
	set("Extension_1_", "1")
	for i, k := range p.Keys {
		set(fmt.Sprintf("Extension_%d_", i+2), "Disabled")
		set(fmt.Sprintf("Short_Name_%d_", i+2), label(k))
		set(fmt.Sprintf("Extended_Function_%d_", i+2), fmt.Sprintf("fnc=blf+sd+cp;sub=%s@$PROXY;ext=%s@$PROXY;nme=%s",
			k.Number, k.Number, strings.NewReplacer(";", " ", "=", " ").Replace(label(k))))
	}
	if p.PickUp != "" {
		set("Call_Pickup_Code", p.PickUp)
	}
	set("XML_Directory_Service_Name", "Frontdesk")
	set("XML_Directory_Service_URL", p.Book)
	set("Profile_Rule", p.Self+"$MA.xml")
	set("Resync_On_Reset", "Yes")
	return around("flat-profile", all...).file()
}
