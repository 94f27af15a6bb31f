package provision

import "fmt"

// grandstream is a file of Grandstream's phones: its P values, as the templates of its "Configuration Tool" name them.
func grandstream(p Profile) []byte {
	var all []element
	set := func(number int, value string) { all = append(all, leaf(fmt.Sprint("P", number), plain(value))) }
	set(271, "1") // the account is active
	set(270, p.Name)
	set(3, p.Name)
	set(47, hostPort(p))
	set(35, p.Username)
	set(36, p.Username)
	if p.Password != "" {
		set(34, p.Password)
	}
	set(130, choose(p.Over, "0", "1", "2"))
	set(183, secured(p.SRTP, "0", "1", "2"))
	set(99, flag(p.Asks))
	for i, k := range p.Keys {
		if i < 7 { // GXP
			set(323+i, "1") // BLF
			set(301+3*i, "0")
			set(302+3*i, label(k))
			set(303+3*i, k.Number)
		}
		set(23000+5*i, "1") // GRP, and keys of modules
		set(23001+5*i, "0")
		set(23002+5*i, label(k))
		set(23003+5*i, k.Number)
	}
	set(1347, p.PickUp)
	scheme, self := schemeOf(p.Self)
	set(212, map[string]string{"http": "1", "https": "2"}[scheme])
	set(237, self) // without its slash at the end
	set(330, map[string]string{"http": "1", "https": "3"}[scheme])
	_, book := schemeOf(p.Book[:len(p.Book)-len("/phonebook.xml")])
	set(331, book)
	return element{name: "gs_provision", attributes: []string{"version", "1"}, inner: []element{leaf("mac", p.MAC),
		{name: "config", attributes: []string{"version", "1"}, inner: all}}}.file()
}
