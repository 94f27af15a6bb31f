package timeline

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Events of tasks.
const (
	TaskCreated = "task.created"
	taskDone    = "task.done"
	taskOpened  = "task.opened" // again
)

// TellTask tells what became of a task to whoever may read what it is about; of other entries it tells nothing.
func TellTask(ctx context.Context, tx *store.Tx, what string, a Activity) error {
	if a.Kind != "task" {
		return nil
	}
	data := struct {
		Task     string       `json:"task"`
		User     string       `json:"user"`
		Entities []record.Ref `json:"entities"`
	}{a.ID, a.User, a.Entities}
	e := store.Event{Type: what, Key: a.ID, Data: data, For: []string{a.User}}
	if len(a.Entities) > 0 {
		about := record.Foremost(a.Entities)
		e.For, e.Record = nil, store.EventRecord{Kind: string(about.Kind), ID: about.ID}
	}
	return tx.Tell(ctx, e)
}
