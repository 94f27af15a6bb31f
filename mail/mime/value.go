package mime

import (
	"regexp"
	"strconv"
	"strings"

	"frontdesk/mail/mime/coding"
)

// What is read of one field; what is beyond is passed over.
const (
	maxValue  = 16 << 10 // bytes
	maxParams = 100
)

// parseValue reads a Content-Type, Content-Disposition or the like (RFC 2045 section 5.1, RFC 2231): its first word in
// lower case, and its parameters, decoded. Senders break the grammar in every way, so a value without quotes goes up to
// the next semicolon, whatever it is made of, a quote without end too, and what is no parameter is passed over. Of
// several parameters of one name the first counts. fallback is the charset of names that don't tell theirs.
func parseValue(field, fallback string) (word string, params map[string]string) {
	field = coding.Clip(field, maxValue)
	if strings.ContainsAny(field, "\n\x00") {
		field = strings.NewReplacer("\r\n", "", "\n", "", "\x00", "").Replace(field)
	}
	r := &valueReader{rest: field}
	word = r.word()
	pieces := pieces{}
	for n := 0; r.skip() && n < maxParams; n++ {
		if name, value, ok := r.param(); ok {
			pieces.add(name, value)
		}
	}
	return word, pieces.join(fallback)
}

// valueReader reads the value of a structured field from its beginning.
type valueReader struct{ rest string }

// skip passes over what separates parameters. It is false at the end.
func (r *valueReader) skip() bool {
	for {
		r.rest = strings.TrimLeft(r.rest, "; \t\r")
		if !strings.HasPrefix(r.rest, "(") {
			return r.rest != ""
		}
		if _, n := enclosed(r.rest); n > 0 {
			r.rest = r.rest[n:]
		} else {
			r.rest = strings.TrimLeft(r.rest, "(")
		}
	}
}

// word reads the first word, "" where a parameter stands in its place.
func (r *valueReader) word() string {
	if !r.skip() {
		return ""
	}
	end := strings.IndexAny(r.rest, "; \t(,")
	if end < 0 {
		end = len(r.rest)
	}
	word := r.rest[:end]
	if strings.Contains(word, "=") || strings.HasPrefix(strings.TrimLeft(r.rest[end:], " \t"), "=") {
		return ""
	}
	r.rest = strings.TrimLeft(r.rest[end:], ",")
	return strings.ToLower(strings.Trim(word, `"'`))
}

func (r *valueReader) param() (name, value string, ok bool) {
	if found := lostEquals.FindStringSubmatchIndex(r.rest); found != nil {
		r.rest = r.rest[:found[3]] + "=" + r.rest[found[4]:]
	}
	at := strings.IndexAny(r.rest, "=;")
	if at < 0 {
		r.rest = ""
		return "", "", false
	}
	name, ok = strings.TrimSpace(r.rest[:at]), r.rest[at] == '='
	if r.rest = r.rest[at+1:]; !ok {
		return "", "", false
	}
	if words := strings.Fields(name); len(words) > 1 { // junk before it
		name = words[len(words)-1]
	}
	name = strings.ToLower(strings.Trim(name, `"',`))
	return name, r.value(name), name != ""
}

func (r *valueReader) value(name string) string {
	r.rest = strings.TrimLeft(r.rest, " \t")
	if strings.HasPrefix(r.rest, `"`) {
		return r.quoted()
	}
	end := strings.IndexByte(r.rest, ';')
	if end < 0 {
		end = len(r.rest)
	}
	if at := lostSemicolon.FindStringIndex(r.rest[:end]); at != nil {
		end = at[0]
	}
	value := strings.TrimSpace(r.rest[:end])
	r.rest = r.rest[end:]
	if !isName(name) { // in a file name they are part of it
		value = trailingComment.ReplaceAllString(value, "")
	}
	return strings.TrimSuffix(unpaired(value), `"`)
}

// unpaired is a value without quotes that are none of mail's.
func unpaired(value string) string {
	for _, pair := range []string{"''", "``", "“”", "„“", "«»", `\"\"`} {
		half := len(pair) / 2
		if len(value) > len(pair) && strings.HasPrefix(value, pair[:half]) && strings.HasSuffix(value, pair[half:]) {
			return value[half : len(value)-half]
		}
	}
	return value
}

func isName(param string) bool {
	return strings.HasPrefix(param, "filename") || strings.HasPrefix(param, "name")
}

var (
	trailingComment = regexp.MustCompile(`\s+\([^()]*\)$`)
	// lostSemicolon finds the next parameter in a value without quotes.
	lostSemicolon = regexp.MustCompile(`(?i)\s+(charset|boundary|name|filename|format|delsp|reply-type|type|size|creation-date|modification-date|read-date|protocol|micalg|report-type|x-[a-z-]+)(\*\d*\*?)?\s*=`)
	// lostEquals is a parameter written like a field, or with nothing before its value.
	lostEquals = regexp.MustCompile(`(?i)^((?:charset|boundary|filename|name)(?:\*\d*\*?)?)(?:[ \t]*:|[ \t]+)[ \t]*([^=:;\s])`)
	// afterQuote is what stands behind a closing quote; another quote is part of the value.
	afterQuote = regexp.MustCompile(`^\s*($|;|\(|,|[A-Za-z-]+(\*\d*\*?)?\s*=)`)
)

// quoted reads a quoted string (RFC 5322 section 3.2.4). A backslash before anything but a quote or another one is part
// of the value: senders write Windows paths so.
func (r *valueReader) quoted() string {
	text := r.rest[1:]
	end := closingQuote(text)
	if end < 0 {
		if end = strings.IndexByte(text, ';'); end < 0 {
			end = len(text)
		}
	}
	r.rest = strings.TrimPrefix(text[end:], `"`)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text[:end])
}

// closingQuote is the place of the quote that ends a string, -1 without one: then the next quote begins the value of
// another parameter, or there is none.
func closingQuote(text string) int {
	last := strings.LastIndexByte(text, '"')
	semicolon := false
	for at := 0; at <= last; at++ {
		switch c := text[at]; {
		case c == '\\' && at+1 < last && (text[at+1] == '"' || text[at+1] == '\\'):
			at++
		case c == ';':
			semicolon = true
		case c == '"' && afterQuote.MatchString(text[at+1:min(len(text), at+100)]):
			return at
		case c == '"' && semicolon && strings.HasSuffix(strings.TrimRight(text[max(0, at-10):at], " \t"), "="):
			return -1
		}
	}
	return -1
}

// piece of a parameter's value (RFC 2231 section 3).
type piece struct {
	text    string
	encoded bool // with %XX
}

// pieces are the parameters as they stand in the field, by name and number.
type pieces map[string]map[int]piece

// whole is the number of a value that isn't in pieces, and encoded that of one with a charset: it is better than whole.
const (
	whole   = -1
	encoded = -2
)

func (p pieces) add(key, value string) {
	name, number, isEncoded := cutKey(key)
	if p[name] == nil {
		p[name] = map[int]piece{}
	}
	if had, ok := p[name][number]; !ok || had.text == "" {
		p[name][number] = piece{value, isEncoded}
	}
}

// cutKey cuts "filename*1*" into its parts.
func cutKey(key string) (name string, number int, isEncoded bool) {
	name, section, ok := strings.Cut(key, "*")
	if !ok {
		return name, whole, false
	}
	if section == "" {
		return name, encoded, true
	}
	section, isEncoded = strings.CutSuffix(section, "*")
	number, err := strconv.Atoi(section)
	if err != nil || number < 0 || number > maxParams {
		return key, whole, false
	}
	return name, number, isEncoded
}

func (p pieces) join(fallback string) map[string]string {
	params := map[string]string{}
	for name, list := range p {
		if one, ok := list[encoded]; ok {
			params[name] = joinPieces([]piece{one}, fallback)
			continue
		}
		if numbered := inOrder(list); len(numbered) > 0 {
			params[name] = joinPieces(numbered, fallback)
			continue
		}
		params[name] = joinPieces([]piece{list[whole]}, fallback)
	}
	return params
}

// inOrder are the numbered pieces up to a missing one. Some count from 1.
func inOrder(list map[int]piece) (ordered []piece) {
	first := 0
	if _, ok := list[0]; !ok {
		first = 1
	}
	for {
		one, ok := list[first+len(ordered)]
		if !ok {
			return ordered
		}
		ordered = append(ordered, one)
	}
}

func joinPieces(list []piece, fallback string) string {
	charset := ""
	var raw strings.Builder
	for i, one := range list {
		text := one.text
		if one.encoded && i == 0 {
			words := strings.SplitN(text, "'", 3)
			if len(words) == 3 || len(words) == 2 && isCharset(words[0]) { // the language may be missing with its quote
				charset, text = words[0], words[len(words)-1]
			}
		}
		if one.encoded {
			text = unescape(text)
		}
		raw.WriteString(text)
	}
	if charset == "" {
		charset = coding.GuessCharset(raw.String(), fallback)
	}
	return coding.UTF8([]byte(raw.String()), charset)
}

func isCharset(label string) bool {
	return strings.EqualFold(label, "utf-8") || coding.Charset(label) != nil
}

// unescape undoes %XX; a "%" that begins no code stays as it is.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
