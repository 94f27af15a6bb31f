package imap

import (
	"math"
	"sort"
	"strconv"
)

// Range of numbers, both ends in it. 0 is "*", the highest number in use; then the ends may be in any order.
type Range struct{ First, Last uint32 }

// Set of sequence numbers or UIDs.
type Set struct {
	Ranges []Range
	Saved  bool // "$": what the last search saved (RFC 5182), and no Ranges
}

// Set takes one.
func (a *Args) Set() (s Set) {
	if a.Skip('$') {
		return Set{Saved: true}
	}
	for {
		r := Range{First: a.bound()}
		if r.Last = r.First; a.Skip(':') {
			r.Last = a.bound()
		}
		if s.Ranges = append(s.Ranges, r); !a.Skip(',') {
			return s
		}
	}
}

func (a *Args) bound() uint32 {
	if a.Skip('*') {
		return 0
	}
	n := a.Number32()
	if n == 0 {
		a.fail("a number above 0")
	}
	return n
}

// Resolved has its ranges in order, without overlaps, and "*" replaced by the highest number in use; with highest 0
// nothing is in use.
func (s Set) Resolved(highest uint32) Set {
	if highest == 0 {
		highest = math.MaxUint32
	}
	list := make([]Range, len(s.Ranges))
	for i, r := range s.Ranges {
		if r.First == 0 {
			r.First = highest
		}
		if r.Last == 0 {
			r.Last = highest
		}
		list[i] = Range{min(r.First, r.Last), max(r.First, r.Last)}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].First < list[j].First })
	out := list[:0]
	for _, r := range list {
		if n := len(out); n > 0 && uint64(r.First) <= uint64(out[n-1].Last)+1 {
			out[n-1].Last = max(out[n-1].Last, r.Last)
			continue
		}
		out = append(out, r)
	}
	return Set{Ranges: out}
}

// Contains tells whether a number is in a set that is Resolved or made by Add.
func (s Set) Contains(n uint32) bool {
	i := sort.Search(len(s.Ranges), func(i int) bool { return s.Ranges[i].Last >= n })
	return i < len(s.Ranges) && s.Ranges[i].First <= n
}

// Add puts a number behind all that are in the set; numbers given in rising order make few ranges.
func (s *Set) Add(n uint32) {
	if last := len(s.Ranges) - 1; last >= 0 && s.Ranges[last].Last+1 == n {
		s.Ranges[last].Last = n
		return
	}
	s.Ranges = append(s.Ranges, Range{n, n})
}

// Until is a Resolved set without what is above last.
func (s Set) Until(last uint32) (out Set) {
	for _, r := range s.Ranges {
		if r.First <= last {
			out.Ranges = append(out.Ranges, Range{r.First, min(r.Last, last)})
		}
	}
	return out
}

// SetOf numbers in rising order.
func SetOf(numbers []uint32) (s Set) {
	for _, n := range numbers {
		s.Add(n)
	}
	return s
}

// Empty tells whether nothing is in it.
func (s Set) Empty() bool { return len(s.Ranges) == 0 && !s.Saved }

// String is how it is written.
func (s Set) String() string {
	var out []byte
	for i, r := range s.Ranges {
		if i > 0 {
			out = append(out, ',')
		}
		if out = strconv.AppendUint(out, uint64(r.First), 10); r.Last != r.First {
			out = strconv.AppendUint(append(out, ':'), uint64(r.Last), 10)
		}
	}
	return string(out)
}
