package remote

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever is started in a test has ended with it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
