package intake

import "frontdesk/pbx"

// Changed carries every change of a running call or meeting to the browsers of those in it.
func (in *Intake) Changed(view pbx.View) {
	in.screens.Call(view)
	if view.Meeting != "" {
		in.meeting(view)
		return
	}
	before := in.note(view)
	if view.Direction == "out" && view.State != "routing" && (before == "" || before == "routing") {
		in.tasks.Go(func() { in.placed(view) })
	}
}
