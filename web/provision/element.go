package provision

import (
	"bytes"
	"encoding/xml"
)

// element is one of an XML file whose names are data; attributes are pairs.
type element struct {
	name       string
	text       string
	attributes []string
	inner      []element
}

func leaf(name, text string, attributes ...string) element {
	return element{name: name, text: text, attributes: attributes}
}

func around(name string, inner ...element) element { return element{name: name, inner: inner} }

// file is the element as a whole document.
func (e element) file() []byte {
	b := bytes.NewBufferString(xml.Header)
	e.write(b)
	b.WriteByte('\n')
	return b.Bytes()
}

func (e element) write(b *bytes.Buffer) {
	b.WriteString("<" + e.name)
	for i := 0; i+1 < len(e.attributes); i += 2 {
		b.WriteString(" " + e.attributes[i] + `="`)
		xml.EscapeText(b, []byte(e.attributes[i+1])) // to a buffer, which takes all
		b.WriteByte('"')
	}
	b.WriteByte('>')
	xml.EscapeText(b, []byte(e.text))
	for _, child := range e.inner {
		child.write(b)
	}
	b.WriteString("</" + e.name + ">")
}
