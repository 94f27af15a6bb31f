package provision

// maker is how the phones of one make are told.
type maker struct {
	file  func(mac string) string // that it asks for
	kind  string                  // Content-Type
	whole bool                    // its link names the file
	// it keeps nothing that its file leaves out, so each fetch brings the password again
	forgets bool
	write   func(Profile) []byte
	book    func([]Entry) []byte
}

// makers are those whose phones can be set up, by the names of directory.Makes.
func makers() map[string]maker {
	const text, xml = "text/plain; charset=utf-8", "application/xml; charset=utf-8"
	return map[string]maker{
		"yealink": {file: func(mac string) string { return mac + ".cfg" }, kind: text, write: yealink, book: bookOfYealink},
		"snom":    {file: func(mac string) string { return "snom-" + mac + ".xml" }, kind: xml, whole: true, write: snom, book: bookOfSnom},
		"grandstream": {file: func(mac string) string { return "cfg" + mac + ".xml" }, kind: xml, write: grandstream,
			book: bookOfGrandstream},
		"fanvil":   {file: func(mac string) string { return mac + ".cfg" }, kind: xml, write: fanvil, book: bookOfYealink},
		"cisco":    {file: func(mac string) string { return mac + ".xml" }, kind: xml, whole: true, write: cisco, book: bookOfCisco},
		"poly":     {file: func(mac string) string { return mac + "-settings.cfg" }, kind: xml, forgets: true, write: poly, book: bookOfPoly},
		"linphone": {file: func(string) string { return "linphone.xml" }, kind: xml, whole: true, write: linphone, book: bookOfYealink},
	}
}
