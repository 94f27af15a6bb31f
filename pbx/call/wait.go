package call

import "time"

// WriteLimit is how long a call may take the database's time for what it can't go on without.
const WriteLimit = 10 * time.Second

// LookupLimit is how long a caller waits for the CRM, and for the record of his call, unless Config says otherwise.
const LookupLimit = 300 * time.Millisecond

// EndPatience is how long the end of a call is shown later than it is, so that whoever reads the history then finds
// it there.
const EndPatience = time.Second

// WaitFor waits until done is closed, at most for so long.
func WaitFor(done <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
