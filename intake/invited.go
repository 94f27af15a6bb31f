package intake

import (
	"context"
	"slices"

	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// Invited tells the CRM whose titles of meetings a user may read.
type Invited struct {
	Directory *directory.Directory
	DB        *store.DB
}

// OpenTo are those of the sources that are open to a user: meetings that he is or was invited to, calls into those, and
// calls into none.
func (m Invited) OpenTo(ctx context.Context, user string, sources []string) (map[string]bool, error) {
	calls, err := ledger.MeetingsOf(ctx, m.DB, sources)
	if err != nil {
		return nil, err
	}
	meetings := slices.DeleteFunc(slices.Clone(sources), func(id string) bool { _, call := calls[id]; return call })
	for _, meeting := range calls {
		if meeting != "" && !slices.Contains(meetings, meeting) {
			meetings = append(meetings, meeting)
		}
	}
	open, err := m.Directory.OpenTo(ctx, user, meetings)
	if err != nil {
		return nil, err
	}
	for call, meeting := range calls {
		open[call] = meeting == "" || open[meeting]
	}
	return open, nil
}
