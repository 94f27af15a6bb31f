package stack

import "sync"

// maxLane is how many messages of one Call-ID wait at most; more are a flood.
const maxLane = 64

// lanes run what has the same key one after the other, and all else side by side.
type lanes struct {
	mu     sync.Mutex
	queues map[string][]func() // of the lanes that run
	closed bool
	work   sync.WaitGroup
}

// run queues f; false when too much waits already, or it is over.
func (l *lanes) run(key string, f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, runs := l.queues[key]
	if l.closed || len(queue) >= maxLane {
		return false
	}
	if l.queues == nil {
		l.queues = map[string][]func(){}
	}
	l.queues[key] = append(queue, f)
	if !runs {
		l.work.Go(func() { l.serve(key) })
	}
	return true
}

func (l *lanes) serve(key string) {
	for batch := l.next(key); batch != nil; batch = l.next(key) {
		for _, f := range batch {
			f()
		}
	}
}

// next takes what waits; nil ends the lane.
func (l *lanes) next(key string) []func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.queues[key]
	if len(queue) == 0 {
		delete(l.queues, key)
		return nil
	}
	l.queues[key] = nil
	return queue
}

// close takes no more, and waits for what runs.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.work.Wait()
}
