package input

import (
	"errors"
	"fmt"
	"testing"
)

// A refusal stays one however often it is wrapped, and says what to do about which field.
func TestRefuse(t *testing.T) {
	err := fmt.Errorf("trunk: %w", Refuse("ports", "use at most %d", 8))
	var invalid *Invalid
	if !errors.As(err, &invalid) || invalid.Field != "ports" || invalid.Problem != "use at most 8" {
		t.Errorf("%#v", err)
	}
	if got := err.Error(); got != "trunk: ports: use at most 8" {
		t.Error(got)
	}
}
