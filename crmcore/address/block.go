package address

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Numbers of one head: a company's block, and those with another end.

var (
	// aBlock is a first number with the last one, or with the end of that ("+40 21 555 0100-0199"); aCount is how many
	// there are, and aMask a number with signs in the place of its last digits.
	aBlock = regexp.MustCompile(`^(\+?[0-9 ().\-]*[0-9]) *(?:-|\.\.+) *(\+?[0-9][0-9 ().\-]*)$`)
	aCount = regexp.MustCompile(`(?:block(?: of)?|bloc(?: de)?|блок(?: из)?) +([0-9]{1,5})|[(,;/ ]([0-9]{1,5}) +(?:numbers|(?:de )?numere|номер)`)
	aMask  = regexp.MustCompile(`^(\+?[0-9 ().\-]*[0-9])[ .\-]*(x{1,4}|х{1,4}|\*{1,4}|\?{1,4})$`)
	// anEnding is a number with other ends ("021 555 01 15/16").
	anEnding = regexp.MustCompile(`^(\+?[0-9 ().\-]*[0-9])((?: */ *[0-9]{1,4})+)$`)
)

// BlockDigits is in how many of their last digits the numbers of a block differ at most.
const BlockDigits = 4

// blockOf reads a block of numbers; nil where a text is none. The last number, written whole, is one of its own too:
// the hyphen may as well stand between two.
func blockOf(text, region string) []Address {
	if _, whole := typedOne(piece{text, ""}, region); whole {
		return nil // a hyphen within a number
	}
	if m := aBlock.FindStringSubmatch(text); m != nil {
		return blockTo(m[1], m[2], region)
	}
	if m := aMask.FindStringSubmatch(text); m != nil {
		n := len([]rune(m[2]))
		return block(m[1]+strings.Repeat("0", n), strings.Repeat("9", n), region)
	}
	m := aCount.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	found := pieces(strings.Replace(text, m[0], "", 1))
	count, err := strconv.Atoi(cmp.Or(m[1], m[2]))
	if len(found) != 1 || err != nil {
		return nil
	}
	first, ok := typedOne(found[0], region)
	if !ok || len(first.Value) <= BlockDigits+2 {
		return nil
	}
	from, _ := strconv.Atoi(first.Value[len(first.Value)-BlockDigits:])
	return block(found[0].number, fmt.Sprintf("%0*d", BlockDigits, from+count-1), region)
}

func blockTo(first, last, region string) []Address {
	whole, ok := typedOne(piece{last, ""}, region)
	if !ok {
		return block(first, Digits(last), region)
	}
	from, to := len(whole.Value)-BlockDigits, whole.Value
	all := block(first, to[max(from, 0):], region)
	if all == nil || all[0].Last != to {
		return nil
	}
	return append(all, whole)
}

// block is the numbers from first to the one with another end; nil when that is none behind it.
func block(first, end, region string) []Address {
	a, ok := typedOne(piece{first, ""}, region)
	if !ok || len(end) > BlockDigits || len(a.Value) <= BlockDigits+2 {
		return nil
	}
	if a.Last = a.Value[:len(a.Value)-len(end)] + end; a.Last <= a.Value {
		return nil
	}
	return []Address{a}
}

// withEndings reads a number with the ends of others of its head; nil where a text is none.
func withEndings(text, region string) []Address {
	m := anEnding.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	first, ok := typedOne(piece{m[1], ""}, region)
	all := []Address{first}
	for _, end := range strings.Split(m[2], "/")[1:] {
		end = strings.TrimSpace(end)
		other, also := typedOne(piece{first.Value[:max(0, len(first.Value)-len(end))] + end, ""}, region)
		ok, all = ok && also, append(all, other)
	}
	if !ok {
		return nil
	}
	return all
}
