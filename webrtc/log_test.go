package webrtc

import (
	"sync"
	"testing"
)

// outputOf is where a test prints. What comes after its end is dropped: goroutines of pion outlive the connection they
// belong to, and a word of theirs then would be a panic.
func outputOf(t testing.TB) *output {
	o := &output{t: t}
	t.Cleanup(o.end)
	return o
}

type output struct {
	mu sync.Mutex
	t  testing.TB // nil: it is over
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.t = nil
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.t == nil {
		return len(text), nil
	}
	return o.t.Output().Write(text)
}

// A goroutine that outlives a test may go on writing.
func TestOutputAfterTheEnd(t *testing.T) {
	var o *output
	t.Run("ended", func(t *testing.T) { o = outputOf(t) })
	if n, err := o.Write([]byte("late\n")); n != 5 || err != nil {
		t.Error(n, err)
	}
}
