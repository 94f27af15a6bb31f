package crmcore

import "strings"

// AddressKind says what an Address is.
type AddressKind string

const (
	Phone AddressKind = "phone"
	Email AddressKind = "email"
)

// Address is a canonical number or mailbox: the key that joins all channels.
type Address struct {
	Kind  AddressKind
	Value string // E.164 ("+40211234567") or lower-case mailbox; "" when it can't be normalised
	Ext   string
	Raw   string
	Last  string // of a block of numbers that begins at Value: the last one
}

// Anonymous tells that the outside party is not known at all: nothing to match, nobody to call back.
func (a Address) Anonymous() bool {
	return a.Value == "" && (a.Kind != Phone || withheld(bareNumber(a.Raw)))
}

// Internal tells a short number: an extension or a service, never a client.
func (a Address) Internal() bool {
	return a.Kind == Phone && a.Value == "" && len(digits(bareNumber(a.Raw))) < minDigits
}

// maxDigits is the length of an E.164 number (ITU-T E.164 §6.2); what has more was not sent by a telephone.
const maxDigits = 15

// Overlong tells a caller whose digits are too many for a number: nobody to call back.
func (a Address) Overlong() bool {
	return a.Kind == Phone && a.Value == "" && len(digits(bareNumber(a.Raw))) > maxDigits
}

// key is what an address is remembered by: its value, or the digits of a number that can't be normalised.
func (a Address) key() string {
	if a.Value != "" || a.Kind != Phone {
		return a.Value
	}
	return a.ending()
}

// ending is what a number that can't be normalised can be matched by; "" when that is too little.
func (a Address) ending() string {
	end := strings.TrimLeft(digits(bareNumber(a.Raw)), "0")
	if a.Kind != Phone || len(end) < minDigits {
		return ""
	}
	return end
}

// show is the address for people.
func (a Address) show() string {
	if a.Value != "" {
		return a.Value
	}
	return bareNumber(a.Raw)
}
