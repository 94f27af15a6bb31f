package mail

import "context"

// TakeRecent takes the messages of a folder that no IMAP session was told of yet: the UIDs from first up to, and
// without, next. What one session takes no other gets.
func (b *Box) TakeRecent(ctx context.Context, folderID string) (first, next uint32, err error) {
	f, err := b.FolderByID(ctx, folderID)
	if err != nil || f.Recent >= f.Next {
		return f.Next, f.Next, err
	}
	taken, err := b.db.Exec(ctx, `UPDATE mail_folder SET recent = $1 WHERE id = $2 AND recent = $3`, int64(f.Next),
		folderID, int64(f.Recent))
	if err != nil {
		return 0, 0, err
	}
	if n, err := taken.RowsAffected(); n == 0 || err != nil { // another session was quicker
		return f.Next, f.Next, err
	}
	return f.Recent, f.Next, nil
}

// CountRecent counts the messages that no session was told of yet.
func (b *Box) CountRecent(ctx context.Context, f Folder) (n int, err error) {
	err = b.db.QueryRow(ctx, `SELECT count(*) FROM mail_message WHERE folder = $1 AND uid >= $2`, f.ID,
		int64(f.Recent)).Scan(&n)
	return n, err
}
