package desk

import "frontdesk/store"

// Handle registers the desk's jobs. Call it before jobs.Run.
func (d *Desk) Handle(jobs *store.Jobs) {
	jobs.Handle(sendJob, 4, d.send)
	jobs.Handle(wakeJob, 1, d.wake)
	jobs.Handle(remindJob, 1, d.remind)
}
