package live

import "sync"

const maxWaiting = 4 // operations of a tab that wait for people

// operations are those of one tab: some in a row, some beside it.
type operations struct {
	tasks sync.WaitGroup
	row   chan func()
	slots chan struct{}
}

func newOperations() *operations {
	return &operations{row: make(chan func(), opBurst), slots: make(chan struct{}, maxWaiting)}
}

// after has fn done after those before it; false when too many wait.
func (o *operations) after(fn func()) bool {
	select {
	case o.row <- fn:
		return true
	default:
		return false
	}
}

// follow does one after the other, until close.
func (o *operations) follow() {
	for fn := range o.row {
		fn()
	}
}

func (o *operations) start(fn func()) bool {
	select {
	case o.slots <- struct{}{}:
		o.tasks.Go(func() { defer func() { <-o.slots }(); fn() })
		return true
	default:
		return false
	}
}

func (o *operations) close() {
	close(o.row)
	o.tasks.Wait()
}
