package mime

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
)

// tnefStream builds a TNEF stream of attributes.
func tnefStream(attributes ...any) []byte {
	out := append(bytes.Clone(tnefSignature), 1, 0)
	for i := 0; i < len(attributes); i += 2 {
		data := attributes[i+1].([]byte)
		out = append(out, 2)
		out = binary.LittleEndian.AppendUint32(out, uint32(attributes[i].(int)))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
		out = append(append(out, data...), 0, 0)
	}
	return out
}

// property is one variable property of a MAPI list.
func property(kind, id int, data []byte) []byte {
	out := binary.LittleEndian.AppendUint16(nil, uint16(kind))
	out = binary.LittleEndian.AppendUint16(out, uint16(id))
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	return append(append(out, data...), make([]byte, -len(data)&3)...)
}

func propertyList(list ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
}

func utf16le(s string) (out []byte) {
	for _, r := range s + "\x00" {
		out = binary.LittleEndian.AppendUint16(out, uint16(r))
	}
	return out
}

func winmail() []byte {
	number := []byte{3, 0, 0x05, 0x37, 1, 0, 0, 0} // PR_ATTACH_METHOD
	named := append([]byte{3, 0, 1, 0x80}, make([]byte, 16+4+4+4)...)
	return tnefStream(
		tnefCodepage, []byte{0xe3, 4, 0, 0, 0, 0, 0, 0}, // 1251
		tnefProperties, propertyList(named, property(0x1f, propBody, utf16le("Привет из Outlook"))),
		tnefNewFile, make([]byte, 14), tnefTitle, []byte("\xd1\xf7\xb8\xf2.pdf\x00"), tnefData, []byte("%PDF"),
		tnefNewFile, make([]byte, 14), tnefTitle, []byte("LONG~1.DOC\x00"), tnefData, []byte("doc"), tnefFile,
		propertyList(number, property(0x1f, propLongName, utf16le("Țară lungă.doc")),
			property(0x1e, propMediaType, []byte("application/msword\x00"))),
	)
}

func TestTNEF(t *testing.T) {
	raw := []byte("Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(winmail()))
	m := ParseBytes(raw)
	if m.Text != "Привет из Outlook" || len(m.Parts) != 2 {
		t.Fatalf("text %q, parts %+v", m.Text, m.Parts)
	}
	for i, want := range []Part{{"1~1", "Счёт.pdf", "application/pdf", "", 4, false},
		{"1~2", "Țară lungă.doc", "application/msword", "", 3, false}} {
		if m.Parts[i] != want {
			t.Errorf("%+v, want %+v", m.Parts[i], want)
		}
	}
	if p, data, ok := ReadPart(raw, "1~2", 100); !ok || string(data) != "doc" || p != m.Parts[1] {
		t.Errorf("%+v %q %v", p, data, ok)
	}
	broken := ParseBytes([]byte("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nrubbish"))
	if len(broken.Parts) != 1 || broken.Parts[0].Name != "winmail.dat" {
		t.Errorf("what can't be opened stays: %+v", broken.Parts)
	}
}

func TestUuencode(t *testing.T) {
	file := "begin 644 poz%C4.txt\n#8V%T\n`\nend\n"
	raw := crlf("Subject: x\n\nbefore\nbegin 1 is no file\n" + file + "after\n")
	m := ParseBytes(raw)
	if m.Text != "before\nbegin 1 is no file\nafter\n" || len(m.Parts) != 1 ||
		m.Parts[0] != (Part{"1~1", "poz%C4.txt", "text/plain", "", 3, false}) {
		t.Errorf("text %q, parts %+v", m.Text, m.Parts)
	}
	if _, data, ok := ReadPart(raw, "1~1", 100); !ok || string(data) != "cat" {
		t.Errorf("%q %v", data, ok)
	}
	unended := ParseBytes(crlf("\nbegin 644 x\n#8V%T\nand so we begin 644 times\n"))
	if len(unended.Parts) != 0 || !strings.Contains(unended.Text, "begin 644 x") {
		t.Errorf("a text that looks like it: %q %+v", unended.Text, unended.Parts)
	}
	m = ParseBytes(crlf("Content-Type: image/gif; name=a.gif\nContent-Transfer-Encoding: x-uuencode\n\n" + file))
	if len(m.Parts) != 1 || m.Parts[0].Size != 3 {
		t.Errorf("as a transfer encoding: %+v", m.Parts)
	}
}

// FuzzTNEF: any bytes are read within bounds, and what is found fits in them.
func FuzzTNEF(f *testing.F) {
	f.Add(winmail())
	f.Fuzz(func(t *testing.T, raw []byte) {
		total := 0
		c := parseTNEF(raw)
		for _, file := range c.files {
			total += len(file.data)
		}
		if len(c.files) > maxInside || total > len(raw) {
			t.Fatalf("%d files of %d bytes in %d", len(c.files), total, len(raw))
		}
	})
}
