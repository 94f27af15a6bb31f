package mail

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestFlagsMoveAndTraining(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		changed := 0
		o.config.Changed = func(string) { changed++ }
		notified, stop := o.Watch(o.ana.ID)
		defer stop()
		ref := o.receive(hello, Verdict{Junk: true}, o.ana)[0]
		<-notified
		steps := []error{
			o.Move(t.Context(), "u-ana", []string{ref.ID}, o.folder(o.ana, Inbox).ID),
			o.MarkSeen(t.Context(), "u-ana", []string{ref.ID}, true),
			o.Flag(t.Context(), "u-ana", []string{ref.ID}, true),
			o.Move(t.Context(), "u-ana", []string{ref.ID}, o.folder(o.support, Inbox).ID),
		}
		if err := errors.Join(steps...); err != nil {
			t.Fatal(err)
		}
		if trained := o.lessons(); !slices.Equal(trained, []string{"false"}) || o.jobs() != 1 || changed < 5 {
			t.Errorf("trained %v, %d jobs, %d changes", trained, o.jobs(), changed)
		}
		if f := o.folder(o.ana, Inbox); f.Total != 0 || f.Unseen != 0 {
			t.Errorf("left behind: %+v", f)
		}
		page, err := o.Messages(t.Context(), "u-ion", Listing{Folder: o.folder(o.support, Inbox).ID})
		if err != nil || len(page.Items) != 1 || !page.Items[0].Seen || !page.Items[0].Flagged {
			t.Fatalf("%+v %v", page, err)
		}
		if err := o.Move(t.Context(), "u-ion", []string{page.Items[0].ID}, o.folder(o.ana, Inbox).ID); !errors.Is(err,
			ErrNotFound) {
			t.Errorf("moved into another's mailbox: %v", err)
		}
		for range 2 { // to Trash, then for good
			if err := o.Delete(t.Context(), "u-ion", []string{page.Items[0].ID}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.Raw(t.Context(), page.Items[0].ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("deleted twice, still there: %v", err)
		}
	})
}

// A mail that was moved before the CRM looked is found where it went, also when a client copied and expunged it.
func TestArrivalOfWhatMovedOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		told := func() (in Intake) {
			t.Helper()
			var payload []byte
			if err := db.QueryRow(t.Context(), `SELECT payload FROM job WHERE kind = $1 ORDER BY id DESC LIMIT 1`,
				IntakeJob).Scan(&payload); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(payload, &in); err != nil {
				t.Fatal(err)
			}
			return in
		}
		expunge := func(f Folder, uid uint32) {
			t.Helper()
			if _, err := o.ChangeFlags(t.Context(), f, []uint32{uid}, AddFlags, Flags{Deleted: true}); err != nil {
				t.Fatal(err)
			}
			if gone, err := o.Expunge(t.Context(), f, nil); err != nil || len(gone) != 1 {
				t.Fatalf("expunged %v, %v", gone, err)
			}
		}
		inbox, archive := o.folder(o.ana, Inbox), o.folder(o.ana, "Archive")
		for name, to := range map[string]Folder{"in the mailbox": archive, "to another": o.folder(o.support, Inbox)} {
			ref := o.receive(hello, Verdict{}, o.ana)[0]
			in := told()
			if _, err := o.CopyUIDs(t.Context(), inbox, []uint32{ref.UID}, to); err != nil {
				t.Fatal(err)
			}
			expunge(inbox, ref.UID)
			a, err := o.arrivalOf(in)
			if err != nil || a.ID == ref.ID || a.Folder != to.ID || a.Mailbox != to.Mailbox || a.MessageID != "1@else" {
				t.Errorf("%s: %+v, %v", name, a, err)
			}
			if err := o.Delete(t.Context(), "u-ana", []string{a.ID}); err != nil {
				t.Fatal(err)
			}
			if err := o.Delete(t.Context(), "u-ana", []string{o.onlyOf(to.Mailbox, "Trash")}); err != nil {
				t.Fatal(err)
			}
			if _, err := o.arrivalOf(in); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s, deleted for good: %v", name, err)
			}
		}
	})
}

// onlyOf is the id of the one message in a folder.
func (o *office) onlyOf(mailbox, folder string) (id string) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT m.id FROM mail_message m JOIN mail_folder f ON f.id = m.folder WHERE f.mailbox = $1 AND f.name = $2`, mailbox, folder).Scan(&id); err != nil {
		o.t.Fatal(err)
	}
	return id
}

func TestFolders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.receive(hello, Verdict{}, o.ana)
		do := func(want error, err error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		ctx, id := t.Context(), o.ana.ID
		for _, name := range []string{"Clienți", "Clienți/Țiriac", "Clienți/Țiriac/2026"} {
			_, err := o.CreateFolder(ctx, id, name)
			do(nil, err)
		}
		for name, want := range map[string]error{"inbox": ErrExists, "a//b": ErrInvalid, "a%": ErrInvalid,
			"": ErrInvalid, "Sent": ErrExists} {
			_, err := o.CreateFolder(ctx, id, name)
			do(want, err)
		}
		do(nil, o.RenameFolder(ctx, id, "Clienți", "Klienten"))
		do(ErrSpecial, o.RenameFolder(ctx, id, "Junk", "Spam"))
		do(ErrSpecial, o.DeleteFolder(ctx, id, "INBOX"))
		do(nil, o.RenameFolder(ctx, id, "INBOX", "Old"))
		if f := o.folder(o.ana, "Klienten/Țiriac/2026"); f.ID == "" {
			t.Error("children did not move")
		}
		if in, old := o.folder(o.ana, Inbox), o.folder(o.ana, "Old"); in.Total != 0 || old.Total != 1 ||
			old.Validity <= in.Validity {
			t.Errorf("%+v %+v", in, old)
		}
		do(nil, o.DeleteFolder(ctx, id, "Old"))
		do(ErrNotFound, o.DeleteFolder(ctx, id, "Old"))
		again, err := o.CreateFolder(ctx, id, "Old")
		do(nil, err)
		if again.Validity <= o.folder(o.ana, Inbox).Validity+1 {
			t.Error("UIDVALIDITY was used again")
		}
		o.receive(hello, Verdict{}, o.ana, o.support)
		do(nil, o.DeleteMailbox(ctx, id))
		if f := o.folder(o.support, Inbox); f.Total != 1 {
			t.Error("another mailbox lost mail")
		}
	})
}
