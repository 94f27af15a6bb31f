// Package address makes one text of each number and mailbox, however it was typed or sent: the key that joins all
// channels.
package address

import "strings"

// Kind says what an Address is.
type Kind string

const (
	Phone Kind = "phone"
	Email Kind = "email"
)

// Address is a canonical number or mailbox: the key that joins all channels.
type Address struct {
	Kind  Kind
	Value string // E.164 ("+40211234567") or lower-case mailbox; "" when it can't be normalised
	Ext   string
	Raw   string
	Last  string // of a block of numbers that begins at Value: the last one
}

// Anonymous tells that the outside party is not known at all: nothing to match, nobody to call back.
func (a Address) Anonymous() bool {
	return a.Value == "" && (a.Kind != Phone || withheld(BareNumber(a.Raw)))
}

// Internal tells a short number: an extension or a service, never a client.
func (a Address) Internal() bool {
	return a.Kind == Phone && a.Value == "" && len(Digits(BareNumber(a.Raw))) < MinDigits
}

// maxDigits is the length of an E.164 number (ITU-T E.164 §6.2); what has more was not sent by a telephone.
const maxDigits = 15

// Overlong tells a caller whose digits are too many for a number: nobody to call back.
func (a Address) Overlong() bool {
	return a.Kind == Phone && a.Value == "" && len(Digits(BareNumber(a.Raw))) > maxDigits
}

// Key is what an address is remembered by: its value, or the digits of a number that can't be normalised.
func (a Address) Key() string {
	if a.Value != "" || a.Kind != Phone {
		return a.Value
	}
	return a.Ending()
}

// Ending is what a number that can't be normalised can be matched by; "" when that is too little.
func (a Address) Ending() string {
	end := strings.TrimLeft(Digits(BareNumber(a.Raw)), "0")
	if a.Kind != Phone || len(end) < MinDigits {
		return ""
	}
	return end
}

// Show is the address for people.
func (a Address) Show() string {
	if a.Value != "" {
		return a.Value
	}
	return BareNumber(a.Raw)
}
