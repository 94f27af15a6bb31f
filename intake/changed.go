package intake

import (
	"frontdesk/pbx"
	"frontdesk/store"
)

// Changed carries every change of a running call or meeting to the browsers of those in it, and its steps to the event stream.
func (in *Intake) Changed(view pbx.View) {
	users := usersOf(view)
	in.screens.Call(view)
	if view.Meeting != "" {
		in.meeting(view)
		return
	}
	before := in.note(view)
	if view.Direction == "out" && view.State != "routing" && (before == "" || before == "routing") {
		in.tasks.Go(func() { in.placed(view) })
	}
	if event := "call." + view.State; view.State != before && view.State != "routing" && view.State != "ended" {
		in.live.add(store.Event{Type: event, Key: view.Call, For: users, Data: view})
	}
}
