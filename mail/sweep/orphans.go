package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrForeign is the error of a search that finds so much that nothing refers to that the store can't be this database's
// alone.
var ErrForeign = errors.New("too much of the store of contents belongs to no message: it is shared with another " +
	"installation, or the database is an older copy; nothing was touched")

// A store may hold this many orphans, or one in so many contents, before a search believes its database rather than the
// store.
const (
	fewOrphans  = 1000
	orphanShare = 100
)

// together contents are asked for in one query.
const together = 500

// FindOrphans looks for contents that nothing refers to: a node died between their storing and their message. It leaves
// them to Sweep, which deletes them after their time, unless a message came: what is just being delivered takes itself
// off that list, on whatever node. kept is as in Sweep.
func (s *Sweeper) FindOrphans(ctx context.Context,
	kept func(ctx context.Context, blob string) (bool, error)) (found int, err error) {
	var orphans, batch []string
	all := 0
	look := func() error {
		more, err := s.orphansOf(ctx, batch, kept)
		all, orphans, batch = all+len(batch), append(orphans, more...), batch[:0]
		return err
	}
	err = s.blobs.Each(ctx, func(key string) error {
		if batch = append(batch, key); len(batch) < together {
			return nil
		}
		return look()
	})
	if err == nil {
		err = look()
	}
	if err == nil && len(orphans) > max(fewOrphans, all/orphanShare) {
		err = fmt.Errorf("%d of %d: %w", len(orphans), all, ErrForeign)
	}
	for i := 0; i < len(orphans) && err == nil; i++ {
		_, err = s.db.Exec(ctx, `INSERT INTO mail_dropped (blob, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			orphans[i], store.Micros(time.Now()))
	}
	if err != nil {
		return 0, fmt.Errorf("find orphans: %w", err)
	}
	return len(orphans), nil
}

// orphansOf are those of some contents that nothing refers to and no sweep knows of.
func (s *Sweeper) orphansOf(ctx context.Context, blobs []string,
	kept func(context.Context, string) (bool, error)) (orphans []string, err error) {
	if len(blobs) == 0 {
		return nil, nil
	}
	known, err := query.All(ctx, s.db, query.Text, query.New(`SELECT blob FROM mail_message WHERE blob`).In(blobs).
		Add(` UNION SELECT blob FROM mail_dropped WHERE blob`).In(blobs))
	if err != nil {
		return nil, err
	}
	claimed := map[string]bool{}
	for _, blob := range known {
		claimed[blob] = true
	}
	for _, blob := range blobs {
		if claimed[blob] {
			continue
		}
		if kept != nil {
			if needed, err := kept(ctx, blob); err != nil || needed {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		orphans = append(orphans, blob)
	}
	return orphans, nil
}
