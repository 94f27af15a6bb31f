package mailbox

import (
	"slices"
	"testing"
)

func even(n int) bool { return n%2 == 0 }

func TestWhatIsPutIsTakenInOrder(t *testing.T) {
	b := New[int]()
	for n := range 5 {
		if !b.Put(n, false) {
			t.Fatal(n)
		}
	}
	<-b.Wake()
	if got := b.TakeOf(even); !slices.Equal(got, []int{0, 2, 4}) {
		t.Errorf("of the even ones %v", got)
	}
	if got := b.Take(); !slices.Equal(got, []int{1, 3}) || !b.Idle() {
		t.Errorf("of the rest %v", got)
	}
}

// Who must come through does so in a crowd; after the end nobody does, and what nobody took is told.
func TestACrowdAndTheEnd(t *testing.T) {
	b := New[int]()
	for n := range Crowded {
		b.Put(n, false)
	}
	if b.Put(-1, false) || !b.Put(-2, true) {
		t.Error("too many wait, or one that must come through does not")
	}
	if left := b.Close(); len(left) != Crowded+1 || left[Crowded] != -2 {
		t.Errorf("%d are left", len(left))
	}
	if b.Put(0, true) {
		t.Error("put after the end")
	}
}

// A sender that moves is announced first; then comes what of it was waiting, then what it says from now on.
func TestASenderMoves(t *testing.T) {
	from, to := New[string](), New[string]()
	h := NewHome(from)
	h.Put("first", false)
	if !h.Move(to, "announced", from.Take) || !h.Put("later", false) {
		t.Fatal("not moved")
	}
	if got := to.Take(); !slices.Equal(got, []string{"announced", "first", "later"}) || !from.Idle() {
		t.Errorf("there waits %v", got)
	}
	from.Close()
	if h.Move(from, "back", func() []string { t.Error("taken out for a move that fails"); return nil }) {
		t.Error("moved to where nobody is")
	}
	if h.Put("still here", false); !slices.Equal(to.Take(), []string{"still here"}) {
		t.Error("lost its home")
	}
}
