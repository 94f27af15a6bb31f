package offer

import (
	"cmp"
	"math/big"
	"slices"
)

const (
	thousandths = 1000
	whole       = 10_000 // hundredths of a percent
)

// Smallest is the least amount of a currency, in hundredths of its unit.
func Smallest(currency string) int64 {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 100
	}
	return 1
}

// Sum works out the net of each line, and the totals.
func Sum(currency string, lines []Line) (t Totals) {
	least := Smallest(currency)
	t.Rates = []Taxed{}
	for i := range lines {
		l := &lines[i]
		l.Net = rounded(least, thousandths*whole, l.Quantity, l.Price, whole-l.Discount)
		at, known := slices.BinarySearchFunc(t.Rates, l.Tax, func(r Taxed, rate int64) int {
			return cmp.Compare(r.Rate, rate)
		})
		if !known {
			t.Rates = slices.Insert(t.Rates, at, Taxed{Rate: l.Tax})
		}
		t.Rates[at].Net += l.Net
		t.Net += l.Net
	}
	for i := range t.Rates {
		r := &t.Rates[i]
		r.Tax = rounded(least, whole, r.Net, r.Rate)
		t.Tax += r.Tax
	}
	t.Total = t.Net + t.Tax
	return t
}

// rounded is the product of the factors divided by a number, to the nearest multiple of least.
func rounded(least, by int64, factors ...int64) int64 {
	product := big.NewInt(1)
	for _, f := range factors {
		product.Mul(product, big.NewInt(f))
	}
	divisor := new(big.Int).Mul(big.NewInt(by), big.NewInt(least))
	negative := product.Sign() < 0
	product.Abs(product).Lsh(product, 1).Add(product, divisor)
	n := product.Quo(product, divisor.Lsh(divisor, 1)).Int64() * least
	if negative {
		return -n
	}
	return n
}
