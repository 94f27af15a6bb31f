// Package setup writes what mail programs and phones set themselves up by: Thunderbird's configuration, Outlook's
// autodiscovery and Apple's profiles.
package setup

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
)

// Account is what a mail program has to know. It logs in with the address.
type Account struct {
	Company string // what the account is called
	Address string // of the mailbox; "" where only the domain is known
	Name    string // of who sends
	Domain  string
	Host    string
	In, Out Door
}

// Door is a way in.
type Door struct {
	Port uint16
	TLS  bool // from the first byte; else STARTTLS
}

// Doors chooses ports that encrypt from the first byte where there are such (RFC 8314), by their names of RFC 6186.
// ok is
// false where a program could not both read and send.
func Doors(services map[string]uint16) (in, out Door, ok bool) {
	choose := func(best, other string) Door {
		if port := services[best]; port != 0 {
			return Door{port, true}
		}
		return Door{services[other], false}
	}
	in, out = choose("imaps", "imap"), choose("submissions", "submission")
	return in, out, in.Port != 0 && out.Port != 0
}

// file is a document of XML.
func file(document any) []byte {
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(err) // the types here can all be written
	}
	return append([]byte(xml.Header), append(text, '\n')...)
}

// uuid is a name-based one (RFC 9562 section 5.8): the same for the same name, so that a profile replaces its older
// self.
func uuid(name string) string {
	sum := sha256.Sum256([]byte("frontdesk " + name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
