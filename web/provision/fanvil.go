package provision

import "strconv"

// fanvil is a file of Fanvil's phones (its XML format, sysConf).
func fanvil(p Profile) []byte {
	line := element{name: "line", attributes: []string{"index", "1"}, inner: []element{
		leaf("PhoneNumber", plain(p.Username)), leaf("DisplayName", plain(p.Name)), leaf("RegisterAddr", p.Host),
		leaf("RegisterPort", p.Port), leaf("RegisterUser", plain(p.Username))}}
	if p.Password != "" {
		line.inner = append(line.inner, leaf("RegisterPswd", p.Password))
	}
	line.inner = append(line.inner, leaf("EnableReg", "1"), leaf("Transport", choose(p.Over, "0", "1", "3")),
		leaf("RTPEncryption", secured(p.SRTP, "0", "1", "2")), leaf("SubscribeMWI", flag(p.Asks)))
	keys := element{name: "internal", attributes: []string{"index", "1"},
		inner: []element{fanvilKey(1, "2", "SIP1", "")}}
	for i, k := range p.Keys {
		value := k.Number + "@1/ba"
		if p.PickUp != "" {
			value += p.PickUp + k.Number
		}
		keys.inner = append(keys.inner, fanvilKey(i+2, "1", value, label(k)))
	}
	scheme, self := schemeOf(p.Self)
	return around("sysConf", leaf("Version", "2.0000000000"), around("sip", line), around("dsskey", keys),
		around("phone", element{name: "xmlContact", attributes: []string{"index", "1"},
			inner: []element{leaf("Name", "Frontdesk"), leaf("Addr", p.Book)}}),
		around("ap", leaf("FlashServerIP", scheme+"://"+self), leaf("FlashFileName", p.File),
			leaf("FlashProtocol", map[string]string{"http": "4", "https": "5"}[scheme]), leaf("FlashMode", "1"))).file()
}

func fanvilKey(at int, kind, value, title string) element {
	return element{name: "Fkey", attributes: []string{"index", strconv.Itoa(at)},
		inner: []element{leaf("Type", kind), leaf("Value", value), leaf("Title", title)}}
}
