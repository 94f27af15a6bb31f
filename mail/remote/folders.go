package remote

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
	"frontdesk/store"
)

// maxFolders of an account, against a server gone wild.
const maxFolders = 500

// list reads which folders there are, and makes those here that mirror them.
func (c *session) list(ctx context.Context) error {
	found, err := c.client.List("", "*", nil).Collect()
	if err != nil {
		return err
	}
	known, err := c.Accounts.folders(ctx, c.account.ID)
	if err != nil {
		return err
	}
	uses := map[string]bool{}
	for _, f := range known {
		uses[f.Use] = true
	}
	for _, d := range found[:min(len(found), maxFolders)] {
		at := slices.IndexFunc(known, func(f RemoteFolder) bool { return f.Name == d.Mailbox })
		if at >= 0 || slices.Contains(d.Attrs, imap.MailboxAttrNoSelect) ||
			slices.Contains(d.Attrs, imap.MailboxAttrNonExistent) || !store.IsText(d.Mailbox) {
			continue
		}
		f := RemoteFolder{ID: store.NewID(), account: c.account.ID, Name: d.Mailbox, Use: useOf(d)}
		if f.Use != "" && uses[f.Use] {
			f.Use = ""
		}
		uses[f.Use] = true
		f.Chosen = f.Use == useInbox || f.Use == "Sent"
		if _, err := c.db.Exec(ctx, `INSERT INTO mail_remote_folder (id, account, name, special_use, chosen, local, validity, next, modseq, total, filled)
			VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0, 0, $6) ON CONFLICT DO NOTHING`, f.ID, f.account, f.Name, f.Use, f.Chosen, false); err != nil {
			return err
		}
		known = append(known, f)
	}
	there := func(f RemoteFolder) bool {
		return slices.ContainsFunc(found, func(d *imap.ListData) bool { return d.Mailbox == f.Name })
	}
	c.folders = slices.DeleteFunc(known, func(f RemoteFolder) bool { return !there(f) })
	for i := range c.folders {
		if err := c.mirror(ctx, &c.folders[i], delimiter(found)); err != nil {
			return err
		}
	}
	return nil
}

func delimiter(list []*imap.ListData) string {
	for _, d := range list {
		if d.Delim != 0 {
			return string(d.Delim)
		}
	}
	return "/"
}

// useOf is a folder's use, as the server says (RFC 6154) or as its name does.
func useOf(d *imap.ListData) string {
	if strings.EqualFold(d.Mailbox, "INBOX") {
		return useInbox
	}
	for attr, use := range map[imap.MailboxAttr]string{imap.MailboxAttrSent: "Sent", imap.MailboxAttrDrafts: "Drafts",
		imap.MailboxAttrJunk:  "Junk",
		imap.MailboxAttrTrash: "Trash", imap.MailboxAttrArchive: "Archive", imap.MailboxAttrAll: "All"} {
		if slices.Contains(d.Attrs, attr) {
			return use
		}
	}
	for name, use := range map[string]string{"sent": "Sent", "sent items": "Sent", "sent messages": "Sent",
		"drafts": "Drafts", "junk": "Junk", "spam": "Junk",
		"junk e-mail": "Junk", "trash": "Trash", "deleted items": "Trash", "deleted messages": "Trash",
		"archive": "Archive"} {
		if strings.EqualFold(strings.TrimPrefix(d.Mailbox, "INBOX"+string(d.Delim)), name) {
			return use
		}
	}
	return ""
}

// mirror finds or makes the folder here: a standard one by its use, another by its name once it is chosen.
func (c *session) mirror(ctx context.Context, f *RemoteFolder, delim string) error {
	if f.local != "" {
		return c.lost(ctx, f)
	}
	name := map[string]string{useInbox: mail.Inbox, "All": ""}[f.Use]
	switch {
	case f.Use == "All" && !f.Chosen:
		return nil
	case f.Use != "" && f.Use != useInbox && f.Use != "All":
		name = f.Use
	case name == "" && !f.Chosen:
		return nil
	case name == "":
		name = f.Name
		if delim != "/" {
			name = strings.ReplaceAll(strings.ReplaceAll(name, "/", "_"), delim, "/")
		}
	}
	at, err := c.box.Folder(ctx, c.account.Mailbox, name)
	if errors.Is(err, mail.ErrNotFound) {
		at, err = c.box.CreateFolder(ctx, c.account.Mailbox, name)
	}
	if errors.Is(err, mail.ErrInvalid) {
		c.log.Warn("a folder elsewhere has a name that can't be one here", "account", c.account.ID, "folder", f.Name)
		f.Chosen = false
		return f.saw(ctx, c.db)
	}
	if err != nil {
		return err
	}
	f.local = at.ID
	return f.saw(ctx, c.db)
}

// lost ends the mirroring of a folder that was removed here: there it stays with all that is in it.
func (c *session) lost(ctx context.Context, f *RemoteFolder) error {
	_, err := c.box.FolderByID(ctx, f.local)
	if !errors.Is(err, mail.ErrNotFound) {
		return err
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		f.local, f.Chosen, f.next, f.filled = "", false, 0, false
		if _, err := tx.Exec(ctx, `DELETE FROM mail_remote_message WHERE folder = $1`, f.ID); err != nil {
			return err
		}
		return f.saw(ctx, tx)
	})
}
