package mail

import (
	"slices"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A program without MOVE takes mail out of Junk, and puts it there, with COPY and EXPUNGE: the filter learns and the
// CRM hears of it, once, as with MOVE.
func TestJunkByCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		want := func(what string, jobs int, lessons ...string) {
			t.Helper()
			if learned := o.lessons(); o.jobs() != jobs || !slices.Equal(learned, lessons) {
				t.Errorf("%s: %d jobs, learned %v; want %d, %v", what, o.jobs(), learned, jobs, lessons)
			}
		}
		copied := func(from Folder, uid uint32, to Folder) uint32 {
			t.Helper()
			moved, err := o.CopyUIDs(t.Context(), from, []uint32{uid}, to)
			if err != nil || len(moved) != 1 {
				t.Fatalf("%+v %v", moved, err)
			}
			return moved[0].To
		}
		inbox, junk, archive, trash := o.folder(o.ana, Inbox), o.folder(o.ana, "Junk"), o.folder(o.ana, "Archive"),
			o.folder(o.ana, "Trash")
		ref := o.receive(hello, Verdict{Junk: true}, o.ana)[0]
		copied(junk, ref.UID, trash)
		want("thrown away", 0)
		uid := copied(junk, ref.UID, inbox)
		want("out of Junk", 1, "false")
		copied(junk, ref.UID, inbox)
		copied(junk, ref.UID, archive)
		want("again, as after a lost answer", 1)
		if _, err := o.MoveUIDs(t.Context(), junk, []uint32{ref.UID}, archive); err != nil {
			t.Fatal(err)
		}
		want("and moved, too", 1)
		uid = copied(inbox, uid, junk)
		want("into Junk after all", 1, "true")
		copied(archive, o.uidIn(archive), junk)
		want("its copy, too", 1)
		if _, err := o.MoveUIDs(t.Context(), junk, []uint32{uid}, o.folder(o.support, Inbox)); err != nil {
			t.Fatal(err)
		}
		want("out of Junk into a shared mailbox", 2, "false")
	})
}

// uidIn is the first UID of a folder.
func (o *office) uidIn(f Folder) uint32 {
	o.t.Helper()
	all, err := allUIDs(o.t.Context(), o.db, f.ID)
	if err != nil || len(all) == 0 {
		o.t.Fatal(all, err)
	}
	return all[0]
}
