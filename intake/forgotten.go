package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/crmcore/bin"
	"frontdesk/store"
)

// personForgotten removes what a person said in calls, when the CRM has forgotten him.
func (in *Intake) personForgotten(ctx context.Context, job store.Job) error {
	var gone bin.Forgotten
	if err := json.Unmarshal(job.Payload, &gone); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	return in.recordings.Erase(ctx, gone.Calls)
}
