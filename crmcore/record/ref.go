// Package record is how the records of the CRM are told apart, kept, found and listed, whatever their kind.
package record

import (
	"slices"

	"frontdesk/store"
)

// Kind names a kind of record.
type Kind string

const (
	Contact Kind = "contact"
	Company Kind = "company"
	Lead    Kind = "lead"
	Deal    Kind = "deal"
)

// Ref points to a record.
type Ref struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

// Ref points to the record of this kind with an id.
func (k Kind) Ref(id string) Ref { return Ref{k, id} }

// tableOf names the table of a kind of record; an unknown kind is store.ErrNotFound, since kinds come in URLs.
func tableOf(kind Kind) (string, error) {
	switch kind {
	case Contact, Company, Lead, Deal:
		return string(kind), nil
	}
	return "", store.ErrNotFound
}

// ScanRef scans a line of kind and id.
func ScanRef(r store.Row) (ref Ref, err error) { return ref, r.Scan(&ref.Kind, &ref.ID) }

// Named is a record with its name.
type Named struct {
	Ref
	Name string `json:"name"`
}

// Distinct keeps the first of each.
func Distinct(refs []Ref) (out []Ref) {
	for _, ref := range refs {
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// Foremost is whom an entry is about: the person before what he belongs to.
func Foremost(refs []Ref) Ref {
	for _, kind := range []Kind{Contact, Lead, Company} {
		if i := slices.IndexFunc(refs, func(r Ref) bool { return r.Kind == kind }); i >= 0 {
			return refs[i]
		}
	}
	return refs[0]
}

// Kinds are all there are.
func Kinds() []Kind { return []Kind{Contact, Company, Lead, Deal} }
