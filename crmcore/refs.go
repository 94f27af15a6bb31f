package crmcore

import (
	"slices"

	"frontdesk/store"
)

// scanRef scans a line of kind and id.
func scanRef(r store.Row) (ref Ref, err error) { return ref, r.Scan(&ref.Kind, &ref.ID) }

// distinct keeps the first of each.
func distinct(refs []Ref) (out []Ref) {
	for _, ref := range refs {
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

func sameRefs(a, b []Ref) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r Ref) bool { return !slices.Contains(b, r) })
}

// foremost is whom an entry is about: the person before what he belongs to.
func foremost(refs []Ref) Ref {
	for _, kind := range []EntityKind{KindContact, KindLead, KindCompany} {
		if i := slices.IndexFunc(refs, func(r Ref) bool { return r.Kind == kind }); i >= 0 {
			return refs[i]
		}
	}
	return refs[0]
}

// first are the first n of all, or fewer.
func first[T any](n int, all []T) []T { return all[:min(len(all), n)] }
