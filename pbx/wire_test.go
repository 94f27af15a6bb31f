package pbx

import (
	"math/rand/v2"
	"strings"
	"testing"

	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Whatever bytes a caller sends for name and number, the call has its record, is shown as it was meant, and leaves no
// slot taken.
func TestCallersInAnyBytes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		views := make(chan View, 100)
		x := exchange(t, db, func(v View) {
			if v.State == call.StateEnded {
				views <- v
			}
		})
		defer x.Close()
		call := func(number, name, dialled string) View {
			x.Arrive(calltest.New(Party{Kind: Outside, Trunk: "t", Number: number, Name: name}), dialled)
			return <-views
		}
		if v := call("0722123456", "J\xfcrgen M\xfcller", "+40311000001"); v.FromName != "Jürgen Müller" {
			t.Errorf("shown as %q", v.FromName)
		}
		for range 10 {
			v := call(wireBytes(40), wireBytes(rand.IntN(3000)), wireBytes(500))
			if !store.IsText(v.FromName) || !store.IsText(v.From) || !store.IsText(v.To) {
				t.Errorf("%q %q %q are no text", v.From, v.FromName, v.To)
			}
		}
		<-x.drained() // every slot is given back
		records, _, err := x.Records(t.Context(), ledger.Filter{})
		if err != nil || len(records) != 11 || records[10].FromName != "Jürgen Müller" {
			t.Errorf("%d records, %v", len(records), err)
		}
	})
}

func wireBytes(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte(rand.IntN(256)))
	}
	return b.String()
}
