package mime

import (
	"bytes"
	"strconv"
	"strings"

	"frontdesk/mail/mime/coding"
)

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
	named := n.Type == "application/ms-tnef" || n.Type == "application/vnd.ms-tnef" ||
		strings.EqualFold(n.FileName(), "winmail.dat") || n.Type == "application/octet-stream"
	return named && bytes.HasPrefix(body, tnefSignature)
}

// cutUU takes the uuencoded files out of a text. What only looks like one, or has no end, stays in the text.
func cutUU(text []byte) (rest []byte, files []file) {
	if !bytes.Contains(text, []byte("begin ")) {
		return text, nil
	}
	for len(files) < maxInside && bytes.Contains(text, []byte("begin ")) {
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
