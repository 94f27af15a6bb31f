package mime

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"frontdesk/mail/mime/coding"
)

// unhex is the bytes of hexadecimal digits with spaces.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// storedRTF is an RTF packed without compression ([MS-OXRTFCP] section 2.1.3.1.1).
func storedRTF(rtf string) []byte {
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(rtf)+12))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(rtf)))
	return append(append(append(head, "MELA"...), 0, 0, 0, 0), rtf...)
}

// The examples of [MS-OXRTFCP] section 3.
func TestUnpackRTF(t *testing.T) {
	for packed, want := range map[string]string{
		"2d000000 2b000000 4c5a4675 f1c5c7a7 03 00 0a 00 72 63 70 67 31 32 35 42 32 0a f3 20 68 65 6c 09 00 20 62 77 " +
			"05 b0 6c 64 7d 0a 80 0f a0": "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		"1a000000 1c000000 4c5a4675 e2d44b51 41 00 04 20 57 58 59 5a 0d 6e 7d " +
			"01 0e b0": "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
		"": "",
		"1a000000 ffffff7f 4c5a4675 e2d44b51 41 00 04 20 57": "{\\rtf1 W",
		"1a000000 ffffff7f 58585858 00000000 41 00":          "",
	} {
		if got := string(unpackRTF(unhex(packed))); got != want {
			t.Errorf("%q is not %q", got, want)
		}
	}
	if len(rtfDictionary) != 207 {
		t.Errorf("the dictionary has %d bytes", len(rtfDictionary))
	}
}

func TestReadRTF(t *testing.T) {
	const table = `{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}}{\colortbl;\red0\green0\blue255;}{\stylesheet{\s0 Normal;}}{\*\generator Riched20 5.50;}`
	for rtf, want := range map[string]string{
		`{\rtf1\ansi\ansicpg1252\fromtext\deff0` + table +
			"\\uc1\\pard\\plain\\f0\\fs20 Hello,\\par\r\n" +
			"see \\{you\\}\\tab \\'84soon\\'93\\line J\\'fcrgen\\par}": "Hello,\r\nsee {you}\t„soon“\r\nJürgen",
		`{\rtf1\ansi\ansicpg1252` + table + `\f1 \'cf\'f0\'e8\'e2\'e5\'f2, \f0 J\'fcrgen}`:                "Привет, Jürgen",
		`{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2}`:                                               "Привет",
		`{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}`:                                                        "日本",
		`{\rtf1\uc1 \u536?tefan {\uc2\u-10179??\u-8704??} {\uc0\u538}ara}`:                                "Ștefan 😀 Țara",
		`{\rtf1 a{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}{\pict 0a0b}{\bin4 }}}}b\~c\-d}`: "alinkb\u00a0cd",
		`{\rtf1 open {group`: "open group",
		`\'`:                 "", `}}}`: "", `{\rtf1 \'zz\u}`: "", `{\rtf1\*\x y}`: "",
		strings.Repeat("{", 5000) + "deep" + strings.Repeat("}", 5000) + " flat": "deep flat",
	} {
		if text, html := readRTF([]byte(rtf)); text != want || html != "" {
			t.Errorf("%.80s\n got %q, %q\nwant %q", rtf, text, html, want)
		}
	}
}

// HTML in RTF, as Outlook sends it ([MS-OXRTFEX]).
func TestHTMLInRTF(t *testing.T) {
	const rtf = `{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset238 Arial;}}{\colortbl\red0\green0\blue0;}` +
		`{\*\htmltag19 <html>}{\*\htmltag2 \par }{\*\htmltag50 <body>}{\*\htmltag64 <p class="a">}\htmlrtf {\htmlrtf0 \htmlrtf\f1\htmlrtf0 \'b3\htmlrtf\f0\htmlrtf0 ` +
		`{\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 \'cf\'f0\'e8\'e2\'e5\'f2 {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 {\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 {\*\mhtmltag72 </p>}{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0 {\*\htmltag58 </body>}}`
	text, html := readRTF([]byte(rtf))
	if want := "<html>\r\n<body><p class=\"a\">ł<b>Привет &lt;</b></p></body>"; html != want || text != "" {
		t.Errorf("got %q, %q\nwant %q", text, html, want)
	}
}

// A winmail.dat of nothing but RTF, the text of the mail.
func TestTNEFOfRTF(t *testing.T) {
	raw := tnefStream(tnefProperties, propertyList(property(0x102, propRTF,
		storedRTF(`{\rtf1\ansi\ansicpg1251\fromtext \'cf\'f0\'e8\'e2\'e5\'f2\par from Outlook}`))))
	m := ParseBytes(
		[]byte("From: a@b.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n" +
			"Content-Transfer-Encoding: binary\r\n\r\n" + string(raw)))
	if m.Text != "Привет\nfrom Outlook" || m.Snippet != "Привет from Outlook" {
		t.Errorf("%q, %q", m.Text, m.Snippet)
	}
}

// What makes reading dear is bounded: each of these would take a minute if it grew with the square of its length.
func TestDearRTF(t *testing.T) {
	for _, piece := range []string{"a{}", `\'ff{}`, `\tab`, `\u1?`, "{", `\f1\'ff\f0\'ff`, `{\*\x `, `\bin1 `} {
		readRTF([]byte(strings.Repeat(piece, maxRTF/8/len(piece))))
	}
}

func FuzzRTF(f *testing.F) {
	f.Add(unhex("2d000000 2b000000 4c5a4675 f1c5c7a7 03 00 0a 00 72 63 70 67 31 32 35 42 32 0a f3 20 68 65 6c 09 00 " +
		"20 62 77 05 b0 6c 64 7d 0a 80 0f a0"))
	f.Add(storedRTF(`{\rtf1\fromhtml1\uc9{\*\htmltag1 \bin99 }{\fonttbl{\f1\fcharset128}}\f1\'93\u-10179?\'`))
	f.Fuzz(func(t *testing.T, packed []byte) {
		for _, rtf := range [][]byte{packed, unpackRTF(packed)} {
			if text, html := readRTF(rtf); len(rtf) > maxRTF+20 || len(text) > coding.MaxText ||
				len(html) > coding.MaxText {
				t.Fatalf("%d, %d and %d bytes", len(rtf), len(text), len(html))
			}
		}
	})
}
