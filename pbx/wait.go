package pbx

import "time"

// writeLimit is how long a call may take the database's time for what it can't go on without.
const writeLimit = 10 * time.Second

// lookupLimit is how long a caller waits for the CRM, and for the record of his call, unless Config says otherwise.
const lookupLimit = 300 * time.Millisecond

// endPatience is how long the end of a call is shown later than it is, so that whoever reads the history then finds
// it there.
const endPatience = time.Second

// waitFor waits until done is closed, at most for so long.
func waitFor(done <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
