package storetest

import "testing"

// Nobody is given a port that another test has, until that one ends.
func TestPortsAreClaimed(t *testing.T) {
	var port int
	t.Run("holds one", func(t *testing.T) {
		port = FreePort(t, "127.0.0.1")
		if claim, err := claimPort(port); err == nil {
			claim.Close()
			t.Errorf("port %d is given twice", port)
		}
	})
	claim, err := claimPort(port)
	if err != nil {
		t.Fatalf("port %d is not given back: %v", port, err)
	}
	claim.Close()
}
