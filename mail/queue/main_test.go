package queue

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Whatever is started in a test has ended with it.
func TestMain(m *testing.M) {
	if what := os.Getenv(asNode); what != "" {
		beNode(what)
		return
	}
	goleak.VerifyTestMain(m)
}
