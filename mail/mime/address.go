package mime

import (
	"cmp"
	"errors"
	stdmime "mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode"

	"github.com/emersion/go-message/textproto"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"frontdesk/mail/mime/coding"
)

// maxPeople read from one header field.
const maxPeople = 1000

// maxAuthors of a message: each may cost questions to DNS.
const maxAuthors = 10

// ErrAuthors is the error of a message of which programs could show different authors: its From field is there twice,
// or can be read in several ways (RFC 5322 section 3.6, RFC 7489 section 6.6.1).
var ErrAuthors = errors.New("there must be one From field, with an address that can be read in one way only")

// Authors is From where nothing else could be read there, or ErrAuthors. No From field at all is no author and no
// error, unless there is a Sender.
func (m *Message) Authors() ([]Person, error) {
	fields := m.Header.Values("From")
	if len(fields) == 0 && len(m.Sender) > 0 { // some programs show that one then
		return nil, ErrAuthors
	}
	if len(fields) == 0 {
		return nil, nil
	}
	list, ok := readPeople(fields[0])
	if len(fields) > 1 || !ok || len(list) == 0 || len(list) > maxAuthors {
		return nil, ErrAuthors
	}
	return list, nil
}

// Author is who a message is from: the first that From names, and nobody else.
func (m *Message) Author() Person {
	if len(m.From) == 0 {
		return Person{}
	}
	return m.From[0].Honest()
}

// SplitAddress checks an address and returns it and its domain in lower case, the domain in ASCII form.
func SplitAddress(address string) (lower, domain string, err error) {
	parsed, err := netmail.ParseAddress(strings.TrimSpace(address))
	if err != nil {
		return "", "", err
	}
	if len(parsed.Address) > 254 {
		return "", "", errors.New("longer than an address may be")
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	domain, err = idna.Lookup.ToASCII(strings.ToLower(parsed.Address[at+1:]))
	return strings.ToLower(parsed.Address[:at]) + "@" + domain, domain, err
}

// People reads an address list; where that can be read in several ways, it guesses.
func People(h textproto.Header, key string) []Person {
	var list []Person
	for _, value := range h.Values(key) {
		people, _ := readPeople(value)
		if list = append(list, people...); len(list) > maxPeople {
			return list[:maxPeople]
		}
	}
	return list
}

// readPeople reads the addresses of a field by its grammar, else as leniently as senders want it. ok is false where
// another reader may well find other addresses.
func readPeople(value string) (list []Person, ok bool) {
	list, ok = readList(coding.UTF8([]byte(value), ""))
	for i, p := range list { // the root of the DNS is not part of an address, RFC 5321 section 2.3.5
		list[i].Address = strings.TrimRight(p.Address, ".")
	}
	return list, ok
}

func readList(value string) (list []Person, ok bool) {
	parser := netmail.AddressParser{WordDecoder: &stdmime.WordDecoder{CharsetReader: coding.Reader}}
	parsed, err := parser.ParseList(value)
	if err != nil {
		return lenient(value)
	}
	ok = true
	for _, a := range parsed {
		list = append(list, Person{Name: coding.Words(a.Name), Address: coding.UTF8([]byte(a.Address), "")})
		ok = ok && isAddress(a.Address)
	}
	return list, ok
}

// isAddress wants of an address what RFC 5321 section 4.5.3.1 allows: what is longer would be shown cut. What some
// program shows as another address is none: with two @, with what nobody sees, or encoded (RFC 2047 section 5).
func isAddress(address string) bool {
	at := strings.LastIndexByte(address, '@')
	return at > 0 && at <= 64 && at < len(address)-1 && len(address) <= 254 && strings.IndexByte(address, '@') == at &&
		!strings.ContainsFunc(address, unicode.IsControl) && !coding.Word.MatchString(address)
}

var bareAddress = regexp.MustCompile(`[^\s<>()\[\]",;:\\]+@[^\s<>()\[\]",;:\\]+`)

// Honest is the person without a name that holds the address of somebody else, which would be taken for the sender's.
func (p Person) Honest() Person {
	for _, inside := range bareAddress.FindAllString(norm.NFKC.String(p.Name), -1) {
		if !strings.EqualFold(inside, p.Address) {
			p.Name = ""
		}
	}
	return p
}

// lenient reads a list that breaks the grammar: names with dots, brackets and commas, stray semicolons, words behind
// the address. What is quoted or a comment is never an address.
func lenient(value string) (list []Person, ok bool) {
	items, ok := splitPeople(value)
	var pending strings.Builder
	for _, item := range items {
		p, one := item.person()
		ok = ok && one
		if p.Address == "" { // "Firm, Inc. <a@b>"
			pending.WriteString(p.Name + ", ")
			continue
		}
		p.Name = coding.Words(strings.TrimSpace(pending.String() + p.Name))
		list = append(list, p)
		pending.Reset()
	}
	return list, ok
}

// maxInItem addresses are looked at in one item of a list.
const maxInItem = 20

// person is whom an item names. It is false when the item has several addresses, or one that isn't.
func (i *item) person() (Person, bool) {
	words := strings.Join(strings.Fields(i.name.String()), " ")
	found := bareAddress.FindAllString(i.outside.String(), maxInItem+1)
	route, address := cutRoute(i.angle)
	p := Person{Address: address, Route: route}
	if p.Address == "" && len(found) > 0 {
		p.Address = found[0]
	}
	ok := i.angles <= 1 && route == "" && len(found) <= maxInItem &&
		(p.Address == "" || isAddress(p.Address) && bareAddress.FindString(p.Address) == p.Address)
	outside := i.outside.String()
	for _, address := range found {
		ok = ok && strings.EqualFold(address, p.Address)
		outside = strings.ReplaceAll(outside, address, "")
		words = strings.Join(strings.Fields(strings.ReplaceAll(words, address, "")), " ")
	}
	p.Name = words
	return p, ok && !strayDomain.MatchString(outside)
}

// strayDomain is what some programs take for the domain of an address, with spaces as RFC 5322 section 4.4 has them.
var strayDomain = regexp.MustCompile(`@\s*[\pL\pN-]+\.[\pL\pN]`)

// cutRoute takes the route off what stands in angle brackets.
func cutRoute(angle string) (route, address string) {
	if found := routed.FindStringSubmatch(angle); found != nil {
		return strings.Join(strings.Fields(found[1]), ""), found[2]
	}
	return "", angle
}

// routed is RFC 5322 section 4.4's obs-route before an address.
var routed = regexp.MustCompile(`^[\s,]*(@` + routeHost + `(?:[\s,]*,\s*@?` + routeHost + `)*)[\s,]*:\s*([^@].*@.*)$`)

const routeHost = `(?:\[[^\]\s]*\]|[^\s:,;"\\@\[\]]+)`

// item is one of a list, its text by what it may be.
type item struct {
	name    strings.Builder // all but addresses in angle brackets and comments
	outside strings.Builder // of that, what isn't quoted
	angle   string          // the first address in angle brackets
	angles  int
}

// splitPeople cuts a list at its commas and semicolons. ok is false when a quote, comment or bracket has no end.
func splitPeople(value string) (items []*item, ok bool) {
	ok = true
	current, open := &item{}, unclosed(0)
	end := func() { items, current = append(items, current), &item{} }
	for at := 0; at < len(value); {
		switch c := value[at]; c {
		case '"', '(', '<':
			inside, n := open.enclosed(value[at:])
			ok = ok && n > 0
			current.add(c, inside)
			at += max(n, 1)
			continue
		case ',', ';':
			end()
		case ':': // the name of a group
			ok = ok && current.angles == 0 && !strings.Contains(current.outside.String(), "@")
			current = &item{}
		default:
			ok = ok && !strings.HasPrefix(value[at:], `\"`) // a string begins there, or does not
			current.name.WriteByte(c)
			current.outside.WriteByte(c)
		}
		at++
	}
	end()
	return items, ok
}

func (i *item) add(kind byte, inside string) {
	switch kind {
	case '"':
		i.name.WriteString(inside)
		i.outside.WriteByte(' ')
	case '<':
		i.angles++
		i.angle = cmp.Or(i.angle, strings.TrimSpace(inside))
	}
}

// unclosed counts the quotes and comments without an end that were met in a field. Each is looked for to the end of the
// field, so that is done for a few only: whoever writes more of them writes no addresses.
type unclosed int

const maxUnclosed = 16

func (u *unclosed) enclosed(text string) (inside string, n int) {
	if *u >= maxUnclosed && text[0] != '<' {
		return "", 0
	}
	if inside, n = enclosed(text); n == 0 && text[0] != '<' { // that one ends at the next of its kind
		*u++
	}
	return inside, n
}

// enclosed is what stands between the first byte of text, which is a quote or an opening bracket, and its end; n is 0
// without one. Comments nest.
func enclosed(text string) (inside string, n int) {
	closing := map[byte]byte{'"': '"', '(': ')', '<': '>'}[text[0]]
	depth := 0
	for at := 1; at < len(text); at++ {
		switch c := text[at]; {
		case c == '\\' && text[0] != '<':
			at++
		case c == closing && depth == 0:
			return strings.ReplaceAll(text[1:at], `\`, ""), at + 1
		case c == closing:
			depth--
		case c == '(' && text[0] == '(':
			depth++
		case c == '<' && text[0] == '<':
			return "", 0
		}
	}
	return "", 0
}
