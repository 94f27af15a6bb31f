package offer

import (
	"math/rand/v2"
	"testing"
)

// Each line is rounded, halves away from zero; the tax is that of all lines of a rate, rounded once.
func TestTotals(t *testing.T) {
	for _, c := range []struct {
		name     string
		currency string
		lines    []Line
		nets     []int64
		want     Totals
	}{
		{"nothing", "EUR", nil, nil, Totals{}},
		{"one", "EUR", []Line{{Quantity: 1000, Price: 100_00, Tax: 2100}}, []int64{100_00},
			Totals{Net: 100_00, Tax: 21_00, Total: 121_00}},
		{"a half goes up", "EUR", []Line{{Quantity: 500, Price: 1, Tax: 0}}, []int64{1}, Totals{Net: 1, Total: 1}},
		{"less than a half goes down", "EUR", []Line{{Quantity: 499, Price: 1}}, []int64{0}, Totals{}},
		{"a rebate's half goes down", "EUR", []Line{{Quantity: 1000, Price: 10_00}, {Quantity: 500, Price: -1}},
			[]int64{10_00, -1}, Totals{Net: 9_99, Total: 9_99}},
		{"a third of a discount", "EUR", []Line{{Quantity: 3000, Price: 9_99, Discount: 3333, Tax: 900}},
			[]int64{19_98}, Totals{Net: 19_98, Tax: 1_80, Total: 21_78}},
		// the tax of each line alone would be 0.02 + 0.02 + 0.02
		{"by rate, not by line", "EUR", []Line{{Quantity: 1000, Price: 10, Tax: 1900},
			{Quantity: 1000, Price: 10, Tax: 1900},
			{Quantity: 1000, Price: 9, Tax: 1900}}, []int64{10, 10, 9}, Totals{Net: 29, Tax: 6, Total: 35}},
		{"for nothing", "EUR", []Line{{Quantity: 1000, Price: 5, Discount: 10000, Tax: 2100}}, []int64{0}, Totals{}},
		{"whole units", "JPY", []Line{{Quantity: 1500, Price: 333_00, Tax: 1000}}, []int64{500_00}, Totals{Net: 500_00,
			Tax: 50_00, Total: 550_00}},
		{"the largest", "EUR", []Line{{Quantity: maxQuantity, Price: 1_000_000_000, Tax: 2100}},
			[]int64{1_000_000_000_000_000}, Totals{Net: 1e15, Tax: 21e13, Total: 121e13}},
	} {
		got := Sum(c.currency, c.lines)
		if got.Net != c.want.Net || got.Tax != c.want.Tax || got.Total != c.want.Total {
			t.Errorf("%s: %+v", c.name, got)
		}
		for i, net := range c.nets {
			if c.lines[i].Net != net {
				t.Errorf("%s: line %d comes to %d", c.name, i, c.lines[i].Net)
			}
		}
	}
	rates := Sum("EUR", []Line{{Quantity: 1000, Price: 3, Tax: 2100}, {Quantity: 1000, Price: 5},
		{Quantity: 2000, Price: 3, Tax: 2100}}).Rates
	if len(rates) != 2 || rates[0] != (Taxed{0, 5, 0}) || rates[1] != (Taxed{2100, 9, 2}) {
		t.Errorf("by rate: %+v", rates)
	}
}

// Whatever the lines: the parts add up, their order does not matter, and no rounding is more than half a cent.
func TestTotalsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var list []Line
		for range 1 + r.IntN(9) {
			list = append(list, Line{Quantity: 1 + r.Int64N(5_000_000), Price: r.Int64N(9_000_000) - 1_000_000,
				Discount: r.Int64N(10_001), Tax: []int64{0, 500, 900, 1100, 2100}[r.IntN(5)]})
		}
		got := Sum("EUR", list)
		var net, tax, byLine int64
		for _, x := range got.Rates {
			net, tax = net+x.Net, tax+x.Tax
		}
		for _, l := range list {
			byLine += l.Net
			exact := float64(l.Quantity) * float64(l.Price) * float64(whole-l.Discount) / (thousandths * whole)
			if d := exact - float64(l.Net); d > 0.5001 || d < -0.5001 {
				t.Fatalf("%+v is %f", l, exact)
			}
		}
		if net != got.Net || byLine != got.Net || tax != got.Tax || got.Net+got.Tax != got.Total {
			t.Fatalf("%+v of %+v", got, list)
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if again := Sum("EUR", list); again.Total != got.Total {
			t.Fatalf("in another order: %+v, not %+v", again, got)
		}
	}
}
