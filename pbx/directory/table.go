package directory

import (
	"context"
	"errors"

	"frontdesk/pbx/input"
	"frontdesk/store"
)

// table keeps things of one kind that people make: each has an id, and a name that no other has.
type table struct {
	name    string
	columns string // id and name first
	prompt  string // field of the prompt that a thing says; "": it says none
}

func groupTable() table {
	return table{name: "hunt_group", columns: "id, name, strategy, members, seconds, otherwise"}
}

func queueTable() table {
	return table{name: "queue", prompt: "music",
		columns: "id, name, strategy, agents, seconds, wrap_up, priority, max_waiting, max_wait, leads, " +
			"announce, language, callback, callback_tries, callback_minutes, music"}
}

func scheduleTable() table {
	return table{name: "schedule", columns: "id, name, zone, hours, holidays"}
}

func menuTable() table {
	return table{name: "voice_menu", prompt: "prompt",
		columns: "id, name, prompt, language, keys, wait, repeats, direct, otherwise"}
}

func boxTable() table {
	return table{name: "voicemail_box", columns: "id, name, users, greeting, language, seconds, keeper",
		prompt: "greeting"}
}

// list selects all, by name.
func (t table) list() string { return `SELECT ` + t.columns + ` FROM ` + t.name + ` ORDER BY name, id` }

// hold has nobody delete a prompt, if any, until the transaction ends.
func (t table) hold(ctx context.Context, tx *store.Tx, prompt string) error {
	if prompt == "" {
		return nil
	}
	err := hit(tx.Exec(ctx, `UPDATE prompt SET id = id WHERE id = $1`, prompt))
	if errors.Is(err, ErrNotFound) {
		return input.Refuse(t.prompt, "no such prompt")
	}
	return err
}
