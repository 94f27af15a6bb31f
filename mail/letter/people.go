package letter

import (
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/mime"
)

const maxRecipients = 200

// ErrRecipients is the error of a mail with no recipient, too many, or an unreadable one.
var ErrRecipients = errors.New("give between 1 and 200 valid recipient addresses")

// Recipients sets To and Cc, and returns all of the envelope, Bcc included. ErrRecipients.
func Recipients(h *gomail.Header, to, cc, bcc []string) (all []string, err error) {
	for _, field := range []struct {
		key  string
		list []string
	}{{"To", to}, {"Cc", cc}, {"Bcc", bcc}} { // in this order: who is named twice is written as at first
		var parsed []*gomail.Address
		for _, item := range field.list {
			a, err := netmail.ParseAddress(item)
			if err != nil || len(a.Address) > 254 {
				return nil, fmt.Errorf("%q: %w", item, ErrRecipients)
			}
			parsed = append(parsed, (*gomail.Address)(a))
			if !slices.ContainsFunc(all, func(o string) bool { return strings.EqualFold(o, a.Address) }) {
				all = append(all, a.Address)
			}
		}
		if field.key != "Bcc" && len(parsed) > 0 {
			h.SetAddressList(field.key, parsed)
		}
	}
	if len(all) == 0 || len(all) > maxRecipients {
		return nil, ErrRecipients
	}
	slices.Sort(all)
	return all, nil
}

// unfinished is the field that keeps a list of recipients of which one isn't an address yet.
func unfinished(key string) string { return "X-Frontdesk-" + key }

// Draft sets a list of recipients of a draft as a person wrote it, finished or not.
func Draft(h *gomail.Header, key string, list []string) {
	list = list[:min(len(list), maxRecipients)]
	var parsed []*gomail.Address
	for _, item := range list {
		if a, err := gomail.ParseAddress(item); err == nil {
			parsed = append(parsed, a)
		}
	}
	if len(parsed) > 0 {
		h.SetAddressList(key, parsed)
	}
	if len(parsed) == len(list) {
		return
	}
	if data, err := json.Marshal(list); err == nil { // strings always can
		h.SetText(unfinished(key), string(data))
	}
}

// Drafted is a list of recipients of a draft, as a person writes it.
func Drafted(m *mime.Message, key string) []string {
	h := gomail.Header{}
	h.Header.Header = m.Header
	list := []string{}
	if kept, err := h.Text(unfinished(key)); err == nil && kept != "" && json.Unmarshal([]byte(kept), &list) == nil {
		return list
	}
	for _, p := range mime.People(m.Header, key) {
		if p.Name == "" {
			list = append(list, p.Address)
		} else {
			list = append(list, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.Name)+`" <`+p.Address+`>`)
		}
	}
	return list
}
