package mime

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"frontdesk/mail/mime/coding"
)

// rtfDictionary is what a compressed RTF may refer to before its own text ([MS-OXRTFCP] section 2.2.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier` +
	"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	maxRTF       = 2 * coding.MaxText
	maxRTFGroups = 500 // one in another; what is deeper counts for the outer one
	rtfWindow    = 4096
)

// unpackRTF reads compressed RTF ([MS-OXRTFCP]) as far as it goes.
func unpackRTF(packed []byte) []byte {
	if len(packed) < 16 {
		return nil
	}
	size := min(int(binary.LittleEndian.Uint32(packed[4:])), maxRTF)
	body := packed[16:]
	switch string(packed[8:12]) {
	case "MELA":
		return body[:min(size, len(body))]
	case "LZFu":
		return unpackLZ(body, size)
	}
	return nil
}

func unpackLZ(in []byte, size int) (out []byte) {
	var window [rtfWindow]byte
	at := copy(window[:], rtfDictionary)
	put := func(b byte) {
		window[at] = b
		at = (at + 1) % rtfWindow
		out = append(out, b)
	}
	for len(in) > 0 {
		control := in[0]
		in = in[1:]
		for bit := 0; bit < 8 && len(out) < size; bit++ {
			switch {
			case control>>bit&1 == 0 && len(in) > 0:
				put(in[0])
				in = in[1:]
			case control>>bit&1 == 1 && len(in) > 1:
				token := int(binary.BigEndian.Uint16(in))
				in = in[2:]
				from := token >> 4
				if from == at {
					return out
				}
				for i := range token&15 + 2 {
					put(window[(from+i)%rtfWindow])
				}
			default:
				return out
			}
		}
	}
	return out
}

// rtfGroup is what holds until the end of a group.
type rtfGroup struct {
	skip    bool // nothing of it is text
	table   bool // the table of fonts
	tag     bool // HTML as it was ([MS-OXRTFEX] section 2.1.3.1)
	rtfOnly bool // what stands for it in RTF
	font    int
	unicode int // characters that stand for one of \u
}

// rtfReader turns RTF into the text that it shows, or the HTML that it was made of.
type rtfReader struct {
	rtfGroup
	outer    []rtfGroup
	deeper   int // groups beyond maxRTFGroups
	charset  string
	fonts    map[int]string // charset by number
	defining int            // font
	html     bool
	star     bool   // the next word may be one that we needn't know
	pass     int    // characters to pass over: those for readers without Unicode
	high     rune   // the first half of a character that takes two of \u
	raw      []byte // text
	label    string // its charset
	out      strings.Builder
}

// readRTF is the text of an RTF, or its HTML when it was made of such.
func readRTF(raw []byte) (text, html string) {
	r := &rtfReader{charset: "windows-1252", fonts: map[int]string{}, rtfGroup: rtfGroup{unicode: 1}}
	for len(raw) > 0 && r.out.Len()+len(r.raw) < coding.MaxText {
		raw = raw[r.token(raw):]
	}
	r.flush()
	result := strings.ReplaceAll(coding.Clip(r.out.String(), coding.MaxText), "\x00", "")
	if r.html {
		return "", result
	}
	return strings.TrimSpace(result), ""
}

// token reads the next one and returns its length.
func (r *rtfReader) token(raw []byte) int {
	switch raw[0] {
	case '{':
		r.begin()
	case '}':
		r.end()
	case '\\':
		return r.control(raw)
	case '\r', '\n':
	default:
		r.text(raw[0])
	}
	return 1
}

func (r *rtfReader) begin() {
	r.pass = 0
	if len(r.outer) == maxRTFGroups {
		r.deeper++
		return
	}
	r.outer = append(r.outer, r.rtfGroup)
}

func (r *rtfReader) end() {
	r.pass, r.star = 0, false
	switch {
	case r.deeper > 0:
		r.deeper--
	case len(r.outer) > 0:
		r.rtfGroup = r.outer[len(r.outer)-1]
		r.outer = r.outer[:len(r.outer)-1]
	}
}

// control reads a word or symbol after a backslash.
func (r *rtfReader) control(raw []byte) (length int) {
	if len(raw) < 2 {
		return 1
	}
	if raw[1] == '\'' {
		if len(raw) < 4 {
			return len(raw)
		}
		if b, err := strconv.ParseUint(string(raw[2:4]), 16, 8); err == nil {
			r.text(byte(b))
		}
		return 4
	}
	end := 1
	for end < len(raw) && end < 33 && (raw[end]|0x20) >= 'a' && (raw[end]|0x20) <= 'z' {
		end++
	}
	if end == 1 {
		r.symbol(raw[1])
		return 2
	}
	word, digits := string(raw[1:end]), end
	for end < len(raw) && end-digits < 11 && (raw[end] >= '0' && raw[end] <= '9' || end == digits && raw[end] == '-') {
		end++
	}
	number, err := strconv.Atoi(string(raw[digits:end]))
	if end < len(raw) && raw[end] == ' ' {
		end++
	}
	if word == "bin" { // so many bytes follow
		return min(end+max(number, 0), len(raw))
	}
	r.word(word, number, err == nil)
	return end
}

func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\\', '{', '}':
		r.text(c)
	case '~':
		r.say("\u00a0")
	case '_':
		r.say("\u2011")
	case '\r', '\n':
		r.say("\r\n")
	case '*':
		r.star = true
	}
}

// Words that begin what is no text, and those that stand for characters.
var (
	rtfHidden = map[string]bool{"colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true,
		"header": true, "footer": true, "headerl": true, "headerr": true, "headerf": true,
		"footerl": true, "footerr": true, "footerf": true, "fldinst": true, "listtable": true,
		"listoverridetable": true, "generator": true, "themedata": true, "datastore": true, "xmlnstbl": true,
		"rsidtbl": true, "latentstyles": true}
	rtfCharacters = map[string]string{"par": "\r\n", "line": "\r\n", "row": "\r\n", "sect": "\r\n", "page": "\r\n",
		"tab": "\t", "cell": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
		"ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002"}
)

func (r *rtfReader) word(word string, number int, numbered bool) {
	star := r.star
	r.star = false
	if s, ok := rtfCharacters[word]; ok {
		r.say(s)
		return
	}
	switch word {
	case "fromhtml":
		r.html = true
	case "htmltag":
		r.tag, r.skip = true, false
	case "htmlrtf":
		r.rtfOnly = !numbered || number != 0
	case "ansicpg":
		r.charset = codepage(uint32(number))
	case "fonttbl":
		r.skip, r.table = true, true
	case "f":
		r.font, r.defining = number, number
	case "fcharset":
		if label, ok := rtfCharsets[number]; ok && r.table {
			r.fonts[r.defining] = label
		}
	case "uc":
		r.unicode = min(max(number, 0), 10)
	case "u":
		r.unit(uint16(number))
	default:
		r.skip = r.skip || star || rtfHidden[word]
	}
}

// unit is one of UTF-16; those for readers without Unicode follow it.
func (r *rtfReader) unit(number uint16) {
	c := rune(number)
	switch {
	case utf16.IsSurrogate(c) && r.high == 0:
		r.high = c
	case r.high != 0:
		c, r.high = utf16.DecodeRune(r.high, c), 0
		fallthrough
	default:
		r.say(string(c))
	}
	r.pass = r.unicode
}

func (r *rtfReader) seen() bool { return !r.skip && (!r.html || r.tag || !r.rtfOnly) }

// text is a byte in the charset of the font.
func (r *rtfReader) text(b byte) {
	switch {
	case r.pass > 0:
		r.pass--
	case r.seen():
		if label := cmp.Or(r.fonts[r.font], r.charset); label != r.label {
			r.flush()
			r.label = label
		}
		r.raw = append(r.raw, b)
	}
}

func (r *rtfReader) say(s string) {
	r.flush()
	if r.seen() {
		r.out.WriteString(s)
	}
}

// flush writes the text that was gathered. What is ASCII is so in each of the charsets.
func (r *rtfReader) flush() {
	if bytes.ContainsFunc(r.raw, func(c rune) bool { return c >= utf8.RuneSelf }) {
		r.out.WriteString(coding.UTF8(r.raw, r.label))
	} else {
		r.out.Write(r.raw)
	}
	r.raw = r.raw[:0]
}

// rtfCharsets are those of fonts, by their numbers in Windows.
var rtfCharsets = map[int]string{0: "windows-1252", 128: "shift_jis", 129: "euc-kr", 134: "gbk", 136: "big5",
	161: "windows-1253", 162: "windows-1254", 163: "windows-1258", 177: "windows-1255",
	178: "windows-1256", 186: "windows-1257", 204: "windows-1251", 222: "windows-874", 238: "windows-1250"}

// codepage is the label of a Windows code page.
func codepage(number uint32) string {
	switch number {
	case 65001:
		return "utf-8"
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 20866:
		return "koi8-r"
	}
	return "windows-" + strconv.FormatUint(uint64(number), 10)
}
