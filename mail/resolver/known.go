package resolver

import (
	"errors"
	"slices"
	"time"

	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dns"
)

const (
	maxAnswer = 2048      // bytes of one: strangers choose what is asked
	maxHolds  = time.Hour // whatever its TTL
	maxAbsent = 5 * time.Minute
)

// remembered asks a question unless the answer is known. Those who ask get lists of their own.
func remembered[T any](r *Resolver, kind, name string,
	ask func(dns.StrictResolver) ([]T, adns.Result, error)) ([]T, adns.Result, error) {
	q := question{kind, name}
	if a, ok := r.known.Get(q); ok && time.Now().Before(a.until) {
		list, _ := a.found.([]T)
		return slices.Clone(list), a.result, a.err
	}
	list, result, h, err := fresh(r, ask)
	if holds, size := h.lasting(); size <= maxAnswer && holds > 0 && final(err) {
		longest := maxHolds
		if err != nil {
			longest = maxAbsent
		}
		r.known.Add(q, answer{slices.Clone(list), result, err, time.Now().Add(min(holds, longest))})
	}
	return list, result, err
}

// final tells what DNS answered from trouble in asking.
func final(err error) bool {
	var failed *adns.DNSError
	return err == nil || errors.As(err, &failed) && failed.IsNotFound && !failed.IsTemporary && !failed.IsTimeout
}
