package sheet

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-vcard"
)

// readCards makes a line of each card.
func readCards(data []byte) (s Sheet, err error) {
	text, err := decoded(data)
	if err != nil {
		return s, err
	}
	err = s.add([]string{"Name", "Position", "Company", "Phone", "Phone 2", "Phone 3", "Email", "Email 2", "Website",
		"Comment"})
	d := vcard.NewDecoder(bytes.NewReader([]byte(text)))
	for err == nil {
		var card vcard.Card
		if card, err = d.Decode(); errors.Is(err, io.EOF) {
			return s, nil
		} else if err != nil {
			return s, ErrFormat
		}
		err = s.add(lineOf(card))
	}
	return s, err
}

func lineOf(card vcard.Card) []string {
	name := card.PreferredValue(vcard.FieldFormattedName)
	if n := card.Name(); name == "" && n != nil {
		name = strings.Join(strings.Fields(n.GivenName+" "+n.FamilyName), " ")
	}
	phones := append(card.Values(vcard.FieldTelephone), "", "", "")
	mails := append(card.Values(vcard.FieldEmail), "", "")
	for i := range phones {
		phones[i] = strings.TrimPrefix(phones[i], "tel:")
	}
	company, _, _ := strings.Cut(card.PreferredValue(vcard.FieldOrganization), ";")
	return []string{name, card.PreferredValue(vcard.FieldTitle), company, phones[0], phones[1], phones[2], mails[0],
		mails[1], card.PreferredValue(vcard.FieldURL), card.PreferredValue(vcard.FieldNote)}
}
