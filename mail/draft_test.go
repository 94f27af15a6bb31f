package mail

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail/letter"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

const mostDraft = 1 << 20

func (o *office) save(s DraftSave) SavedDraft {
	o.t.Helper()
	saved, err := o.SaveDraft(o.t.Context(), "u-ana", s, mostDraft)
	if err != nil {
		o.t.Fatal(err)
	}
	return saved
}

// again is a save of what was read, with the changes a test makes to it.
func again(s SavedDraft) DraftSave {
	save := DraftSave{Draft: s.Draft, ID: s.ID, Version: s.Version}
	for _, f := range s.Stored {
		save.Keep = append(save.Keep, f.Key)
	}
	return save
}

func TestDraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		asked := o.receive(hello, Verdict{}, o.ana)[0]
		jobs := o.jobs()
		first := o.save(DraftSave{Draft: Draft{From: "ana@acme.example", To: []string{"client@else.example", "half"},
			Bcc:     []string{`"Pop, Ion" <ion@else.example>`},
			Subject: "Ofertă", Text: "Bună ziua,\n\n", Reply: asked.ID,
			Files: []letter.File{{Name: "a.txt", Type: "text/plain", Data: []byte("A")},
				{Name: "b.bin", Type: "application/octet-stream", Data: []byte("\x00\r\n.\xff")}}}})
		read, err := o.Draft(t.Context(), "u-ana", first.ID)
		if err != nil || read.Text != "Bună ziua,\n" || read.Subject != "Ofertă" || read.Reply != asked.ID ||
			!slices.Equal(read.To, []string{"client@else.example", "half"}) ||
			!slices.Equal(read.Bcc, []string{`"Pop, Ion" <ion@else.example>`}) || len(read.Stored) != 2 ||
			read.Stored[1].Size != 5 || read.Formatted {
			t.Fatalf("read %+v %v", read, err)
		}
		change := again(read)
		change.Text, change.Keep = "Bună ziua, iată oferta.", change.Keep[1:]
		second := o.save(change)
		if second.ID != first.ID || second.Version == first.Version || len(second.Stored) != 1 ||
			second.Stored[0].Name != "b.bin" || second.Thread != first.Thread {
			t.Errorf("saved again %+v after %+v", second, first)
		}
		f := o.folder(o.ana, "Drafts")
		_, states, err := o.Snapshot(t.Context(), f.ID)
		if err != nil || f.Total != 1 || f.Unseen != 0 || len(states) != 1 || !states[0].Flags.Draft ||
			!states[0].Flags.Seen {
			t.Errorf("the folder %+v, %+v %v", f, states, err)
		}
		if summary, _, _, err := o.summary(t.Context(), "u-ana", first.ID); err != nil || !summary.Draft {
			t.Errorf("listed as %+v %v", summary, err)
		}
		if o.jobs() != jobs {
			t.Error("the CRM was told of a draft")
		}
	})
}

// Two tabs have read one draft: who saves last is told, and nothing of the other is lost.
func TestDraftOfTwoTabs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		first := o.save(DraftSave{Draft: Draft{From: "ana@acme.example", Text: "one",
			Files: []letter.File{{Name: "a.txt", Type: "text/plain", Data: []byte("A")}}}})
		one, other := again(first), again(first)
		one.Text, other.Text = "one and more", "the other"
		kept := o.save(one)
		if _, err := o.SaveDraft(t.Context(), "u-ana", other, mostDraft); !errors.Is(err, ErrChanged) {
			t.Errorf("saved over another's: %v", err)
		}
		if _, err := o.ReadyDraft(t.Context(), "u-ana", first.ID, first.Version); !errors.Is(err, ErrChanged) {
			t.Errorf("sent what another tab changed: %v", err)
		}
		other.Source, other.ID = other.ID, ""
		apart := o.save(other)
		if read, err := o.Draft(t.Context(), "u-ana", kept.ID); err != nil || read.Text != "one and more" ||
			apart.ID == kept.ID || len(apart.Stored) != 1 {
			t.Errorf("%+v and %+v, %v", read, apart, err)
		}
		if err := o.Delete(t.Context(), "u-ana", []string{kept.ID}); err != nil {
			t.Fatal(err)
		}
		gone := again(kept)
		if _, err := o.SaveDraft(t.Context(), "u-ana", gone, mostDraft); !errors.Is(err, ErrChanged) {
			t.Errorf("saved what was put into Trash: %v", err)
		}
		if err := o.Delete(t.Context(), "u-ana", []string{kept.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SaveDraft(t.Context(), "u-ana", gone, mostDraft); !errors.Is(err, ErrNotFound) {
			t.Errorf("saved what is gone: %v", err)
		}
	})
}

// A draft may change its sender, to a mailbox shared with others; strangers see none, and received mail is none.
func TestDraftMovesWithItsSender(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		change := again(o.save(DraftSave{Draft: Draft{From: "ana@acme.example", Text: "x"}}))
		if _, err := o.Draft(t.Context(), "u-ion", change.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a stranger reads it: %v", err)
		}
		change.From = "support@acme.example"
		moved := o.save(change)
		if o.folder(o.ana, "Drafts").Total != 0 || o.folder(o.support, "Drafts").Total != 1 ||
			moved.Mailbox != o.support.ID {
			t.Errorf("moved %+v", moved)
		}
		if _, err := o.Draft(t.Context(), "u-ion", moved.ID); err != nil {
			t.Error(err)
		}
		change = again(moved)
		change.From = "boss@acme.example"
		if _, err := o.SaveDraft(t.Context(), "u-ana", change, mostDraft); !errors.Is(err, ErrNotOurs) {
			t.Errorf("a draft as somebody else: %v", err)
		}
		change.From, change.Text = moved.From, strings.Repeat("x", mostDraft)
		if _, err := o.SaveDraft(t.Context(), "u-ana", change, mostDraft); !errors.Is(err, ErrTooBig) {
			t.Errorf("a draft too big: %v", err)
		}
		received := o.receive(hello, Verdict{}, o.ana)[0]
		if _, err := o.Draft(t.Context(), "u-ana", received.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("received mail as a draft: %v", err)
		}
	})
}

// A save that fails leaves the version before.
func TestDraftBeyondTheQuota(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		first := o.save(DraftSave{Draft: Draft{From: "ana@acme.example", Text: "x"}})
		o.ana.Quota = 20_000
		if err := o.UpdateMailbox(t.Context(), o.ana); err != nil {
			t.Fatal(err)
		}
		change := again(first)
		change.Text = strings.Repeat("x", 30_000)
		if _, err := o.SaveDraft(t.Context(), "u-ana", change, mostDraft); !errors.Is(err, ErrQuota) {
			t.Errorf("beyond the quota: %v", err)
		}
		change.Text = strings.Repeat("x", 15_000)
		change = again(o.save(change))
		change.Text = strings.Repeat("y", 15_000) // in place of those before
		o.save(change)
	})
}
