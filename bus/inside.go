package bus

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// inside is the transport of a node that is alone, from one goroutine to another: a NATS server in the process would
// do the same, at a seventh of the program's size.
type inside struct {
	log  *slog.Logger
	over chan struct{} // closed by close
	busy sync.WaitGroup

	mu    sync.Mutex
	named map[string][]*subscription // by subject, without wildcards
	wild  []*subscription
	ended bool
}

// subscription has a goroutine while something waits for it.
type subscription struct {
	in      *inside
	subject string
	fn      func(message)

	// Under in.mu.
	waits   []message
	running bool
	slow    bool // and it was said
	stopped bool
}

// maxWaiting messages wait for one subscriber; more are lost, as a NATS client loses them.
const maxWaiting = 65_536

var errClosed = errors.New("closed")

func newInside(log *slog.Logger) *inside {
	return &inside{log: log, over: make(chan struct{}), named: map[string][]*subscription{}}
}

func (in *inside) publish(subject string, data []byte) error {
	_, err := in.deliver(message{subject, data, func([]byte) error { return nil }})
	return err
}

// deliver hands m to all who subscribe to its subject, and says how many these are.
func (in *inside) deliver(m message) (receivers int, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		return 0, errClosed
	}
	for _, s := range in.named[m.subject] {
		s.take(m)
		receivers++
	}
	for _, s := range in.wild {
		if matches(s.subject, m.subject) {
			s.take(m)
			receivers++
		}
	}
	return receivers, nil
}

func (in *inside) listeners(subject string) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := len(in.named[subject])
	for _, s := range in.wild {
		if matches(s.subject, subject) {
			n++
		}
	}
	return n
}

// take is called under in.mu.
func (s *subscription) take(m message) {
	if len(s.waits) >= maxWaiting {
		if !s.slow {
			s.in.log.Warn("bus: a subscriber is too slow", "subject", s.subject)
		}
		s.slow = true
		return
	}
	s.slow = false
	s.waits = append(s.waits, m)
	if !s.running {
		s.running = true
		s.in.busy.Go(s.run)
	}
}

func (s *subscription) run() {
	for {
		s.in.mu.Lock()
		waits := s.waits
		s.waits = nil
		s.running = len(waits) > 0
		s.in.mu.Unlock()
		if len(waits) == 0 {
			return
		}
		for _, m := range waits {
			if !s.over() {
				s.fn(m)
			}
		}
	}
}

func (s *subscription) over() bool {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	return s.stopped
}

func (in *inside) subscribe(subject string, fn func(message)) (stop func(), err error) {
	s := &subscription{in: in, subject: subject, fn: fn}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		return nil, errClosed
	}
	if strings.ContainsAny(subject, "*>") {
		in.wild = append(in.wild, s)
	} else {
		in.named[subject] = append(in.named[subject], s)
	}
	return s.stop, nil
}

func (s *subscription) stop() {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	s.stopped, s.waits = true, nil
	s.in.wild = without(s.in.wild, s)
	if left := without(s.in.named[s.subject], s); len(left) > 0 {
		s.in.named[s.subject] = left
	} else {
		delete(s.in.named, s.subject)
	}
}

func without(all []*subscription, s *subscription) []*subscription {
	return slices.DeleteFunc(all, func(other *subscription) bool { return other == s })
}

// matches tells whether subject is one of those that pattern stands for.
func matches(pattern, subject string) bool {
	for {
		want, patternRest, more := strings.Cut(pattern, ".")
		if want == ">" {
			return true
		}
		word, rest, has := strings.Cut(subject, ".")
		if want != "*" && want != word || more != has {
			return false
		}
		if !more {
			return true
		}
		pattern, subject = patternRest, rest
	}
}

func (in *inside) request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	answer := make(chan []byte, 1)
	receivers, err := in.deliver(message{subject, data, func(reply []byte) error {
		select {
		case answer <- reply:
		default: // another was first
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	if receivers == 0 {
		return nil, ErrNobody
	}
	select {
	case reply := <-answer:
		return reply, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-in.over:
		return nil, errClosed
	}
}

func (in *inside) onMissed(func()) {} // nothing is lost

func (in *inside) connected() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return !in.ended
}

func (in *inside) closed() <-chan struct{} { return in.over }

func (in *inside) err() error { return nil }

func (in *inside) close() {
	in.mu.Lock()
	again := in.ended
	in.ended = true
	in.mu.Unlock()
	if again {
		return
	}
	in.busy.Wait()
	close(in.over)
}
