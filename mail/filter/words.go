package filter

import (
	"bytes"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"frontdesk/mail/header"
	"frontdesk/mail/mime"
)

const (
	fieldWords = 40  // words read of one header field
	bodyWords  = 400 // and of the text
	reach      = 3   // a word makes a pair with that many before it
	htmlTags   = 300 // read of the HTML
)

// readWords notes the words of the header, each with its field's name, and of the decoded text, the shape of the HTML,
// the hosts it links to and the kinds of files.
func (s *scratch) readWords(message []byte, parsed *mime.Message) {
	for name, field, rest := header.Next(message); name != ""; name, field, rest = header.Next(rest) {
		if !quiet[name] {
			s.addWord(hash("field " + name))
			_, value, _ := bytes.Cut(field, []byte(":"))
			s.wordsOf(hash(name), string(value), fieldWords)
		}
	}
	s.wordsOf(0, parsed.Text, bodyWords)
	s.linksOf(parsed.Text)
	s.shapeOf(parsed.HTML)
	for _, part := range parsed.Parts {
		s.addWord(hash("part " + part.Type))
		s.addWord(hash("file " + strings.ToLower(path.Ext(part.Name))))
	}
}

// wordsOf notes the first words of a text, by themselves and in pairs with those shortly before.
func (s *scratch) wordsOf(place uint32, text string, most int) {
	var before [reach]uint32 // the last ones, a ring
	for n := 0; n < most; n++ {
		word, rest := nextWord(text)
		if word == "" {
			return
		}
		text = rest
		lower := hash(strings.ToLower(word)) ^ place
		s.addWord(lower)
		if shouted(word) {
			s.addWord(hash(word) ^ place)
			s.addWord(hash("shouted") ^ place)
		}
		for k := 1; k <= min(reach, n); k++ {
			s.addWord(before[(n-k)%reach]*31 + uint32(k) + lower*17)
		}
		before[n%reach] = lower
	}
}

const longestWord = 40 // bytes; what is longer is several

func nextWord(text string) (word, rest string) {
	begin := strings.IndexFunc(text, isOfWord)
	if begin < 0 {
		return "", ""
	}
	text = text[begin:]
	end := strings.IndexFunc(text, func(r rune) bool { return !isOfWord(r) })
	if end < 0 {
		end = len(text)
	}
	if end > longestWord {
		for end = longestWord; !utf8.RuneStart(text[end]); end-- {
		}
	}
	return text[:end], text[end:]
}

// isOfWord takes what prices, addresses and exclamations are made of as parts of words.
func isOfWord(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	case r < utf8.RuneSelf:
		return strings.IndexByte("$!%@._'-", byte(r)) >= 0
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '€' || r == '£'
}

func shouted(word string) bool {
	return len(word) > 3 && word != strings.ToLower(word) && word == strings.ToUpper(word)
}

// linksOf notes the hosts of the addresses in a text.
func (s *scratch) linksOf(text string) {
	for range htmlTags {
		_, after, found := strings.Cut(text, "://")
		if !found {
			return
		}
		end := strings.IndexAny(after, " \t\r\n/<>\"'?:)")
		if end < 0 {
			end = len(after)
		}
		s.host(after[:end])
		text = after
	}
}

// host notes a host by its name and by the domains it stands in.
func (s *scratch) host(name string) {
	name = strings.ToLower(name[max(0, len(name)-255):])
	for name != "" {
		s.addWord(hash("host " + name))
		_, name, _ = strings.Cut(name, ".")
	}
}

// telling are attributes whose values say how a text looks.
var telling = map[string]bool{
	"color": true, "bgcolor": true, "size": true, "width": true, "height": true, "face": true, "align": true,
}

// shapeOf notes what an HTML text is made of.
func (s *scratch) shapeOf(source string) {
	z := html.NewTokenizer(strings.NewReader(source))
	for n := 0; n < htmlTags; {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			s.tag(z)
			n++
		}
	}
}

func (s *scratch) tag(z *html.Tokenizer) {
	name, more := z.TagName()
	s.addWord(hash("tag " + string(name)))
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		value = bytes.ToLower(value[:min(len(value), 1000)])
		switch {
		case telling[string(key)]:
			s.addWord(hash("looks " + string(key) + "=" + string(value)))
		case string(key) == "href" || string(key) == "src":
			if link, err := url.Parse(string(value)); err == nil {
				s.host(link.Hostname())
			}
		}
	}
}
