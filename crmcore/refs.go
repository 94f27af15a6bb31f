package crmcore

import (
	"slices"

	"frontdesk/crmcore/record"
)

func sameRefs(a, b []record.Ref) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r record.Ref) bool { return !slices.Contains(b, r) })
}

// first are the first n of all, or fewer.
func first[T any](n int, all []T) []T { return all[:min(len(all), n)] }
