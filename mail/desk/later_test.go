package desk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// later runs the office's jobs.
func (o *office) later() {
	o.t.Helper()
	jobs := store.NewJobs(o.db, store.JobsConfig{}, o.log)
	o.Handle(jobs)
	o.queue.Handle(jobs)
	done := make(chan struct{})
	ctx, stop := context.WithCancel(context.WithoutCancel(o.t.Context()))
	go func() { defer close(done); jobs.Run(ctx) }()
	o.t.Cleanup(func() { stop(); <-done })
}

func (o *office) draft(d mail.Draft) mail.SavedDraft {
	o.t.Helper()
	d.From = o.ana.Address
	saved, err := o.box.SaveDraft(o.t.Context(), "u-ana", mail.DraftSave{Draft: d}, 1<<20)
	must(o.t, err)
	return saved
}

func (o *office) scheduled(user string) []Scheduled {
	o.t.Helper()
	list, err := o.Scheduled(o.t.Context(), user)
	must(o.t, err)
	return list
}

// until waits for what a job does.
func (o *office) until(what string, is func() bool) {
	o.t.Helper()
	testwait.Until(o.t, what, is)
}

// A mail goes out when its time has come, whoever looks; until then its writer takes it back, and nobody else does.
func TestMailsGoOutLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{})
		to := []string{"c@else.example"}
		now, back, far := o.draft(mail.Draft{To: to, Subject: "now"}), o.draft(mail.Draft{To: to, Subject: "back"}),
			o.draft(mail.Draft{To: to, Subject: "far"})
		tomorrow := time.Now().Add(24 * time.Hour)
		for _, s := range []struct {
			draft mail.SavedDraft
			Sending
		}{{now, Sending{}}, {back, Sending{Undo: time.Minute}}, {far, Sending{At: tomorrow}}} {
			_, err := o.Send(t.Context(), "u-ana", s.draft.ID, s.draft.Version, s.Sending)
			must(t, err)
		}
		for _, bad := range []Sending{{At: time.Now().Add(-time.Hour)}, {At: time.Now().Add(2 * furthest)},
			{Remind: time.Now().Add(-time.Hour)}} {
			if _, err := o.Send(t.Context(), "u-ana", far.ID, far.Version, bad); !errors.Is(err, ErrTime) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := o.Send(t.Context(), "u-ion", far.ID, far.Version, Sending{}); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("sent by a stranger: %v", err)
		}
		if err := o.TakeBack(t.Context(), "u-ion", back.ID); !errors.Is(err, ErrGone) {
			t.Errorf("taken back by a stranger: %v", err)
		}
		must(t, o.TakeBack(t.Context(), "u-ana", back.ID))
		o.later()
		o.until("the first is sent", func() bool { return slices.Equal(o.in(o.ana, "Sent"), []string{"now"}) })
		if list := o.scheduled("u-ana"); len(list) != 1 || list[0].Subject != "far" || list[0].Undo ||
			list[0].At.Sub(tomorrow).Abs() > time.Millisecond ||
			len(o.scheduled("u-ion")) != 0 {
			t.Errorf("scheduled %+v", list)
		}
		if err := o.TakeBack(t.Context(), "u-ana", now.ID); !errors.Is(err, ErrGone) {
			t.Errorf("taken back what is sent: %v", err)
		}
		if drafts := o.in(o.ana, "Drafts"); !slices.Equal(drafts, []string{"back", "far"}) {
			t.Errorf("drafts %v", drafts)
		}
	})
}

// What was changed since, or can't be sent, waits for its writer and says why.
func TestWhatCannotGoOutWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{})
		to := []string{"c@else.example"}
		d, gone := o.draft(mail.Draft{To: to, Subject: "a"}), o.draft(mail.Draft{To: to, Subject: "b"})
		for _, draft := range []mail.SavedDraft{d, gone} {
			_, err := o.Send(t.Context(), "u-ana", draft.ID, draft.Version,
				Sending{At: time.Now().Add(2 * time.Second)})
			must(t, err)
		}
		d.Subject = "changed"
		changed, err := o.box.SaveDraft(t.Context(), "u-ana", mail.DraftSave{Draft: d.Draft, ID: d.ID,
			Version: d.Version}, 1<<20)
		must(t, err)
		must(t, o.box.Delete(t.Context(), "u-ana", []string{gone.ID}))
		o.later()
		o.until("the writer is told", func() bool {
			list := o.scheduled("u-ana")
			return len(list) == 1 && list[0].Problem == "changed" && list[0].Draft == d.ID
		})
		if sent := o.in(o.ana, "Sent"); len(sent) != 0 {
			t.Errorf("sent %v", sent)
		}
		_, err = o.Send(t.Context(), "u-ana", changed.ID, changed.Version, Sending{})
		must(t, err)
		o.until("it is sent", func() bool {
			return slices.Equal(o.in(o.ana, "Sent"), []string{"changed"}) && len(o.scheduled("u-ana")) == 0
		})
		half := o.draft(mail.Draft{To: []string{"half"}})
		if _, err := o.Send(t.Context(), "u-ana", half.ID, half.Version, Sending{Undo: time.Second}); !errors.Is(err,
			letter.ErrRecipients) {
			t.Errorf("for nobody: %v", err)
		}
	})
}

// A conversation that was put off is out of the inbox, and comes back unread.
func TestSnooze(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{})
		m := o.receive(o.ana, "From: c@else.example\nSubject: a\n\nx\n")
		must(t, o.box.MarkSeen(t.Context(), "u-ana", []string{m.ID}, true))
		list := []ThreadRef{{m.Thread, o.ana.ID}}
		if were, err := o.Snooze(t.Context(), "u-ion", list, time.Now().Add(time.Hour)); err != nil || len(were) != 0 {
			t.Errorf("a stranger: %v, %v", were, err)
		}
		if _, err := o.Snooze(t.Context(), "u-ana", list, time.Now().Add(-time.Hour)); !errors.Is(err, ErrTime) {
			t.Errorf("until yesterday: %v", err)
		}
		were, err := o.Snooze(t.Context(), "u-ana", list, time.Now().Add(time.Hour))
		if err != nil || len(were) != 1 || len(o.in(o.ana, mail.Inbox)) != 0 || !slices.Equal(o.in(o.ana,
			SnoozedFolder), []string{"a"}) {
			t.Fatalf("put off %v, %v", were, err)
		}
		until := time.Now().Add(time.Second)
		_, err = o.Snooze(t.Context(), "u-ana", list, until)
		must(t, err)
		o.later()
		o.until("it is back", func() bool { return slices.Equal(o.in(o.ana, mail.Inbox), []string{"a"}) })
		if back, err := o.box.Message(t.Context(), "u-ana", m.ID, false); err != nil || back.Seen ||
			time.Now().Before(until) {
			t.Errorf("back as %+v, %v", back.Summary, err)
		}
	})
}

// Who waits for an answer is told in the conversation when there is none; an answer of a machine is none.
func TestReminders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{Language: func(context.Context, string) string { return "ro" }})
		due := time.Now().Add(time.Hour)
		for _, subject := range []string{"silent", "answered"} {
			d := o.draft(mail.Draft{To: []string{"C <c@else.example>"}, Subject: subject})
			_, err := o.Send(t.Context(), "u-ana", d.ID, d.Version, Sending{Remind: due})
			must(t, err)
		}
		o.later()
		o.until("both are sent", func() bool { return len(o.in(o.ana, "Sent")) == 2 })
		sent, err := o.box.Messages(t.Context(), "u-ana", mail.Listing{Folder: o.folder("Sent")})
		must(t, err)
		ids := map[string]string{}
		for _, m := range sent.Items {
			ids[m.Subject] = m.MessageID
		}
		o.receive(o.ana, "From: c@else.example\nSubject: Re: answered\nIn-Reply-To: <"+ids["answered"]+">\n\nyes\n")
		o.receive(o.ana,
			"From: c@else.example\nSubject: away\nAuto-Submitted: auto-replied\n"+
				"In-Reply-To: <"+ids["silent"]+">\n\naway\n")
		for _, m := range sent.Items { // the hour is over
			payload, err := json.Marshal(reminding{m.ID, store.Micros(due)})
			must(t, err)
			for range 2 {
				must(t, o.remind(t.Context(), store.Job{Payload: payload}))
			}
		}
		o.until("a notice", func() bool { return slices.Contains(o.in(o.ana, mail.Inbox), "Fără răspuns: silent") })
		var left int
		must(t, db.QueryRow(t.Context(), "SELECT count(*) FROM mail_reminder").Scan(&left))
		if inbox := o.in(o.ana, mail.Inbox); left != 0 || slices.Contains(inbox, "Fără răspuns: answered") {
			t.Errorf("inbox %v, %d reminders", inbox, left)
		}
		found, err := o.box.Messages(t.Context(), "u-ana", mail.Listing{Query: "subject:silent"})
		must(t, err)
		for _, m := range found.Items {
			if m.Thread != found.Items[0].Thread {
				t.Errorf("not in one conversation: %+v", found.Items)
			}
		}
	})
}

func (o *office) folder(name string) string {
	o.t.Helper()
	f, err := o.box.Folder(o.t.Context(), o.ana.ID, name)
	must(o.t, err)
	return f.ID
}
