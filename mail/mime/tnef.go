package mime

import (
	"encoding/binary"
	"strings"

	"frontdesk/mail/mime/coding"
)

// tnefSignature begins Microsoft's Transport Neutral Encapsulation Format ([MS-OXTNEF]), which Outlook sends as
// winmail.dat.
var tnefSignature = []byte{0x78, 0x9f, 0x3e, 0x22}

// The attributes that are read ([MS-OXTNEF] section 2.1.3.3.1), and properties inside them ([MS-OXPROPS]).
const (
	tnefBody        = 0x0002800c
	tnefProperties  = 0x00069003
	tnefCodepage    = 0x00069007
	tnefNewFile     = 0x00069002
	tnefTitle       = 0x00018010
	tnefData        = 0x0006800f
	tnefFile        = 0x00069005
	propBody        = 0x1000
	propHTML        = 0x1013
	propRTF         = 0x1009
	propDataObject  = 0x3701
	propShortName   = 0x3704
	propLongName    = 0x3707
	propMediaType   = 0x370e
	propContentID   = 0x3712
	propDisplayName = 0x3001

	maxProperties = 4096
)

// container is what a TNEF stream holds for a reader.
type container struct {
	text, html string
	files      []file
}

// cursor reads little-endian numbers and bytes; after its end it is not ok and reads zeros.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) bytes(n uint32) []byte {
	if c.bad || uint64(n) > uint64(len(c.rest)) {
		c.bad, c.rest = true, nil
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) u32() uint32 {
	if b := c.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if b := c.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// padded reads n bytes and those that fill them up to a multiple of four.
func (c *cursor) padded(n uint32) []byte {
	b := c.bytes(n)
	if fill := -n & 3; uint32(len(c.rest)) >= fill {
		c.bytes(fill)
	}
	return b
}

// tnef reads a stream.
type tnef struct {
	container
	codepage string
	rtf      []byte // compressed
	pending  *tnefAttachment
}

type tnefAttachment struct {
	title string
	props map[uint16][]byte
	data  []byte
}

// parseTNEF reads as much of a stream as is sound.
func parseTNEF(raw []byte) container {
	t := &tnef{codepage: "windows-1252"}
	c := &cursor{rest: raw}
	c.bytes(6) // signature and key
	for len(c.rest) > 0 && len(t.files) < maxInside {
		c.bytes(1) // level
		id, size := c.u32(), c.u32()
		data := c.bytes(size)
		if c.bad {
			break
		}
		c.bytes(2) // checksum: what is damaged is read as far as it goes
		t.attribute(id, data)
	}
	t.finish()
	if t.text == "" && t.html == "" {
		t.text, t.html = readRTF(unpackRTF(t.rtf))
	}
	return t.container
}

func (t *tnef) attribute(id uint32, data []byte) {
	switch id {
	case tnefCodepage:
		if c := (&cursor{rest: data}); len(data) >= 4 {
			t.codepage = codepage(c.u32())
		}
	case tnefBody:
		if t.text == "" {
			t.text = t.ansi(data)
		}
	case tnefProperties:
		t.message(properties(data))
	case tnefNewFile:
		t.finish()
		t.pending = &tnefAttachment{}
	case tnefTitle, tnefData, tnefFile:
		t.attachment(id, data)
	}
}

func (t *tnef) attachment(id uint32, data []byte) {
	if t.pending == nil {
		t.pending = &tnefAttachment{}
	}
	switch id {
	case tnefTitle:
		t.pending.title = t.ansi(data)
	case tnefData:
		t.pending.data = data
	case tnefFile:
		t.pending.props = properties(data)
	}
}

// finish adds the attachment that was being read. Embedded objects (messages, pictures of Word) have no data of their
// own that another program could open, unless they are a file with 16 bytes of interface id in front.
func (t *tnef) finish() {
	a := t.pending
	t.pending = nil
	if a == nil {
		return
	}
	if object := a.props[propDataObject]; len(a.data) == 0 && len(object) > 16 {
		a.data = object[16:]
	}
	name := a.title
	for _, id := range []uint16{propDisplayName, propShortName, propLongName} {
		if s := t.string(a.props, id); s != "" {
			name = s
		}
	}
	if len(a.data) > 0 {
		t.files = append(t.files, newFile(name, t.string(a.props, propMediaType), t.string(a.props, propContentID),
			a.data))
	}
}

func (t *tnef) message(props map[uint16][]byte) {
	if text := t.string(props, propBody); text != "" {
		t.text = text
	}
	if raw, ok := props[propRTF]; ok {
		t.rtf = raw
	}
	if raw, ok := props[propHTML]; ok {
		t.html = coding.Clip(coding.UTF8(raw, coding.HTMLCharset(raw, "")), coding.MaxText)
	}
}

func (t *tnef) ansi(raw []byte) string { return coding.UTF8(trimNUL(raw), t.codepage) }

func trimNUL(raw []byte) []byte {
	for len(raw) > 0 && raw[len(raw)-1] == 0 {
		raw = raw[:len(raw)-1]
	}
	return raw
}

// string is a text property; properties keeps Unicode ones with a mark in front.
func (t *tnef) string(props map[uint16][]byte, id uint16) string {
	raw := props[id]
	if utf16, ok := strings.CutPrefix(string(raw), unicodeMark); ok {
		return strings.TrimRight(coding.Clip(coding.UTF8([]byte(utf16), "utf-16le"), coding.MaxText), "\x00")
	}
	return coding.Clip(t.ansi(raw), coding.MaxText)
}

const unicodeMark = "\xff\xfeUTF16:"

// properties reads a list of MAPI properties ([MS-OXTNEF] section 2.1.3.4): the bytes of each string, binary or object.
func properties(raw []byte) map[uint16][]byte {
	c := &cursor{rest: raw}
	list := map[uint16][]byte{}
	for n := min(c.u32(), maxProperties); n > 0 && !c.bad; n-- {
		kind, id := c.u16(), c.u16()
		if id >= 0x8000 {
			skipName(c)
		}
		count := uint32(1)
		if kind&0x1000 != 0 || isVariable(kind) {
			count = min(c.u32(), maxProperties)
		}
		for i := uint32(0); i < count && !c.bad; i++ {
			value := propertyValue(c, kind&^0x1000)
			if i == 0 && value != nil {
				list[id] = value
			}
		}
	}
	return list
}

// skipName passes over the name of a named property.
func skipName(c *cursor) {
	c.bytes(16)
	if c.u32() == 0 {
		c.u32()
		return
	}
	c.padded(c.u32())
}

func isVariable(kind uint16) bool {
	return kind == 0x0d || kind == 0x1e || kind == 0x1f || kind == 0x102
}

// propertyValue reads one value, nil for a number.
func propertyValue(c *cursor, kind uint16) []byte {
	switch kind {
	case 0x1f:
		return append([]byte(unicodeMark), c.padded(c.u32())...)
	case 0x0d, 0x1e, 0x102:
		return c.padded(c.u32())
	case 0x02, 0x03, 0x04, 0x0a, 0x0b:
		c.bytes(4)
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		c.bytes(8)
	case 0x48:
		c.bytes(16)
	default:
		c.bad = true
	}
	return nil
}
