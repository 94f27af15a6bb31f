// Package guard bounds what strangers may do at every door: how often, how many at once, and how many wrong passwords.
//
// What it knows may be lost: it bounds load and guessing, it grants nothing. Its tables are bounded, and a full one
// forgets what was used longest ago, never more: a flood of new names or addresses lifts no lock but the stalest.
package guard

import (
	"net/netip"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Network is what counts as one source: an IPv4 address, or the IPv6 /64 that one customer gets. The zero address is a
// source too.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // bits fit the family; the zero address has the zero prefix
	return p
}

// NetworkOf is the Network of an address in text; what is none is one source with all that is none.
func NetworkOf(text string) netip.Prefix {
	a, _ := netip.ParseAddr(text)
	return Network(a)
}

// table keeps at most so many entries, those used last; it is not safe for concurrent use.
type table[K comparable, V any] struct{ lru *simplelru.LRU[K, V] }

func newTable[K comparable, V any](kept int) table[K, V] {
	lru, err := simplelru.NewLRU[K, V](max(kept, 1), nil)
	if err != nil {
		panic(err) // only for a size below one
	}
	return table[K, V]{lru}
}

// of finds an entry, or makes it; either way it is now the one used last.
func (t table[K, V]) of(key K, fresh func() V) V {
	v, ok := t.lru.Get(key)
	if !ok {
		v = fresh()
		t.lru.Add(key, v)
	}
	return v
}
