package crmcore

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
}
