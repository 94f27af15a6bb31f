package webrtc

import (
	"io"
	"sync"
	"testing"
)

// outputOf is where a test prints. What comes after its end is dropped: goroutines of pion outlive the connection they
// belong to, and a word of theirs then would be a panic.
func outputOf(t testing.TB) *output {
	o := &output{to: t.Output()}
	t.Cleanup(o.end)
	return o
}

type output struct {
	mu sync.Mutex
	to io.Writer // nil: the test is over
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.to == nil {
		return len(text), nil
	}
	return o.to.Write(text)
}

// A goroutine that outlives a test may go on writing.
func TestOutputAfterTheEnd(t *testing.T) {
	var o *output
	t.Run("ended", func(t *testing.T) { o = outputOf(t) })
	if n, err := o.Write([]byte("late\n")); n != 5 || err != nil {
		t.Error(n, err)
	}
}
