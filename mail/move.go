package mail

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"frontdesk/mail/conversation"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Moved tells the UID that a message had and the one it has, or its copy has, in the other folder.
type Moved struct{ From, To uint32 }

// MoveUIDs moves messages to another folder, also of another mailbox. The ids of messages that stay in their mailbox
// stay.
func (b *Box) MoveUIDs(ctx context.Context, f Folder, uids []uint32, to Folder) (moved []Moved, err error) {
	if f.Mailbox != to.Mailbox {
		return b.moveAcross(ctx, f, uids, to)
	}
	err = b.change(ctx, f.Mailbox, func(tx *store.Tx) error {
		states, news, err := brought(ctx, tx, f, uids, to)
		if err != nil || len(states) == 0 {
			return err
		}
		if moved, err = move(ctx, tx, f, states, to); err != nil {
			return err
		}
		judged := slices.DeleteFunc(idsOf(states), func(id string) bool { return !news[id] })
		return rejudge(ctx, tx, judged, to)
	})
	if err != nil {
		return nil, fmt.Errorf("move: %w", err)
	}
	return moved, nil
}

// move gives messages of a folder UIDs in another one, in their order.
func move(ctx context.Context, tx *store.Tx, f Folder, states []State, to Folder) ([]Moved, error) {
	uid, modseq, err := takeUIDs(ctx, tx, to.ID, states)
	if err != nil {
		return nil, err
	}
	moved := make([]Moved, len(states))
	left := make([]uint32, len(states))
	for i, s := range states {
		moved[i] = Moved{From: s.UID, To: uid + uint32(i)}
		left[i] = s.UID
		if _, err := tx.Exec(ctx, `UPDATE mail_message SET folder = $1, uid = $2, modseq = $3 WHERE id = $4`, to.ID,
			moved[i].To, modseq, s.ID); err != nil {
			return nil, err
		}
	}
	gone, err := touch(ctx, tx, f.ID, -len(states), -unseen(states))
	if err != nil {
		return nil, err
	}
	return moved, remember(ctx, tx, f.ID, left, gone)
}

// takeUIDs takes one UID for each message and counts them in.
func takeUIDs(ctx context.Context, tx *store.Tx, folder string, states []State) (uid uint32, modseq int64, err error) {
	n := len(states)
	err = tx.QueryRow(ctx, `UPDATE mail_folder SET uid_next = uid_next + $1, modseq = modseq + 1, total = total + $1, unseen = unseen + $2
		WHERE id = $3 RETURNING uid_next - $1, modseq`, int64(n), unseen(states), folder).Scan(&uid, &modseq)
	return uid, modseq, store.Found(err)
}

func unseen(states []State) (n int) {
	for _, s := range states {
		n += count(!s.Flags.Seen)
	}
	return n
}

// brought reads the messages of a folder that a person brings to another one, and which of them he judges by that.
func brought(ctx context.Context, tx *store.Tx, f Folder, uids []uint32,
	to Folder) (states []State, news map[string]bool, err error) {
	if states, err = messageStates(ctx, tx, f.ID, uids); err != nil || len(states) == 0 {
		return nil, nil, err
	}
	news, err = unjudged(ctx, tx, f, states, to)
	return states, news, err
}

// unjudged tells which of a folder's messages a person judges by moving or copying them into Junk or out of it (not
// into Trash). A program without MOVE copies, and expunges later; some copy again when an answer was lost: a message
// whose copy was judged so in that mailbox is no news.
func unjudged(ctx context.Context, tx *store.Tx, f Folder, states []State, to Folder) (map[string]bool, error) {
	junk, news := to.Use == "Junk", map[string]bool{}
	if junk == (f.Use == "Junk") || to.Use == "Trash" {
		return news, nil
	}
	side := `NOT IN ('Junk', 'Trash')`
	if junk {
		side = `= 'Junk'`
	}
	for part := range slices.Chunk(idsOf(states), chunk) {
		list, args := in([]any{to.Mailbox, junk}, part)
		rows, err := tx.Query(ctx, `SELECT m.id FROM mail_message m WHERE m.id IN `+list+` AND NOT EXISTS (SELECT 1 FROM mail_message o
			JOIN mail_folder x ON x.id = o.folder WHERE o.blob = m.blob AND o.mailbox = $1 AND o.id <> m.id AND o.junk = $2 AND x.special_use `+side+`)`, args...)
		ids, err := store.Collect(rows, err, one[string])
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			news[id] = true
		}
	}
	return news, nil
}

// TrainJob is the kind of the job that lets the junk filter learn from a person's judgement: its payload is a Lesson.
const TrainJob = "mail.train"

// Lesson is a message that a person moved into Junk, or out of it.
type Lesson struct {
	Blob string `json:"blob"`
	Junk bool   `json:"junk"`
}

// rejudge marks messages that a person brought to a folder: the filter learns from them. What wasn't junk after all is
// told to the CRM like new mail.
func rejudge(ctx context.Context, tx *store.Tx, ids []string, to Folder) error {
	junk := to.Use == "Junk"
	for _, id := range ids {
		told := Intake{Message: id, Mailbox: to.Mailbox}
		if err := tx.QueryRow(ctx, `UPDATE mail_message SET junk = $1 WHERE id = $2 RETURNING blob`, junk,
			id).Scan(&told.Blob); err != nil {
			return err
		}
		if err := store.Enqueue(ctx, tx, TrainJob, Lesson{told.Blob, junk}, store.JobOptions{}); err != nil {
			return err
		}
		if junk {
			continue
		}
		if err := store.Enqueue(ctx, tx, IntakeJob, told, store.JobOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// moveAcross copies first: a crash between leaves the message twice rather than never.
func (b *Box) moveAcross(ctx context.Context, f Folder, uids []uint32, to Folder) ([]Moved, error) {
	copied, err := b.CopyUIDs(ctx, f, uids, to)
	if err != nil {
		return nil, err
	}
	left := make([]uint32, len(copied))
	for i, m := range copied {
		left[i] = m.From
	}
	err = b.change(ctx, f.Mailbox, func(tx *store.Tx) error { return remove(ctx, tx, f, left) })
	return copied, err
}

// CopyUIDs copies messages to a folder (maybe the same, maybe of another mailbox), all or none. ErrQuota.
func (b *Box) CopyUIDs(ctx context.Context, f Folder, uids []uint32, to Folder) (copied []Moved, err error) {
	threads, err := b.threadsFor(ctx, f, uids, to)
	if err != nil {
		return nil, err
	}
	err = b.change(ctx, to.Mailbox, func(tx *store.Tx) error {
		states, news, err := brought(ctx, tx, f, uids, to)
		if err != nil || len(states) == 0 {
			return err
		}
		var ids []string
		if copied, ids, err = copyAll(ctx, tx, states, to, threads); err != nil {
			return err
		}
		return judgeCopies(ctx, tx, states, ids, news, to)
	})
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	return copied, nil
}

// judgeCopies marks the copies, and the messages they were made of, which their program expunges next.
func judgeCopies(ctx context.Context, tx *store.Tx, states []State, ids []string, news map[string]bool,
	to Folder) error {
	var judged []string
	for i, s := range states {
		if !news[s.ID] {
			continue
		}
		judged = append(judged, ids[i])
		if _, err := tx.Exec(ctx, `UPDATE mail_message SET junk = $1 WHERE id = $2`, to.Use == "Junk",
			s.ID); err != nil {
			return err
		}
	}
	return rejudge(ctx, tx, judged, to)
}

func idsOf(states []State) []string {
	ids := make([]string, len(states))
	for i, s := range states {
		ids[i] = s.ID
	}
	return ids
}

func copyAll(ctx context.Context, tx *store.Tx, states []State, to Folder,
	parsed map[string]*mime.Message) (copied []Moved, ids []string, err error) {
	uid, modseq, err := takeUIDs(ctx, tx, to.ID, states)
	if err != nil {
		return nil, nil, err
	}
	var size int64
	for i, s := range states {
		id := store.NewID()
		n, err := copyOne(ctx, tx, s, id, to, uid+uint32(i), modseq, parsed[s.ID])
		if err != nil {
			return nil, nil, err
		}
		copied, ids = append(copied, Moved{From: s.UID, To: uid + uint32(i)}), append(ids, id)
		size += n
	}
	return copied, ids, reserve(ctx, tx, to.Mailbox, size)
}

// copyOne copies a row under another id. parsed is set where the copy is in another mailbox and has to join a thread
// there.
func copyOne(ctx context.Context, tx *store.Tx, s State, id string, to Folder, uid uint32, modseq int64,
	parsed *mime.Message) (size int64, err error) {
	thread := ""
	if err = tx.QueryRow(ctx, `SELECT thread, size FROM mail_message WHERE id = $1`, s.ID).Scan(&thread,
		&size); err != nil {
		return 0, store.Found(err)
	}
	if parsed != nil {
		threads, members, err := conversation.Join(ctx, tx, []conversation.Mail{{Mailbox: to.Mailbox, Parsed: parsed}})
		if err != nil {
			return 0, err
		}
		if err := tx.ExecAll(ctx, members); err != nil {
			return 0, err
		}
		thread = threads[0]
	}
	const rest = `blob, size, received_at, sent_at, message_id, from_name, from_address, to_list, cc_list, subject, snippet, search, seen, flagged, answered,
		draft, deleted, keywords, outgoing, auto, attachments, junk, verdict, envelope_from, envelope_to, helo, remote_ip, files`
	_, err = tx.Exec(ctx, `INSERT INTO mail_message (id, mailbox, folder, uid, modseq, thread, `+rest+`)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS TEXT), `+rest+` FROM mail_message WHERE id = $7`,
		id, to.Mailbox, to.ID, int64(uid), modseq, thread, s.ID)
	return size, err
}

// threadsFor parses the messages that go to another mailbox, by id; nil within one.
func (b *Box) threadsFor(ctx context.Context, f Folder, uids []uint32, to Folder) (map[string]*mime.Message, error) {
	if f.Mailbox == to.Mailbox {
		return nil, nil
	}
	list, err := b.Stored(ctx, f.ID, uids)
	if err != nil {
		return nil, err
	}
	parsed := map[string]*mime.Message{}
	for _, s := range list {
		if parsed[s.ID], err = b.Parse(ctx, s.Blob); err != nil {
			return nil, err
		}
	}
	return parsed, nil
}

// location of a message that a user may touch.
type location struct {
	id, folder string
	uid        uint32
}

// owned finds messages of mailboxes the user is on, by folder. ErrNotFound when one is missing or not the user's.
func (b *Box) owned(ctx context.Context, user string, ids []string) (map[string][]uint32, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	byFolder, n := map[string][]uint32{}, 0
	for part := range slices.Chunk(ids, chunk) {
		list, args := in([]any{user}, part)
		rows, err := b.db.Query(ctx, `SELECT m.id, m.folder, m.uid FROM mail_message m JOIN mailbox_user u ON u.mailbox = m.mailbox AND u.user_id = $1 WHERE m.id IN `+list, args...)
		found, err := store.Collect(rows, err, func(row store.Row) (l location, err error) {
			err = row.Scan(&l.id, &l.folder, &l.uid)
			return l, err
		})
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			byFolder[l.folder] = append(byFolder[l.folder], l.uid)
			n++
		}
	}
	if n != len(ids) {
		return nil, ErrNotFound
	}
	return byFolder, nil
}

// each calls fn for every folder that holds some of the user's messages.
func (b *Box) each(ctx context.Context, user string, ids []string, fn func(f Folder, uids []uint32) error) error {
	byFolder, err := b.owned(ctx, user, ids)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(byFolder)) {
		f, err := b.FolderByID(ctx, id)
		if err != nil {
			return err
		}
		if err := fn(f, byFolder[id]); err != nil {
			return err
		}
	}
	return nil
}

// MarkSeen marks messages of the user's mailboxes as read or unread. ErrNotFound, also for what isn't the user's.
func (b *Box) MarkSeen(ctx context.Context, user string, ids []string, seen bool) error {
	return b.setFlags(ctx, user, ids, seen, Flags{Seen: true})
}

// Flag stars messages of the user's mailboxes, or not. ErrNotFound.
func (b *Box) Flag(ctx context.Context, user string, ids []string, flagged bool) error {
	return b.setFlags(ctx, user, ids, flagged, Flags{Flagged: true})
}

func (b *Box) setFlags(ctx context.Context, user string, ids []string, on bool, flags Flags) error {
	op := RemoveFlags
	if on {
		op = AddFlags
	}
	return b.each(ctx, user, ids, func(f Folder, uids []uint32) error {
		_, err := b.ChangeFlags(ctx, f, uids, op, flags)
		return err
	})
}

// Move moves messages of the user's mailboxes into a folder of one of them. ErrNotFound.
func (b *Box) Move(ctx context.Context, user string, ids []string, folderID string) error {
	to, err := b.folderOf(ctx, user, folderID)
	if err != nil {
		return err
	}
	return b.each(ctx, user, ids, func(f Folder, uids []uint32) error {
		_, err := b.MoveUIDs(ctx, f, uids, to)
		return err
	})
}

// Delete moves messages of the user's mailboxes to Trash; those in Trash already are removed for good.
func (b *Box) Delete(ctx context.Context, user string, ids []string) error {
	return b.each(ctx, user, ids, func(f Folder, uids []uint32) error {
		if f.Use == "Trash" {
			return b.change(ctx, f.Mailbox, func(tx *store.Tx) error { return remove(ctx, tx, f, uids) })
		}
		trash, err := b.Folder(ctx, f.Mailbox, "Trash")
		if err != nil {
			return err
		}
		_, err = b.MoveUIDs(ctx, f, uids, trash)
		return err
	})
}
