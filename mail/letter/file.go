package letter

import (
	"crypto/sha256"
	"encoding/hex"
	stdmime "mime"
	"regexp"
	"slices"
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

const maxName = 200 // bytes, of a file

// File goes with a mail. Its type is a claim of the sender's browser.
type File struct {
	Name, Type string
	ID         string // Content-ID of a picture that the HTML shows as "cid:ID"; "": it is attached
	Data       []byte
}

// Key tells a file from others by its name and content.
func (f File) Key() string {
	sum := sha256.New()
	sum.Write([]byte(f.Name + "\x00"))
	if f.ID != "" {
		sum.Write([]byte(f.ID + "\x00"))
	}
	sum.Write(f.Data)
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Identify gives files their Content-IDs, in their order.
func Identify(files []File, ids []string) {
	for i := range min(len(files), len(ids)) {
		files[i].ID = ids[i]
	}
}

// Files of a stored mail: those with the keys given, or all.
func Files(raw []byte, m *mime.Message, keys []string) (list []File) {
	for _, p := range m.Parts {
		_, data, _ := mime.ReadPart(raw, p.Path, mime.MaxMessage)
		f := File{Name: p.Name, Type: p.Type, Data: data}
		if p.Inline && contentID.MatchString(p.ID) {
			f.ID = p.ID
		}
		if keys == nil || slices.Contains(keys, f.Key()) {
			list = append(list, f)
		}
	}
	return list
}

// contentID is one that stands in a header and in HTML as it is.
var contentID = regexp.MustCompile(`^[A-Za-z0-9@._+-]{1,120}$`)

// apart are the pictures that the HTML shows, and the files that are attached. A picture that it shows no more goes
// with
// neither; one whose id or type isn't fit to be shown is attached.
func apart(html string, files []File) (shown, attached []File) {
	for _, f := range files {
		switch {
		case f.ID == "" || !contentID.MatchString(f.ID) || !strings.HasPrefix(fileType(f.Type), "image/"):
			f.ID = ""
			attached = append(attached, f)
		case strings.Contains(html, `"cid:`+f.ID+`"`):
			shown = append(shown, f)
		}
	}
	return shown, attached
}

// fileType is the type of an attachment without parameters. Mails and multiparts can't be base64 (RFC 2046 sections 5.1
// and 5.2.1), so they go as plain bytes.
func fileType(claimed string) string {
	kind, _, err := stdmime.ParseMediaType(claimed)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "message/") ||
		strings.HasPrefix(kind, "multipart/") {
		return "application/octet-stream"
	}
	return kind
}

// fileName is the last element of a name, in one line.
func fileName(name string) string {
	name = oneLine(name[strings.LastIndexAny(name, `/\`)+1:], maxName)
	if name == "" {
		return "file"
	}
	return name
}

func oneLine(s string, most int) string {
	return strings.Join(strings.Fields(coding.Clean(s, most)), " ")
}
