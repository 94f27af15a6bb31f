package storetest

import "testing"

// Nobody is given a port that another test has, until that one ends.
func TestPortsAreClaimed(t *testing.T) {
	var port int
	t.Run("holds one", func(t *testing.T) {
		port = FreePorts(t, "127.0.0.1", 2)
		for _, pair := range []int{port, port + 2} {
			if claim, err := claimPort(pair); err == nil {
				claim.Close()
				t.Errorf("port %d is given twice", pair)
			}
		}
	})
	for _, pair := range []int{port, port + 2} {
		claim, err := claimPort(pair)
		if err != nil {
			t.Fatalf("port %d is not given back: %v", pair, err)
		}
		claim.Close()
	}
}
