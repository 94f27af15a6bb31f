package pbx

import "testing"

// Lines that do not answer are tried after those that do; else the order stays.
func TestLinesThatAreDownComeLast(t *testing.T) {
	x := &Exchange{hooks: Hooks{LineDown: func(trunk string) bool { return trunk == "a" || trunk == "c" }}}
	steps := []Step{{Trunk: "a"}, {Users: []string{"u"}}, {Trunk: "b"}, {Trunk: "c"}, {Trunk: "d"}}
	got := ""
	for _, s := range x.downLast(steps) {
		got += s.Trunk + " "
	}
	if got != " b d a c " || steps[0].Trunk != "a" {
		t.Errorf("order %q", got)
	}
}
