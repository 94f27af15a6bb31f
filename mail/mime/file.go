package mime

import (
	stdmime "mime"
	"path"
	"strings"

	"frontdesk/mail/mime/coding"
)

// maxInside is how many files one part may hold that are no parts themselves.
const maxInside = 100

// file is one inside a part: of a TNEF container (winmail.dat) or uuencoded in a text. Its path is that of the part and
// its number, "2~1".
type file struct {
	name, kind, id string
	data           []byte
}

func newFile(name, kind, id string, data []byte) file {
	name = fileName(coding.Words(name))
	if kind, _ = parseValue(kind, ""); !strings.Contains(kind, "/") {
		kind, _ = parseValue(stdmime.TypeByExtension(strings.ToLower(path.Ext(name))), "")
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	return file{name, kind, strings.Trim(id, "<> "), data}
}
