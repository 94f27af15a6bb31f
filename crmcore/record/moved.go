package record

import (
	"context"
	"errors"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Moved tells that a record was merged into another, which the asker may see. It is store.ErrNotFound, too.
type Moved struct{ From, To Ref }

// Error says it to people.
func (m *Moved) Error() string { return "it was merged into another record" }

// Is tells whether it is another error, too.
func (m *Moved) Is(target error) bool { return target == store.ErrNotFound }

// maxMoves is how often a record may have been merged on.
const maxMoves = 50

// Follow is the id of the record that one was merged into, maybe again and again; its own when it was not.
func Follow(ctx context.Context, db store.Queries, id string) (string, error) {
	for range maxMoves {
		next, err := query.One(ctx, db, query.Text, query.New("SELECT into_id FROM merged WHERE id = ?", id))
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return "", err
		}
		id = next
	}
	return id, nil
}
