package mail

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// Flags of a message (RFC 9051 section 2.3.2).
type Flags struct {
	Seen, Flagged, Answered, Draft, Deleted bool
	Keywords                                []string // without system flags; compared without case
}

// FlagOp is how ChangeFlags applies its flags.
type FlagOp int

const (
	SetFlags FlagOp = iota // exactly these
	AddFlags
	RemoveFlags
)

// State is what a session knows of a message in a folder.
type State struct {
	ID     string
	UID    uint32
	ModSeq int64
	Flags  Flags
}

// maxKeywords of one message, each at most 64 bytes.
const maxKeywords = 50

// keywords is how the database keeps them.
func keywords(list []string) string {
	var kept []string
	for _, k := range list {
		k = coding.Clean(k, 64)
		if k == "" || strings.ContainsAny(k, " \t\r\n") || hasKeyword(kept, k) {
			continue
		}
		if kept = append(kept, k); len(kept) == maxKeywords {
			break
		}
	}
	return strings.Join(kept, " ")
}

func hasKeyword(list []string, k string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, k) })
}

func (f Flags) apply(op FlagOp, o Flags) Flags {
	switch op {
	case AddFlags:
		return Flags{f.Seen || o.Seen, f.Flagged || o.Flagged, f.Answered || o.Answered, f.Draft ||
			o.Draft, f.Deleted || o.Deleted,
			append(slices.Clone(f.Keywords), o.Keywords...)}
	case RemoveFlags:
		rest := slices.DeleteFunc(slices.Clone(f.Keywords), func(k string) bool { return hasKeyword(o.Keywords, k) })
		return Flags{f.Seen && !o.Seen, f.Flagged && !o.Flagged, f.Answered && !o.Answered, f.Draft && !o.Draft,
			f.Deleted && !o.Deleted, rest}
	}
	return o
}

// comparable is a form of Flags that can be a map's key.
type comparableFlags struct {
	seen, flagged, answered, draft, deleted bool
	keywords                                string
}

func (f Flags) comparable() comparableFlags {
	return comparableFlags{f.Seen, f.Flagged, f.Answered, f.Draft, f.Deleted, keywords(f.Keywords)}
}

func (f comparableFlags) flags() Flags {
	return Flags{f.seen, f.flagged, f.answered, f.draft, f.deleted, strings.Fields(f.keywords)}
}

// chunk is how many values go into one IN list.
const chunk = 500

// ChangeFlags changes the flags of messages of a folder, and returns the new state of all of them that exist, by UID.
func (b *Box) ChangeFlags(ctx context.Context, f Folder, uids []uint32, op FlagOp, flags Flags) ([]State, error) {
	states, _, err := b.ChangeFlagsIf(ctx, f, uids, op, flags, -1)
	return states, err
}

// ChangeFlagsIf is ChangeFlags for those messages that didn't change after a mod-sequence, unless it is negative; it
// returns the UIDs of the others as stale.
func (b *Box) ChangeFlagsIf(ctx context.Context, f Folder, uids []uint32, op FlagOp, flags Flags,
	unchanged int64) (states []State, stale []uint32, err error) {
	err = b.change(ctx, f.Mailbox, func(tx *store.Tx) error {
		stale = nil
		states, err = messageStates(ctx, tx, f.ID, uids)
		if err != nil {
			return err
		}
		states = slices.DeleteFunc(states, func(s State) bool {
			late := unchanged >= 0 && s.ModSeq > unchanged
			if late {
				stale = append(stale, s.UID)
			}
			return late
		})
		return writeFlags(ctx, tx, f.ID, states, op, flags)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("change flags: %w", err)
	}
	return states, stale, nil
}

// writeFlags updates states and the rows behind them, all that end up with the same flags in one statement.
func writeFlags(ctx context.Context, tx *store.Tx, folder string, states []State, op FlagOp, flags Flags) error {
	groups := map[comparableFlags][]string{}
	unseen := 0
	var changed []*State
	for i := range states {
		s := &states[i]
		after := s.Flags.apply(op, flags).comparable()
		if after == s.Flags.comparable() {
			continue
		}
		unseen += count(!after.seen) - count(!s.Flags.Seen)
		groups[after] = append(groups[after], s.ID)
		s.Flags = after.flags()
		changed = append(changed, s)
	}
	if len(changed) == 0 {
		return nil
	}
	modseq, err := touch(ctx, tx, folder, 0, unseen)
	if err != nil {
		return err
	}
	for _, s := range changed {
		s.ModSeq = modseq
	}
	return updateGroups(ctx, tx, groups, modseq)
}

func updateGroups(ctx context.Context, tx *store.Tx, groups map[comparableFlags][]string, modseq int64) error {
	for f, ids := range groups {
		for part := range slices.Chunk(ids, chunk) {
			list, args := in([]any{f.seen, f.flagged, f.answered, f.draft, f.deleted, f.keywords, modseq}, part)
			if _, err := tx.Exec(ctx, `UPDATE mail_message SET seen = $1, flagged = $2, answered = $3, draft = $4, deleted = $5, keywords = $6, modseq = $7
				WHERE id IN `+list, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch counts a change of a folder and moves its counters.
func touch(ctx context.Context, tx *store.Tx, folder string, total, unseen int) (modseq int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE mail_folder SET modseq = modseq + 1, total = total + $1, unseen = unseen + $2 WHERE id = $3 RETURNING modseq`,
		total, unseen, folder).Scan(&modseq)
	return modseq, store.Found(err)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

const stateColumns = `id, uid, modseq, seen, flagged, answered, draft, deleted, keywords`

func scanState(row store.Row) (s State, err error) {
	var words string
	err = row.Scan(&s.ID, &s.UID, &s.ModSeq, &s.Flags.Seen, &s.Flags.Flagged, &s.Flags.Answered, &s.Flags.Draft,
		&s.Flags.Deleted, &words)
	s.Flags.Keywords = strings.Fields(words)
	return s, err
}

// messageStates reads those of a folder with these UIDs, by UID.
func messageStates(ctx context.Context, q store.Queries, folder string, uids []uint32) ([]State, error) {
	uids = slices.Clone(uids)
	slices.Sort(uids)
	states := []State{}
	for part := range slices.Chunk(slices.Compact(uids), chunk) {
		list, args := in([]any{folder}, part)
		rows, err := q.Query(ctx, `SELECT `+stateColumns+` FROM mail_message WHERE folder = $1 AND uid IN `+list+
			` ORDER BY uid`, args...)
		more, err := store.Collect(rows, err, scanState)
		if err != nil {
			return nil, err
		}
		states = append(states, more...)
	}
	return states, nil
}
