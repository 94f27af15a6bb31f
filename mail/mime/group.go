package mime

import (
	"strings"

	"github.com/emersion/go-message/textproto"

	"frontdesk/mail/mime/coding"
)

// Group is a part of an address list: the members of a named group (RFC 5322 section 3.4), or those between two groups.
type Group struct {
	Name   string // "" for those in no group
	People []Person
}

// Groups reads an address list as People does, with its groups.
func Groups(h textproto.Header, key string) (list []Group) {
	left := maxPeople
	for _, value := range h.Values(key) {
		for _, g := range splitGroups(coding.UTF8([]byte(value), "")) {
			g.People = g.People[:min(len(g.People), left)]
			if left -= len(g.People) + 1; left <= 0 {
				return list
			}
			list = append(list, g)
		}
	}
	return list
}

// splitGroups cuts a list where groups begin and end.
func splitGroups(value string) (list []Group) {
	name, start, comma, open := "", 0, 0, unclosed(0)
	end := func(at int) {
		people, _ := readPeople(strings.Trim(value[start:at], ", \t\r\n"))
		if name != "" || len(people) > 0 {
			list = append(list, Group{name, people})
		}
		name = ""
	}
	for at := 0; at < len(value); at++ {
		switch value[at] {
		case '"', '(', '<':
			if _, n := open.enclosed(value[at:]); n > 0 {
				at += n - 1
			}
		case ',':
			comma = at + 1
		case ':':
			if begins := max(comma, start); name == "" && !strings.Contains(value[begins:at], "@") {
				end(begins)
				name, start = coding.Words(strings.Trim(value[begins:at], "\" \t\r\n")), at+1
			}
		case ';':
			if name != "" {
				end(at)
				start = at + 1
			}
		}
	}
	end(len(value))
	return list
}
