package mime

import (
	"bytes"
	stdmime "mime"
	"path"
	"strconv"
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

func (f file) part(at string, number int) Part {
	return Part{Path: insidePath(at, number), Name: f.name, Type: f.kind, ID: f.id, Size: int64(len(f.data))}
}

func insidePath(part string, number int) string { return part + "~" + strconv.Itoa(number) }

// inside opens a part that holds files.
func (n *Node) inside(body []byte) []file {
	switch {
	case n.isTNEF(body):
		return parseTNEF(body).files
	case n.Type == "text/plain" && bytes.Contains(body, []byte("begin ")):
		_, files := cutUU(body)
		return files
	}
	return nil
}

func (n *Node) isTNEF(body []byte) bool {
	named := n.Type == "application/ms-tnef" || n.Type == "application/vnd.ms-tnef" || strings.EqualFold(n.FileName(), "winmail.dat") || n.Type == "application/octet-stream"
	return named && bytes.HasPrefix(body, tnefSignature)
}

// cutUU takes the uuencoded files out of a text. What only looks like one, or has no end, stays in the text.
func cutUU(text []byte) (rest []byte, files []file) {
	for len(files) < maxInside {
		at := coding.UUBegin.FindSubmatchIndex(text)
		if at == nil {
			break
		}
		data, n := coding.UUBody(text[at[1]:])
		if n == 0 {
			rest, text = append(rest, text[:at[1]]...), text[at[1]:]
			continue
		}
		name := string(text[at[2]:at[3]])
		rest, text = append(rest, text[:at[0]]...), text[at[1]+n:]
		files = append(files, newFile(name, "", "", data))
	}
	return append(rest, text...), files
}
