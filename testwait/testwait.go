// Package testwait is how tests wait: for a condition, never for a time.
package testwait

import (
	"testing"
	"time"
)

// Limit is how long a test waits for what must come. Only a failing one takes it, so it says how late a hang is told
// and never whether the program is right: it is enough for a machine where twenty processes want each core.
const Limit = 2 * time.Minute

// Until polls until ok, or fails the test.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(Limit); !ok(); time.Sleep(3 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}
